"""What is shown beside findings when asked for: a lawful wording the tool has tried, and labelled examples nearby.

Both cost time and neither takes part in the verdict, so they are worked out only for what is about to be shown.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

from engine.standards import Standards
from reviewers.reports import Screened

if TYPE_CHECKING:
    from engine.screening.examples import Near
    from engine.screening.patches import Patch
    from engine.screening.rules import RulePack

MOST_WORDS = 120
EXAMPLE_NAMES = {True: "示例（违规）", False: "示例（合规）"}
CHECK_AGAIN = "改后已重新筛查、不再须处理，是否妥当由人判断。"


def aided(
    screened: Screened,
    standards: Standards,
    as_of: date,
    patches: bool = False,
    examples: bool = False,
    rules: RulePack | None = None,
) -> Screened:
    """The same with the patches or examples that are wanted; the document must be screened by these standards."""
    if patches:
        from engine.screening.patches import Bench
        from engine.screening.patches import patches as patches_of

        bench = Bench(screened.document, screened.screening, standards, as_of, rules)
        screened = replace(screened, patches=patches_of(bench))
    if examples:
        from engine.screening.examples import load_examples

        known = load_examples()
        screened = replace(screened, examples=tuple(known.near(finding) for finding in screened.screening.findings))
    return screened


def aid_lines(screened: Screened, place: int) -> Iterator[tuple[str, str]]:
    """What stands beside the finding at this place, as names and Chinese sentences."""
    if place < len(screened.patches) and (patch := screened.patches[place]):
        yield patch_name(patch), f"{patch.sentence}{CHECK_AGAIN}"
    if place < len(screened.examples):
        for near in screened.examples[place]:
            yield EXAMPLE_NAMES[near.example.violation], f"{cut(near.example.text)}（{near.example.source}）"


def patch_name(patch: Patch) -> str:
    """How deep the change goes, in Chinese."""
    from engine.screening.patches import KINDS

    return KINDS[patch.kind]


def cut(words: str) -> str:
    """The words in one line, no longer than a reader takes in beside a finding."""
    line = " ".join(words.split())
    return line if len(line) <= MOST_WORDS else f"{line[:MOST_WORDS]}……"


def patch_json(patch: Patch | None) -> dict[str, Any] | None:
    """A patch in the contract; offsets as those of the finding."""
    if patch is None:
        return None
    return {
        "kind": str(patch.kind),
        "start": patch.start,
        "end": patch.end,
        "text": patch.text,
        "replacement": patch.replacement,
        "note": patch.note,
    }


def example_json(near: Near) -> dict[str, Any]:
    """A labelled example in the contract."""
    example = near.example
    return {
        "id": example.id,
        "label": "violation" if example.violation else "compliant",
        "text": example.text,
        "articles": list(example.articles),
        "source": example.source,
        "similarity": near.similarity,
    }
