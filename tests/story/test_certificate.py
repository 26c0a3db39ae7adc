"""One decision on one page: proven offline, told again from the data, and every change to it found."""

from __future__ import annotations

import base64
import json
import re
import shutil
import subprocess
import sys
import zlib
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import segno
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from journey import Journey

from engine.trail import standalone
from engine.trail.certificates import codes_of, verify_certificate
from engine.trail.signatures import make_key
from engine.trail.verifier import canonical, leaf_hash
from reviewers.samples import Sample


@pytest.fixture
def concluded(journey: Journey, samples: dict[str, Sample], monkeypatch: pytest.MonkeyPatch) -> Journey:
    for name in ("SHUANGSHEN_KEY", "SSH_AUTH_SOCK"):
        monkeypatch.delenv(name, raising=False)
    journey.submitted().self_reviewed().signed().accepted().jointly_reviewed(samples["blocked"].expected)
    return journey.concluded("revise")


@pytest.fixture
def made(concluded: Journey, tmp_path: Path) -> Path:
    """A certificate as JSON."""
    return certified(concluded, tmp_path / "凭证.json")


def certified(journey: Journey, place: Path) -> Path:
    ran = journey.counter("certificate", journey.case, "-o", place)
    assert ran.code == 0, ran.err
    return place


def test_both_forms_verify_and_tell_the_decision(concluded: Journey, tmp_path: Path) -> None:
    run, lead = concluded.counter.run, concluded.people["lead"]
    version = concluded.counter.file(concluded.case).versions[-1]
    for name in ("凭证.json", "凭证.html"):
        ran = run("verify", certified(concluded, tmp_path / name))
        assert ran.code == 0, ran.err
        (line,) = [line for line in ran.out.splitlines() if line.startswith("《")]
        title, act, outcome, *_, text = line.split("  ")
        assert (title, act, outcome) == (f"《{version.title}》", "conclude", "revise")
        assert (text, lead in line) == (f"文本 {version.text_sha256}", True)
        assert "未签名 1 项" in ran.out
    page = (tmp_path / "凭证.html").read_text(encoding="utf-8")
    assert ("须修改后重新审查" in page, "未签名" in page, version.title in page) == (True, True, True)


def test_the_verifier_alone_judges_a_certificate(made: Path) -> None:
    words = [sys.executable, "-I", "-S", str(standalone.__file__), str(made)]
    sound = subprocess.run(words, capture_output=True, text=True, check=False)
    assert (sound.returncode, "conclude  revise" in sound.stdout) == (0, True)
    made.write_bytes(made.read_bytes().replace(b"revise", b"accept"))
    broken = subprocess.run(words, capture_output=True, text=True, check=False)
    assert (broken.returncode, "不可信" in broken.stderr) == (6, True)


@pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="needs ssh-keygen (OpenSSH)")
def test_a_signed_decision_carries_its_key(
    journey: Journey, samples: dict[str, Sample], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    counter, people = journey.counter, journey.people
    make_key(tmp_path / "key", "lead")
    assert counter("key", "add", people["lead"], tmp_path / "key.pub", by=people["lead"]).code == 0
    journey.submitted().self_reviewed().signed().accepted().jointly_reviewed(samples["blocked"].expected)
    monkeypatch.setenv("SHUANGSHEN_KEY", str(tmp_path / "key"))
    place = certified(journey.concluded("revise"), tmp_path / "凭证.json")
    found = verify_certificate(place)
    assert (found.sound, found.signed, found.unsigned) == (True, 1, 0)
    changed(place, lambda document: document.update(keys=[]))
    assert "没有登记，或者已经注销" in verify_certificate(place).what


def changed(place: Path, change: Callable[[dict[str, Any]], object]) -> None:
    document = json.loads(place.read_bytes())
    change(document)
    place.write_text(canonical(document), encoding="utf-8")


def reworded(document: dict[str, Any], entry: int, **facts: str) -> None:
    """The event says something else, its hash is made to fit: only the proof can tell."""
    event = document["events"][entry]
    payload = json.loads(event["payload"])
    payload["facts"].update(facts)
    event["payload"] = canonical(payload)
    event["hash"] = leaf_hash(event["payload"].encode()).hex()


def retitled(document: dict[str, Any]) -> None:
    document["words"] = canonical({**json.loads(document["words"]), "title": "另一个文件"})


def another_body(document: dict[str, Any]) -> None:
    document["records"][0]["body"] = document["records"][0]["body"].replace("revise", "compliant")


@pytest.mark.parametrize(
    ("change", "saying"),
    [
        (lambda d: reworded(d, 1, outcome="compliant"), "包含证明通不到检查点"),
        (lambda d: reworded(d, 0, title="另一个文件"), "包含证明通不到检查点"),
        (retitled, "所附的报送文字与留痕登记的摘要不符"),
        (lambda d: d.pop("words"), "所附的报送文字与留痕登记的摘要不符"),
        (another_body, "与留痕登记的摘要不符"),
        (lambda d: d["records"].clear(), "与留痕登记的摘要不符"),
        (lambda d: d["events"].pop(), "应有报送和决定两条留痕"),
        (lambda d: d["events"].reverse(), "应有报送和决定两条留痕"),
        (lambda d: d.pop("keys"), "字段 keys 缺失"),
        (lambda d: d.update(schema="other"), "不是双审的凭证"),
        (lambda d: d["events"][1].update(proof=[]), "包含证明通不到检查点"),
    ],
)
def test_every_change_is_found(made: Path, change: Callable[[dict[str, Any]], object], saying: str) -> None:
    assert verify_certificate(made).sound
    changed(made, change)
    found = verify_certificate(made)
    assert (found.sound, saying in found.what) == (False, True), found


@pytest.mark.parametrize("change", [retitled, lambda d: d.pop("words")], ids=["another title", "no title"])
def test_the_script_does_not_believe_another_title(made: Path, change: Callable[[dict[str, Any]], object]) -> None:
    words = [sys.executable, "-I", "-S", str(standalone.__file__), str(made)]
    assert subprocess.run(words, capture_output=True, check=False).returncode == 0
    changed(made, change)
    assert subprocess.run(words, capture_output=True, check=False).returncode == 6


def test_a_page_with_two_data_or_none_is_not_believed(concluded: Journey, tmp_path: Path) -> None:
    place = certified(concluded, tmp_path / "凭证.html")
    whole = place.read_bytes()
    (data,) = re.findall(rb"<script.*?</script>", whole)
    assert verify_certificate(place).sound
    for body in (
        whole.replace(data, b""),
        whole.replace(data, data * 2),
        whole.replace(b'"certificate">', b'"certificate">A'),
    ):
        place.write_bytes(body)
        assert not verify_certificate(place).sound


def scanned(place: Path) -> list[str]:
    """The texts a scanner reads from the codes of this certificate."""
    return list(codes_of(json.loads(place.read_bytes())))


def test_the_scanned_codes_verify_in_any_order(concluded: Journey, made: Path, tmp_path: Path) -> None:
    codes, text = scanned(made), tmp_path / "扫.txt"
    assert all(re.fullmatch(r"[0-9A-Z $%*+\-./:]{1,1250}", code) for code in codes)
    text.write_text("\n\n".join([*reversed(codes), codes[0]]), encoding="utf-8")
    ran = concluded.counter.run("verify", text)
    assert (ran.code, ran.out) == (0, concluded.counter.run("verify", made).out)
    alone = subprocess.run(
        [sys.executable, "-I", str(standalone.__file__), str(text)], capture_output=True, check=False
    )
    assert alone.returncode == 0
    text.write_text("".join(codes[:-1]), encoding="utf-8")
    ran = concluded.counter.run("verify", text)
    assert (ran.code, f"还缺第 {len(codes)} 个" in ran.err) == (6, True)


@pytest.mark.parametrize(
    "change",
    [
        lambda codes: [codes[0][:-1] + ("A" if codes[0][-1] != "A" else "B"), *codes[1:]],
        lambda codes: [codes[0], *(code.replace("/2-", "/1-") for code in codes[1:])],
        lambda codes: [codes[0].replace(codes[0][5:13], "00000000"), *codes[1:]],
        lambda codes: ["SSC1/zz", *codes],
        lambda codes: codes[:0],
    ],
    ids=["one letter", "a part twice", "two certificates", "no code among them", "nothing"],
)
def test_codes_that_were_changed_are_not_believed(
    made: Path, tmp_path: Path, change: Callable[[list[str]], list[str]]
) -> None:
    (tmp_path / "扫.txt").write_text("\n".join(change(scanned(made))), encoding="utf-8")
    assert not verify_certificate(tmp_path / "扫.txt").sound


def test_a_code_that_unpacks_without_end_is_cut_off(tmp_path: Path) -> None:
    packed = zlib.compress(b"{" + b" " * (64 << 20) + b"}", 9)
    name, text = sha256(packed).hexdigest()[:8].upper(), base64.b32encode(packed).decode().rstrip("=")
    (tmp_path / "扫.txt").write_text(f"SSC1/{name}/1-1/{text}", encoding="utf-8")
    assert verify_certificate(tmp_path / "扫.txt").what == "二维码的文字有缺漏或改动"


def test_a_page_prints_the_codes_of_its_data(concluded: Journey, made: Path, tmp_path: Path) -> None:
    """The drawing is read by machines outside; here it is the drawing the writer makes of exactly these texts."""
    page = certified(concluded, tmp_path / "凭证.html").read_text(encoding="utf-8")
    drawn = re.findall(r"<figure>(<svg.*?</svg>)", page, re.S)
    texts = codes_of(json.loads(certificate_bytes(page)))
    assert drawn == [
        segno.make_qr(text, error="m", boost_error=False).svg_inline(border=4, omitsize=True) for text in texts
    ]


def certificate_bytes(page: str) -> bytes:
    return base64.b64decode(re.findall(r'id="certificate">([^<]*)<', page)[0])


def test_a_certificate_is_held_against_the_checkpoint_it_leans_on(
    concluded: Journey, made: Path, tmp_path: Path
) -> None:
    mine = tmp_path / "mine.txt"
    mine.write_text(json.loads(made.read_bytes())["checkpoint"], encoding="utf-8")
    assert concluded.counter.run("verify", made, "--checkpoint", mine).code == 0
    lines = mine.read_text(encoding="utf-8").split("\n")
    mine.write_text("\n".join([*lines[:2], "A" * 43 + "=", *lines[3:]]), encoding="utf-8")
    ran = concluded.counter.run("verify", made, "--checkpoint", mine)
    assert (ran.code, "不同" in ran.err) == (6, True)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=300) | st.text(max_size=200).map(str.encode))
