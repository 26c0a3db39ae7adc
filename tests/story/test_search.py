"""Searching from the counter: everybody finds what he may see, and sees where it stands."""

from __future__ import annotations

import json

from journey import Counter, Journey


def test_a_draft_is_found_by_its_own_unit_and_by_the_regulator(
    journey: Journey, counter: Counter, people: dict[str, str]
) -> None:
    journey.submitted()
    text = journey.counter.document(journey.case).clauses[3].text
    word = next(text[at : at + 4] for at in range(len(text) - 4) if text[at : at + 4].isalpha())
    for who in ("drafter", "regulator", "auditor"):
        ran = counter("search", word, "--json", by=people[who])
        told = ran.json
        assert (ran.code, told["schema"], told["words"]) == (0, "shuangshen.search/1", [word])
        assert {each["case_id"] for each in told["found"]} == {journey.case}
        assert all(each["snippet"][a:b] == word for each in told["found"] for a, b in each["hits"])
    ran = counter("search", word, by=people["drafter"])
    assert f"【{word}】" in ran.out and "草案 第1稿" in ran.out


def test_another_unit_finds_nothing_of_it(journey: Journey, counter: Counter, people: dict[str, str]) -> None:
    journey.submitted()
    assert counter("search", "审查", "意见", "企业", by=people["regulator"]).code == 0
    assert counter("search", "企业", "--json", by=people["drafter"]).json["found"] != []
    assert counter("search", "企业", "--json", by=people["stranger"]).json["found"] == []
    ran = counter("search", "企业", "--unit", "jtj", by=people["stranger"])
    assert (ran.code, "只能查" in ran.err) == (3, True)
    assert counter("search", "企业", "--unit", "jtj", "--json", by=people["regulator"]).json["found"] != []
    assert counter("search", "企业", "--unit", "gxj", "--json", by=people["regulator"]).json["found"] == []


def test_pages_go_on_and_kinds_and_stages_narrow(journey: Journey, counter: Counter, people: dict[str, str]) -> None:
    journey.submitted()
    lead = people["lead"]
    whole = counter("search", "企业", "--limit", "200", "--json", by=lead).json["found"]
    assert len(whole) > 2
    first = counter("search", "企业", "--limit", "2", "--json", by=lead).json
    rest = counter("search", "企业", "--limit", "200", "--after", first["after"], "--json", by=lead).json
    assert first["found"] + rest["found"] == whole
    kinds = {each["kind"] for each in whole}
    assert "finding" in kinds
    only = counter("search", "企业", "--kind", "疑似问题", "--limit", "200", "--json", by=lead).json["found"]
    assert only == [each for each in whole if each["kind"] == "finding"]
    assert counter("search", "企业", "--stage", "自我审查", "--limit", "200", "--json", by=lead).json["found"] == whole
    assert counter("search", "企业", "--stage", "archived", "--json", by=lead).json["found"] == []


def test_what_cannot_be_asked_is_refused(counter: Counter, people: dict[str, str]) -> None:
    lead = people["lead"]
    assert counter("search", "企业", by=lead).out == "没有查到“企业”。\n"
    for words in (("search", "企业"), ("search", "企业", "--kind", "图"), ("search", "企业", "--stage", "无"),
                  ("search", "长" * 65)):  # fmt: skip
        ran = counter(*words, by=lead if len(words) > 2 or len(words[1]) > 2 else "")
        assert (ran.code, ran.err.count("\n")) == (2, 1)


def test_the_index_can_be_made_anew(journey: Journey, counter: Counter, people: dict[str, str]) -> None:
    journey.submitted()
    before = counter("search", "企业", "--json", by=people["lead"]).out
    assert json.loads(before)["found"] != []
    assert counter("db", "reindex", "--json").json["passages"] > 5
    assert counter("search", "企业", "--json", by=people["lead"]).out == before
