"""Every command has its help in Chinese and an example in the guide."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, get_type_hints

import pytest
import typer

import cli

ROOT = Path(__file__).parents[2]
GUIDE = "\n".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "docs" / "guide").glob("*.md")))
CHINESE = re.compile(r"[\u4e00-\u9fff]")
TYPERS_OWN = re.compile(
    r"usage:|(?:options|commands|arguments):|show\s+this|\[(?:options|args)|required|default:|env\s+var|default\s+is",
    re.I,
)


def commands() -> Iterator[tuple[str, Callable[..., Any]]]:
    """Every command and sub-command as it is typed, with its function."""
    for name, (module, function, _) in cli.COMMANDS.items():
        found = getattr(import_module(cli.DESK + module), function)
        if not isinstance(found, typer.Typer):
            yield name, found
            continue
        for each in found.registered_commands:
            assert each.callback is not None
            yield f"{name} {each.name}", each.callback


COMMANDS = dict(commands())


@pytest.mark.parametrize("words", COMMANDS)
def test_it_has_help_and_an_example(words: str) -> None:
    told = (COMMANDS[words].__doc__ or "").strip() or cli.COMMANDS[words.split()[0]][2]
    assert CHINESE.search(told), "no help in Chinese"
    typed = re.search(rf"(?:shuangshen |`){re.escape(words)}(?![\w-])", GUIDE)
    assert typed, f"no example of `shuangshen {words}` in docs/guide"


def test_the_options_of_every_command_are_told_in_chinese() -> None:
    silent = [
        (words, name)
        for words, function in COMMANDS.items()
        for name, hint in get_type_hints(function, include_extras=True).items()
        for told in getattr(hint, "__metadata__", ())
        if not CHINESE.search(f"{told.help}{told.metavar}")
    ]
    assert silent == []


@pytest.mark.parametrize("words", ["", *sorted({words.split()[0] for words in COMMANDS} | COMMANDS.keys())])
def test_its_help_page_has_nothing_of_typers_english(words: str, shuangshen: Callable[..., Any]) -> None:
    page = shuangshen(*words.split(), "--help")
    assert (page.code, page.err, page.out.startswith(" ".join(["用法：shuangshen", *words.split()]))) == (0, "", True)
    assert TYPERS_OWN.findall(page.out) == []