def test_no_bytes_break_the_verifier(tmp_path: Path, data: bytes) -> None:
    json_place, page = tmp_path / "x.json", tmp_path / "x.html"
    json_place.write_bytes(data)
    page.write_bytes(b'<script type="text/plain" id="certificate">' + base64.b64encode(data) + b"</script>")
    assert not verify_certificate(json_place).sound
    assert not verify_certificate(page).sound


def test_where_no_certificate_is_made(concluded: Journey, made: Path, tmp_path: Path) -> None:
    counter = concluded.counter
    before = sha256(made.read_bytes()).hexdigest()
    assert counter("certificate", concluded.case, "-o", made).code == 5
    assert sha256(made.read_bytes()).hexdigest() == before
    assert counter("certificate", concluded.case, "-o", tmp_path / "凭证.pdf").code == 2
    assert counter("certificate", "2026-9999", "-o", tmp_path / "b.json").code == 4
    concluded.submitted()
    early = counter("certificate", concluded.case, "-o", tmp_path / "c.json")
    assert (early.code, "还没有作出结论" in early.err) == (4, True)
    digest = counter.run("verify", made, "--manifest", "a" * 64)
    assert (digest.code, "没有清单" in digest.err) == (2, True)
    assert not (tmp_path / "c.json").exists()
