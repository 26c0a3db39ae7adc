"""A case taken out of the office: what lies in it, what is hidden in the redacted one, and what anybody can check."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from forging import relisted
from taken import Taken

from engine.store import open_store, reads
from engine.store.bundle import write_out
from engine.store.records import KINDS
from engine.trail.bundles import verify_bundle
from engine.trail.redaction import field_digest, flat, is_public
from engine.trail.verifier import canonical
from reviewers.deed_words import DEEDS, OUTCOMES, RECORDS, STAGES
from reviewers.desk.counter import open_office
from reviewers.dossiers import dossier_of, examined_of, volume
from reviewers.papers.properties import OUTSIDE, Examined, Result, report

pytestmark = pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="needs ssh-keygen (OpenSSH)")


def words_of(page: Path) -> str:
    return re.sub(r"<[^>]*>", " ", page.read_text(encoding="utf-8"))


# ---------------------------------------------------------------- what lies in the full one


def test_the_volume_holds_every_kind_of_paper(taken: Taken) -> None:
    named = {re.sub(r"[-0-9]*第?\d*轮?.*", "", path.stem) for path in (taken.full / "papers").iterdir()}
    assert {path.stem for path in (taken.full / "papers").iterdir()} >= {
        "00-卷宗封面", "01-卷内目录", "时间线", "经办人和代理情况", "流程图", "依据和版本", "四性检测报告",
        "听取意见记录-01", "听取意见记录-02", "修改对照表-第1稿-第2稿", "疑似问题清单-第1稿", "疑似问题清单-第2稿",
    }, named  # fmt: skip
    drafts = [path.name for path in sorted((taken.full / "contents").iterdir()) if "附件" not in path.name]
    assert [name.partition("-")[0] for name in drafts] == ["第1稿", "第2稿", "脱密导出的盐"]
    assert sorted(path.name for path in (taken.full / "process").glob("*.svg")) == [
        "dual_review.svg", "joint_review.svg", "review_round.svg", "self_review.svg",
    ]  # fmt: skip


def test_the_table_of_contents_names_every_file_with_its_digest(taken: Taken) -> None:
    page = (taken.full / "papers/01-卷内目录.html").read_text(encoding="utf-8")
    files = [path for path in taken.full.rglob("*") if path.is_file()]
    later = {"01-卷内目录.html", "四性检测报告.html", "说明.md", "manifest.json", "SHA256SUMS"}
    digests = {sha256(path.read_bytes()).hexdigest() for path in files if path.name not in later}
    assert set(re.findall(r"[0-9a-f]{64}", page)) >= digests
    assert re.findall(r"<tr><td>(\d+)</td>", page) == [str(n) for n in range(1, len(files) - 1)]


def test_papers_ask_for_nothing_from_outside_and_run_nothing(taken: Taken) -> None:
    pages = list((taken.full / "papers").iterdir()) + list((taken.redacted / "papers").iterdir())
    assert [page.name for page in pages if OUTSIDE.search(page.read_bytes()) or b"<script" in page.read_bytes()] == []
    assert OUTSIDE.search(b'<img src="http://example.org/a.png">')


def test_the_timeline_tells_every_event_in_words(taken: Taken) -> None:
    told = words_of(taken.full / "papers/时间线.html")
    for event in reads.events(taken.database, taken.case):
        assert (str(event["seq"]) in told, DEEDS[event["act"]] in told) == (True, True)


def test_the_deputy_is_named_with_the_one_he_stood_in_for(taken: Taken) -> None:
    people = words_of(taken.full / "papers/经办人和代理情况.html")
    assert re.search(r"方明\s+谢建平\s+签署初审意见", people)
    assert re.search(r"谢建平\s+方明\s+2026-03-02 至 2026-03-31", people)
    assert "方明（代谢建平）" in words_of(taken.full / "papers/时间线.html")


def test_every_act_and_record_has_a_name_in_chinese() -> None:
    assert sorted(KINDS.keys() - RECORDS.keys()) == []
    found = {
        name
        for path in Path("reviewers").rglob("*.py")
        for name in re.findall(r'@(?:act|opening|on_matter|clocked)\("(\w+)"', path.read_text(encoding="utf-8"))
    }
    assert sorted(found - DEEDS.keys()) == []


def test_the_self_test_says_what_was_and_what_was_not_checked(taken: Taken) -> None:
    told = words_of(taken.full / "papers/四性检测报告.html")
    properties = re.findall(r"真实性|完整性|可用性|安全性", told)
    assert (list(dict.fromkeys(properties)), told.count("未检测："), "未通过" in told) == (
        ["真实性", "完整性", "可用性", "安全性"], 4, False,
    )  # fmt: skip
    assert "决定已签名并校验 2 项，未签名 2 项" in told
    tested = sorted(
        f"{digest}  {name}\n"
        for digest, name in (line.split("  ", 1) for line in (taken.full / "SHA256SUMS").read_text().splitlines())
        if name not in ("papers/01-卷内目录.html", "papers/四性检测报告.html", "说明.md")
    )
    listed = "".join(sorted(tested, key=lambda line: line[66:]))
    assert sha256(listed.encode()).hexdigest() in told


CLEAN = {"PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin"}
"""An environment without this program: the interpreter's folder (no shim before it) and the system's tools."""
Files = dict[str, bytes]


def without(prefix: str) -> Callable[[Files], object]:
    return lambda files: files.pop(next(name for name in sorted(files) if name.startswith(prefix)))


@pytest.mark.parametrize(
    ("change", "check", "result"),
    [
        (without("records/"), "记录与留痕登记一一对应", Result.FAILED),
        (without("contents/"), "文件和附件与留痕登记一一对应", Result.FAILED),
        (lambda f: f.update({"papers/x.html": b'<img src="//a">'}), "文书不引用外部资源", Result.FAILED),
        (lambda f: f.update({"papers/x.html": b"<script>"}), "文书网页和图不含脚本", Result.FAILED),
        (lambda f: f.update({"papers/x.json": b"{"}), "数据文件能解析", Result.FAILED),
        (lambda f: f.update({"../x": b""}), "文件名不越出案卷", Result.FAILED),
        (lambda f: f.update({"basis/x": b"MZ"}), "除校验脚本外没有可执行程序", Result.FAILED),
        (lambda f: f.update({"basis/x": b"-----BEGIN PRIVATE KEY-----"}), "不含私钥", Result.FAILED),
        (lambda f: f.update({"contents/x.doc": b"\xd0\xcf\x11\xe0"}), "附件不含宏，不是旧式复合文档", Result.NOTICE),
        (lambda f: f.update({"contents/x.wps": b""}), "附件的格式", Result.NOTICE),
        (lambda f: f.update({"process/lanes.toml": b""}), "流程和放假安排的文件与留痕所载版本相同", Result.NOTICE),
    ],
)  # fmt: skip
def test_the_self_test_finds_what_is_wrong(
    tested: Examined, change: Callable[[Files], object], check: str, result: Result
) -> None:
    def told(files: Files) -> Result:
        checks = [each for _, checks, _ in report(replace(tested, files=files)) for each in checks]
        return next(each.result for each in checks if each.name == check)

    files = dict(tested.files)
    assert told(files) is (Result.NOTICE if check == "附件的格式" else Result.PASSED)
    change(files)
    assert told(files) is result


@pytest.fixture(scope="module")
def tested(taken: Taken) -> Examined:
    dossier = dossier_of(open_office(taken.home, "kong.qing"), taken.case, "0" * 64)
    return examined_of(dossier, volume(dossier, taken.database))


def test_the_same_case_gives_the_same_bytes(taken: Taken, tmp_path: Path) -> None:
    office = open_office(taken.home, "kong.qing")
    dossier = dossier_of(office, taken.case, "0" * 64)
    for name in ("a.zip", "b.zip"):
        write_out(volume(dossier, taken.database), tmp_path / name)
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()


# ---------------------------------------------------------------- checked by hand


def commands(bundle: Path) -> list[str]:
    blocks = re.findall(r"```console\n(.*?)```", (bundle / "说明.md").read_text(encoding="utf-8"), re.S)
    return [line for block in blocks for line in block.splitlines()]


@pytest.mark.parametrize("name", ["full", "redacted"])
def test_every_command_of_the_explanation_works_as_typed(taken: Taken, name: str) -> None:
    bundle = getattr(taken, name)
    typed = commands(bundle)
    assert len(typed) == {"full": 8, "redacted": 4}[name]
    said = []
    for line in typed:
        ran = subprocess.run(
            ["/bin/sh", "-c", line], cwd=bundle, env=CLEAN, capture_output=True, text=True,
            check=False,
        )  # fmt: skip
        assert ran.returncode == 0, (line, ran.stderr)
        said.append(ran.stdout.split())
    if name == "full":
        assert said[3][0] == said[4][0], "the leaf hash by hand is the one in the trail"
    assert said[1][0] == verify_bundle(bundle).manifest


def test_the_commands_see_a_changed_file(taken: Taken, tmp_path: Path) -> None:
    bundle = Path(shutil.copytree(taken.full, tmp_path / "卷"))
    for place in (next(iter((bundle / "records").iterdir())), min((bundle / "signatures").glob("*.json"))):
        place.write_bytes(place.read_bytes() + b" ")
    codes = [subprocess.run(["/bin/sh", "-c", line], cwd=bundle, env=CLEAN, capture_output=True, check=False).returncode
             for line in commands(bundle)]  # fmt: skip
    assert (codes[0], codes[2], codes[6]) == (1, 6, 255)


# ---------------------------------------------------------------- the redacted one


def confidential(taken: Taken) -> Iterator[str]:
    """Every string of the case that is not public: of its events, of its records, of its drafts, line by line."""
    with open_store(taken.database).work() as work:
        events, file = work.events(taken.case), work.case_file(taken.case)
        drafts = [work.content(version.sha256) for version in file.versions]
    rows = reads.case_records(taken.database, taken.case)
    for event in events[:-2]:
        records = [(r["id"], r["kind"], canonical(r["body"])) for r in rows if r["event_seq"] == event["seq"]]
        for path, value in flat(event, records):
            if not is_public(path, value):
                yield from strings(value)
    for draft in drafts:
        yield from (line.strip() for line in draft.decode("utf-8", "ignore").splitlines() if len(line.strip()) > 3)


def strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | dict):
        for each in value.values() if isinstance(value, dict) else value:
            yield from strings(each)


def haystack(bundle: Path) -> bytes:
    """Every byte of the bundle, of its zip, and of each member unpacked."""
    told = [path.read_bytes() for path in sorted(bundle.rglob("*")) if path.is_file()]
    told += ["\n".join(path.name for path in bundle.rglob("*")).encode()]
    return b"\n".join(told)


def test_nothing_confidential_is_in_the_redacted_bundle(taken: Taken) -> None:
    hay, whole = haystack(taken.redacted), haystack(taken.full)
    secret = {word for word in confidential(taken) if not word.isascii() and len(word) > 3}
    own_words = "".join([*DEEDS.values(), *STAGES.values(), *OUTCOMES.values()])
    assert len(secret) > 300
    assert sorted(word for word in secret if word.encode() in hay and word not in own_words) == []
    events = reads.events(taken.database, taken.case)[:-2]
    digests = {each for event in events for each in (event["state"], event["command"], *event["contents"])}
    digests |= {record["digest"] for event in events for record in event["records"]}
    people = {event["actor"] for event in events} | {"陆明达", "秦瑜"}
    assert sorted(word for word in digests | people if word.encode() in hay) == []
    assert [word for word in digests | people if word.encode() not in whole] == []


def test_a_redacted_zip_hides_nothing_in_its_members(
    taken: Taken, shuangshen: Callable[..., Any], tmp_path: Path
) -> None:
    home = shutil.copytree(taken.home, tmp_path / "copy")
    words = ["export", taken.case, "--redacted", "-o", tmp_path / "脱密.zip", "--as", "kong.qing", "--home", home]
    assert shuangshen(*words).code == 0
    raw = (tmp_path / "脱密.zip").read_bytes()
    with zipfile.ZipFile(tmp_path / "脱密.zip") as archive:
        packed = b"".join(archive.read(name) for name in archive.namelist())
        assert [info.compress_type for info in archive.infolist()] == [zipfile.ZIP_DEFLATED] * len(archive.infolist())
    assert zlib.crc32(packed) != 0
    for word in ("第十二条须修改后再审", "陆明达", "lu.mingda"):
        assert (word.encode() in raw, word.encode() in packed) == (False, False)
    ran = shuangshen("verify", tmp_path / "脱密.zip", "--json")
    assert (ran.code, ran.json["redacted"], ran.json["events"]) == (0, True, 13)


def test_people_are_told_apart_without_their_names(taken: Taken) -> None:
    fields = [json.loads(line)["fields"] for line in (taken.redacted / "fields.jsonl").read_text().splitlines()]
    events = reads.events(taken.database, taken.case)[: len(fields)]
    pairs = {(event["actor"], told["actor"]["digest"]) for event, told in zip(events, fields, strict=True)}
    assert len(pairs) == len({actor for actor, _ in pairs}) == len({digest for _, digest in pairs}) > 5
    assert [told["act"]["value"] for told in fields] == [event["act"] for event in events]


def test_a_single_field_is_opened_and_a_lie_is_found(
    taken: Taken, shuangshen: Callable[..., Any], tmp_path: Path
) -> None:
    (event,) = [e for e in reads.events(taken.database, taken.case) if e["act"] == "conclude"]
    words = ["disclose", taken.full, "--seq", str(event["seq"]), "-o", tmp_path / "开示.json"]
    assert shuangshen(*words, "--field", "facts.reason").code == 0
    ran = shuangshen("verify", taken.redacted, "--opening", tmp_path / "开示.json")
    assert (ran.code, ".reason：第十二条须修改后再审" in ran.out) == (0, True), ran.err
    opening = json.loads((tmp_path / "开示.json").read_bytes())
    assert set(opening) == {"schema", "case", "seq", "path", "salt", "value"}
    shown = [json.loads(line) for line in (taken.redacted / "fields.jsonl").read_text().splitlines()]
    place = f"records.{event['records'][-1]['id']}.reason"
    (digest,) = [row["fields"][place]["digest"] for row in shown if row["seq"] == event["seq"]]
    assert field_digest(opening["salt"], opening["value"]) == digest
    for change in (
        {"value": "没有问题"},
        {"path": "facts.note"},
        {"seq": 1},
        {"salt": "0" * 32},
        {"case": "2026-0009"},
    ):
        (tmp_path / "假.json").write_text(canonical({**opening, **change}), encoding="utf-8")
        assert shuangshen("verify", taken.redacted, "--opening", tmp_path / "假.json").code == 6, change


def test_a_field_is_opened_for_one_of_two_redacted_exports(
    taken: Taken, shuangshen: Callable[..., Any], tmp_path: Path
) -> None:
    """Each export has salts of its own: what opens a field for one opens nothing for the other."""
    home = shutil.copytree(taken.home, tmp_path / "copy")
    as_auditor = ["--as", "kong.qing", "--home", home]
    assert shuangshen("export", taken.case, "--redacted", "-o", tmp_path / "再", *as_auditor).code == 0
    assert shuangshen("export", taken.case, "-o", tmp_path / "全", *as_auditor).code == 0
    (first,) = [json.loads(line)["seq"] for line in (taken.redacted / "trail.jsonl").read_text().splitlines()[-1:]]
    words = ["disclose", tmp_path / "全", "--seq", "4", "--field", "facts.title"]
    assert shuangshen(*words, "-o", tmp_path / "今.json").code == 0
    assert shuangshen(*words, "-o", tmp_path / "前.json", "--export", str(first)).code == 0
    codes = {
        (bundle.name, opening): shuangshen("verify", bundle, "--opening", tmp_path / opening).code
        for bundle in (taken.redacted, tmp_path / "再")
        for opening in ("前.json", "今.json")
    }
    assert codes == {("脱密", "前.json"): 0, ("脱密", "今.json"): 6, ("再", "前.json"): 6, ("再", "今.json"): 0}


def test_a_whole_event_is_opened(taken: Taken, shuangshen: Callable[..., Any], tmp_path: Path) -> None:
    words = ["disclose", taken.full, "--seq", "4", "-o", tmp_path / "全文.json"]
    assert shuangshen(*words).code == 0
    ran = shuangshen("verify", taken.redacted, "--opening", tmp_path / "全文.json", "--json")
    assert (ran.code, json.loads(ran.json["openings"][0]["payload"])["act"]) == (0, "submit")
    told = json.loads((tmp_path / "全文.json").read_bytes())
    told["payload"] = told["payload"].replace("submit", "accept")
    (tmp_path / "全文.json").write_text(canonical(told), encoding="utf-8")
    assert shuangshen("verify", taken.redacted, "--opening", tmp_path / "全文.json").code == 6


def test_an_export_that_lied_to_outsiders_is_found_in_the_full_case(taken: Taken, tmp_path: Path) -> None:
    """Another secret among the contents makes another table than the one outsiders got."""
    bundle = Path(shutil.copytree(taken.full, tmp_path / "卷"))
    (salts,) = (bundle / "contents").glob("脱密导出的盐*")
    honest = salts.read_bytes()
    told = json.loads(honest)
    salts.write_text(canonical({**told, "secret": "0" * 64}), encoding="utf-8")
    relisted(bundle)
    assert verify_bundle(bundle).place == f"contents/{salts.name}"


@pytest.mark.parametrize(
    ("words", "code", "saying"),
    [
        (["disclose", "{redacted}", "--seq", "4", "-o", "{room}/a.json"], 2, "脱密案卷"),
        (["disclose", "{full}", "--seq", "99", "-o", "{room}/a.json"], 4, "没有第 99 号留痕"),
        (["disclose", "{full}", "--seq", "4", "--field", "facts.x", "-o", "{room}/a.json"], 4, "没有字段“facts.x”"),
        (["disclose", "{full}", "--seq", "17", "--field", "act", "-o", "{room}/a.json"], 4, "没有脱密导出"),
        (["disclose", "{full}", "--seq", "4", "-o", "{room}/there"], 5, "已存在"),
        (["verify", "{full}", "--opening", "{room}/there"], 2, "只与脱密案卷核对"),
        (["verify", "{redacted}", "--opening", "{room}/there"], 6, "不是规范的 JSON"),
        (["verify", "{redacted}", "--manifest", "0"], 6, "清单摘要"),
        (["verify", "{full}", "--checkpoint", "{other}"], 6, "出自"),
    ],
)  # fmt: skip
def test_what_cannot_be_opened_or_checked_says_so(
    taken: Taken, shuangshen: Callable[..., Any], tmp_path: Path, words: list[str], code: int, saying: str
) -> None:
    (tmp_path / "there").write_text("x", encoding="utf-8")
    other = tmp_path / "other.txt"
    other.write_text((taken.full / "checkpoint.txt").read_text().replace("shuangshen/", "elsewhere/"), encoding="utf-8")
    places = {"full": taken.full, "redacted": taken.redacted, "room": tmp_path, "other": other}
    ran = shuangshen(*(word.format(**places) for word in words))
    assert (ran.code, saying in ran.err, ran.err.count("\n")) == (code, True, 1), ran.err


def test_a_bundle_is_held_against_a_checkpoint_kept_elsewhere(
    taken: Taken, shuangshen: Callable[..., Any], tmp_path: Path
) -> None:
    kept = sorted((taken.full / "checkpoints").glob("*.txt"))[1]
    mine = shutil.copy(kept, tmp_path / "mine.txt")
    assert shuangshen("verify", taken.full, "--checkpoint", mine).code == 0
    assert shuangshen("verify", taken.redacted, "--checkpoint", mine).code == 0
    lines = kept.read_text(encoding="utf-8").split("\n")
    rewritten = tmp_path / "rewritten.txt"
    rewritten.write_text("\n".join([*lines[:2], "A" * 43 + "=", *lines[3:]]), encoding="utf-8")
    ran = shuangshen("verify", taken.full, "--checkpoint", rewritten)
    assert (ran.code, "历史被整体改写" in ran.err) == (6, True)
    unknown = tmp_path / "unknown.txt"
    unknown.write_text("\n".join([lines[0], "5", *lines[2:]]), encoding="utf-8")
    assert "无从核对" in shuangshen("verify", taken.full, "--checkpoint", unknown).err
