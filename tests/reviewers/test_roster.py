"""The roster: the shipped profile holds what the process needs, and a wrong roster never loads."""

import shutil
from datetime import date
from pathlib import Path

import pytest

from engine.errors import NotFound, StandardsError
from engine.model import Role
from reviewers.roster import Profile, load_profile, shipped_profile

DRAFTING_UNITS = ("zfb", "scjg.xyjg", "fgw", "gxj", "czj", "swj", "zjj", "jtj", "nyj", "wlj", "sfj")


@pytest.fixture(scope="module")
def qingyang() -> Profile:
    return load_profile(shipped_profile("qingyang"))


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return Path(shutil.copytree(shipped_profile("qingyang"), tmp_path / "profile"))


def edit(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


@pytest.mark.parametrize("unit", DRAFTING_UNITS)
def test_every_drafting_unit_has_one_officer_for_each_drafting_role(qingyang: Profile, unit: str) -> None:
    for role in (Role.DRAFTER, Role.DRAFTING_REVIEWER, Role.DRAFTING_HEAD):
        assert len(qingyang.officers_with(role, unit)) == 1


def test_only_the_regulators_review_office_reviews_jointly(qingyang: Profile) -> None:
    joint = {*qingyang.officers_with(Role.REGULATOR), *qingyang.officers_with(Role.JOINT_LEAD)}
    assert {officer.unit for officer in joint} == {"scjg.jzxt"}
    assert len(qingyang.officers_with(Role.REGULATOR)) > qingyang.practice.reviewers["co_review"]
    assert qingyang.regulator_unit.id == "scjg"
    assert qingyang.authority_of("scjg.jzxt") == qingyang.regulator_unit
    assert not qingyang.in_regulator("czj")


def test_the_auditor_does_nothing_else(qingyang: Profile) -> None:
    assert [officer.roles for officer in qingyang.officers_with(Role.AUDITOR)] == [(Role.AUDITOR,)]


def test_practice_is_the_localitys_own(qingyang: Profile) -> None:
    practice = qingyang.practice
    assert practice.dual_review_for_all
    assert practice.days["correct_materials"].days == 3
    assert practice.working_days["co_review"] == 10
    assert practice.reviewers == {"self_check": 1, "co_review": 2}
    assert practice.required_materials == {"drafting_note": "起草说明"}
    assert practice.forms["preliminary_opinion"] == "公平竞争审查初审意见"


def test_a_deputy_acts_on_the_first_and_last_day_and_not_outside(qingyang: Profile) -> None:
    pan = qingyang.officer("pan.ning")
    lead = qingyang.officer("lu.mingda")
    assert qingyang.acting_for("pan.ning", date(2026, 7, 12)) == ()
    assert qingyang.acting_for("pan.ning", date(2026, 7, 13)) == (lead,)
    assert qingyang.acting_for("pan.ning", date(2026, 7, 24)) == (lead,)
    assert qingyang.acting_for("pan.ning", date(2026, 7, 25)) == ()
    assert qingyang.acting_for("lu.mingda", date(2026, 7, 13)) == ()
    assert qingyang.roles_on(pan, date(2026, 7, 25)) == {Role.REGULATOR, Role.JOINT_LEAD}


def test_a_deputy_brings_the_absent_officers_roles(qingyang: Profile) -> None:
    li = qingyang.officer("li.na")
    assert qingyang.roles_on(li, date(2026, 8, 2)) == {Role.DRAFTING_REVIEWER}
    assert qingyang.roles_on(li, date(2026, 8, 3)) == {Role.DRAFTING_REVIEWER, Role.DRAFTING_HEAD}


def test_a_mistyped_id_is_answered_with_the_nearest(qingyang: Profile) -> None:
    with pytest.raises(NotFound) as refused:
        qingyang.officer("zhang.wie")
    assert "“zhang.wie”" in refused.value.message
    assert "zhang.wei" in refused.value.advice
    with pytest.raises(NotFound, match=r"没有编号为“zjjj”的单位.*zjj"):
        qingyang.unit("zjjj")


def test_an_unknown_profile_names_those_that_exist() -> None:
    with pytest.raises(NotFound, match=r"lanzhou.*qingyang"):
        shipped_profile("lanzhou")
    with pytest.raises(NotFound):
        shipped_profile("../profiles/qingyang")


@pytest.mark.parametrize(
    ("file", "old", "new", "says"),
    [
        ("units.toml", "full_name", "fullname", r"units\.toml：units\[1\]\.fullname：不认识的键"),
        ("units.toml", 'id = "fgw"', 'id = "zfb"', r"units\[5\]\.id：“zfb”重复"),
        ("units.toml", "regulator = true", "regulator = false", "有且只有一个单位"),
        ("units.toml", "regulator = true", 'regulator = "yes"', r"units\[2\]\.regulator：应为 true 或 false"),
        ("units.toml", 'part_of = "scjg"', 'part_of = "scjj"', r"units\[3\]\.part_of：“scjj”不是已列出的单位"),
        ("officers.toml", 'id = "duan.hao"', 'id = "he.jing"', r"officers\[2\]\.id：“he\.jing”重复"),
        ("officers.toml", 'id = "he.jing"', 'id = "system"', r"officers\[1\]\.id：“system”留给系统"),
        ("practice.toml", "for.forwarded]", "for.forward]", r"materials_for\.forward：不认识的键"),
        ("practice.toml", 'other = "拟转发的部门文件"', 'paper = "文件"', r"forwarded\.paper：不认识的键"),
        ("officers.toml", 'unit = "zfb"', 'unit = "zbf"', r"officers\[1\]\.unit：没有单位“zbf”。相近的有：zfb"),
        ("officers.toml", '"drafter"', '"writer"', r"officers\[1\]\.roles：“writer”不在可用的词中：drafter"),
        ("officers.toml", 'roles = ["drafter"]', "roles = []", r"officers\[1\]\.roles：应为非空的文字列表"),
        ("officers.toml", 'roles = ["drafter"]', 'roles = ["regulator"]', "会审角色只能由市场监管部门人员担任"),
        ("officers.toml", 'roles = ["auditor"]', 'roles = ["auditor", "drafter"]', "审计人员不能兼任"),
        ("officers.toml", 'name = "何静"', 'name = " "', r"officers\[1\]\.name：应为非空文字"),
        ("officers.toml", 'deputy = "pan.ning"', 'deputy = "pan.nin"', r"deputies\[1\]\.deputy：没有人员“pan\.nin”"),
        ("officers.toml", 'deputy = "pan.ning"', 'deputy = "he.jing"', "须与被代理人在同一单位"),
        ("officers.toml", 'deputy = "pan.ning"', 'deputy = "lu.mingda"', "不能由本人代理本人"),
        ("officers.toml", "to = 2026-07-24", "to = 2026-07-01", r"deputies\[1\]\.to：终止日期早于起始日期"),
        ("officers.toml", "to = 2026-07-24", "to = 2026-07-24T08:00:00", r"deputies\[1\]\.to：应为日期"),
        ("practice.toml", "co_review = 2", "co_review = 0", r"reviewers\.co_review：应为 1 至"),
        ("practice.toml", 'case_prefix = "庆公竞审"', "", r"practice\.case_prefix：缺少这一项"),
        ("practice.toml", 'element = "accept"', 'element = "self_check"', r"days\[4\]\.element：“self_check”重复"),
        ("practice.toml", "[forms]", "[form]", r"practice\.toml：form：不认识的键"),
        ("practice.toml", "[practice]", "[practice", "不是有效的 TOML 文件"),
    ],
)
def test_a_wrong_profile_is_refused_by_file_and_key(copy: Path, file: str, old: str, new: str, says: str) -> None:
    load_profile(copy)
    edit(copy / file, old, new)
    with pytest.raises(StandardsError, match=says):
        load_profile(copy)


def test_a_missing_or_monstrous_file_is_refused(copy: Path) -> None:
    (copy / "units.toml").write_bytes(b"#" * 1_000_001)
    with pytest.raises(StandardsError, match="过大"):
        load_profile(copy)
    (copy / "units.toml").unlink()
    with pytest.raises(StandardsError, match=r"读不到：.*units\.toml"):
        load_profile(copy)
