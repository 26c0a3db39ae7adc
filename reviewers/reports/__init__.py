"""What the screener gives out: one module a format, each a pure function of what was read and what was found.

Called by the screen command and, for whole directories, over the results kept in the ledger. `contract` makes the
plain form of `shuangshen.screen/1`; SARIF and CSV are made from that, so a stored result prints as a fresh one does.
The page and the annotated Word file need the text itself and take a `Screened`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from engine.model import Document, Level, Screening

if TYPE_CHECKING:
    from engine.screening.examples import Near
    from engine.screening.patches import Patch

LEVEL_NAMES = {Level.BLOCK: "须处理", Level.ATTENTION: "请核对"}

Plain = Mapping[str, Any]
"""A document, or a file that could not be read, in the plain form of the contract."""


@dataclass(frozen=True, slots=True)
class Screened:
    """A file that was read and screened; `path` is as the user named it.

    `patches` and `examples` are empty unless asked for (see `aids`), else one for every finding, in their order.
    """

    path: str
    document: Document
    screening: Screening
    patches: tuple[Patch | None, ...] = ()
    examples: tuple[tuple[Near, ...], ...] = ()

    @property
    def blocking(self) -> int:
        """How many findings must be dealt with."""
        return sum(finding.level is Level.BLOCK for finding in self.screening.findings)


def is_unreadable(plain: Plain) -> bool:
    """Whether this is a file that could not be read, which is never the same as one without findings."""
    return "unreadable" in plain


def readable(documents: Iterable[Plain]) -> list[Plain]:
    """The documents that were screened, in their order."""
    return [plain for plain in documents if not is_unreadable(plain)]
