"""One document in every format: the same clauses, the same findings."""

from collections import Counter
from functools import cache

import pytest

from bench.formats import CORPUS, WRITERS, found, tree
from engine.documents import read_bytes
from engine.model import Document

TEXTS = ("d02_zhizaoye_ruogan_cuoshi", "d06_zhaobiao_wenjian_jiexuan")
# A page set flush left does not show where paragraphs end, so that a clause may be cut in two at a full stop.
SHOWS_PARAGRAPHS = [name for name in WRITERS if name != "pdf, flush left"]


def text_of(name: str) -> str:
    return (CORPUS / "docs_dev" / f"{name}.txt").read_text(encoding="utf-8")


@cache
def as_text(name: str) -> Document:
    return read_bytes(text_of(name).encode(), f"{name}.txt")


@cache
def as_format(name: str, form: str) -> Document:
    suffix, write = WRITERS[form]
    return read_bytes(write(text_of(name)), name + suffix)


@cache
def found_in_text(name: str) -> Counter[tuple[str, str, str]]:
    return found(as_text(name))


def blocking(findings: Counter[tuple[str, str, str]]) -> list[tuple[str, str, str]]:
    return sorted(one for one in findings.elements() if one[0] == "block")


@pytest.mark.parametrize("name", TEXTS)
def test_the_documents_have_findings_to_lose(name: str) -> None:
    assert found_in_text(name).total() >= 5


@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.parametrize("form", SHOWS_PARAGRAPHS)
def test_every_format_gives_the_same_clauses(form: str, name: str) -> None:
    assert tree(as_format(name, form)) == tree(as_text(name))


@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.parametrize("form", SHOWS_PARAGRAPHS)
def test_every_format_gives_the_same_findings(form: str, name: str) -> None:
    assert found(as_format(name, form)) == found_in_text(name)


@pytest.mark.parametrize("name", TEXTS)
def test_paragraphs_cut_in_two_keep_what_blocks(name: str) -> None:
    assert blocking(found(as_format(name, "pdf, flush left"))) == blocking(found_in_text(name)) != []
