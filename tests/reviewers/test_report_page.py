"""The web page: it shows the text as it is, marks what was found, and asks for nothing from anywhere."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace

from lxml import html
from reporting_cases import TEXT, screened

from engine.standards import load_standards
from reviewers.reports.page import as_page


def page() -> str:
    return as_page(screened(), load_standards()).decode()


def test_the_text_stands_complete_and_escaped_on_the_page() -> None:
    (article,) = html.fromstring(page()).xpath("//article")
    for number in article.xpath(".//sup"):
        number.drop_tree()
    told = [paragraph.text_content() for paragraph in article.xpath("./p")]
    assert told == [line for line in TEXT.split("\n") if line.strip()]


def test_every_finding_is_marked_once_and_linked_both_ways() -> None:
    tree = html.fromstring(page())
    marked = {
        number: "".join(tree.xpath(f"//mark[a/@href='#f{number}']/a/text()")).replace("\n", "") for number in (1, 2)
    }
    found = screened().screening.findings
    assert marked == {number: one.text.replace("\n", "") for number, one in enumerate(found, 1)}
    assert tree.xpath("//mark/@id") == ["m1", "m2"]
    assert tree.xpath("//section/h2/a/@href") == ["#m1", "#m2"]
    assert tree.xpath("//section/@id") == ["f1", "f2"]


def test_nothing_is_asked_from_outside_and_only_our_own_script_may_run() -> None:
    told = page()
    assert re.findall(r"(?:src|srcset|action)\s*=|url\(|@import|https?:", told) == []
    (script,) = re.findall(r"<script>(.*?)</script>", told, re.DOTALL)
    (style,) = re.findall(r"<style>(.*?)</style>", told, re.DOTALL)
    (policy,) = html.fromstring(told).xpath("//meta[@http-equiv]/@content")
    allowed = {
        kind: base64.b64encode(hashlib.sha256(words.encode()).digest()).decode()
        for kind, words in (("script", script), ("style", style))
    }
    assert policy == (
        f"default-src 'none'; style-src 'sha256-{allowed['style']}'; script-src 'sha256-{allowed['script']}'; "
        "base-uri 'none'; form-action 'none'"
    )


def test_words_from_the_document_are_never_markup() -> None:
    tree = html.fromstring(page())
    assert len(tree.xpath("//script")) == 1
    assert tree.xpath("//b/text()") == ["2", "1", "1"]


def test_the_level_filter_works_without_a_script() -> None:
    tree = html.fromstring(page())
    assert tree.xpath("//input[@type='radio']/@id") == tree.xpath("//label/@for") == ["all", "block", "attention"]


def test_a_page_without_findings_says_that_the_machine_does_not_conclude() -> None:
    one = screened()
    empty = replace(one, screening=replace(one.screening, findings=(), considered=()))
    (clean,) = html.fromstring(as_page(empty, load_standards()).decode()).xpath("//p[@class='clean']/text()")
    assert clean == "未提示疑似排除、限制竞争的条款。机器筛查不代替审查结论。"


def test_overlapping_findings_keep_every_word_once() -> None:
    one = screened()
    first = one.screening.findings[0]
    inner = replace(
        first, start=first.start + 2, end=first.end + 2, text=one.document.text[first.start + 2 : first.end + 2]
    )
    both = replace(one, screening=replace(one.screening, findings=(first, inner)))
    (article,) = html.fromstring(as_page(both, load_standards()).decode()).xpath("//article")
    for number in article.xpath(".//sup"):
        number.drop_tree()
    assert [p.text_content() for p in article.xpath("./p")] == [line for line in TEXT.split("\n") if line.strip()]
