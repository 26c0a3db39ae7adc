"""Whatever is done to an exported case, our verifier and the script in it find it, and name the same place.

A forger is assumed to make both lists of files anew around his change; what he cannot make anew is the log's proofs,
the register of files in it, and other people's signatures.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from forging import relisted
from taken import Taken

from engine.trail import standalone
from engine.trail.bundles import verify_bundle
from engine.trail.verifier import canonical, leaf_hash

pytestmark = pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="needs ssh-keygen (OpenSSH)")
Lines = list[dict[str, Any]]
Change = Callable[[Path], object]


@pytest.fixture
def copied(taken: Taken, tmp_path: Path) -> Callable[[str], Path]:
    return lambda name: Path(shutil.copytree(getattr(taken, name), tmp_path / name))


def places(bundle: Path, capsys: pytest.CaptureFixture[str]) -> tuple[str, str]:
    """Where our verifier and the script find the first fault, "" when they find none; seq numbers left out."""
    found = verify_bundle(bundle)
    capsys.readouterr()
    code = standalone.main([str(bundle)])
    told = capsys.readouterr()
    script = "" if code == 0 else told.err.removeprefix("不可信。第一处问题：").partition("：")[0]
    assert (code, found.sound) in ((0, True), (6, False)), told.err or found
    return found.place.partition("（")[0], script.partition("（")[0]


# ---------------------------------------------------------------- the trail, line by line


def read(bundle: Path, name: str) -> Lines:
    return [json.loads(line) for line in (bundle / name).read_bytes().splitlines()]


def write(bundle: Path, name: str, entries: Lines) -> None:
    (bundle / name).write_text("".join(canonical(entry) + "\n" for entry in entries), encoding="utf-8")
    relisted(bundle)


def edited(entry: dict[str, Any], **changes: object) -> None:
    """The event says something else and its hash is made to fit."""
    event = {**json.loads(entry["payload"]), **changes}
    entry["payload"] = canonical(event)
    entry["hash"] = leaf_hash(entry["payload"].encode()).hex()


def rehashed(entries: Lines, start: int) -> None:
    """The event at `start` is changed and every later one of the case is chained to the one before it again."""
    edited(entries[start], actor="mo.sheng")
    for before, entry in zip(entries[start:], entries[start + 1 :], strict=False):
        edited(entry, prev=before["hash"])


def mutations(entries: Lines) -> Iterator[tuple[str, Lines, int]]:
    """Every kind of change at every line: what is left, and the line it must be found at."""

    def fresh() -> Lines:
        return json.loads(json.dumps(entries))  # type: ignore[no-any-return]

    for number in range(len(entries)):
        one = fresh()
        one[number]["payload"] = one[number]["payload"].replace('"actor":"', '"actor":"x', 1)
        yield "edit", one, number
        two = fresh()
        edited(two[number], actor="mo.sheng")
        yield "edit and hash", two, number
        three = fresh()
        rehashed(three, number)
        yield "rehash from there", three, number
        yield "insert", [*entries[: number + 1], *entries[number:]], number + 1
        if number < len(entries) - 1:
            yield "delete", [*entries[:number], *entries[number + 1 :]], number
            yield "reorder", [*entries[:number], entries[number + 1], entries[number], *entries[number + 2 :]], number


def test_every_change_of_the_trail_is_found_at_its_line(
    copied: Callable[[str], Path], capsys: pytest.CaptureFixture[str]
) -> None:
    bundle = copied("full")
    entries = read(bundle, "trail.jsonl")
    assert places(bundle, capsys) == ("", "")
    for what, changed, number in mutations(entries):
        write(bundle, "trail.jsonl", changed)
        place = f"trail.jsonl 第 {number + 1} 行"
        assert places(bundle, capsys) == (place, place), (what, number)


def test_a_trail_cut_off_anywhere_is_found(copied: Callable[[str], Path], capsys: pytest.CaptureFixture[str]) -> None:
    bundle = copied("full")
    entries = read(bundle, "trail.jsonl")
    for length in range(1, len(entries)):
        write(bundle, "trail.jsonl", entries[:length])
        ours, script = places(bundle, capsys)
        assert (ours, script) == (ours, ours)
        assert ours.startswith(("contents/", "records/", "state.json")), length


def test_every_change_of_a_redacted_trail_is_found(
    copied: Callable[[str], Path], capsys: pytest.CaptureFixture[str]
) -> None:
    bundle = copied("redacted")
    trail, fields = read(bundle, "trail.jsonl"), read(bundle, "fields.jsonl")
    assert places(bundle, capsys) == ("", "")
    for number in range(len(trail) - 1):
        for left in ([*trail[:number], *trail[number + 1 :]], [*trail[: number + 1], *trail[number:]]):
            write(bundle, "trail.jsonl", left)
            ours, script = places(bundle, capsys)
            assert ours == script != "", (number, len(left))
        swapped = [*trail[:number], trail[number + 1], trail[number], *trail[number + 2 :]]
        write(bundle, "trail.jsonl", swapped)
        ours, script = places(bundle, capsys)
        assert ours == script != "", number
    write(bundle, "trail.jsonl", trail)
    for number in range(len(fields)):
        told = json.loads(json.dumps(fields))
        told[number]["fields"]["act"]["value"] = (
            "claim" if told[number]["fields"]["act"]["value"] != "claim" else "sign"
        )
        write(bundle, "fields.jsonl", told)
        assert places(bundle, capsys) == ("fields.jsonl", "fields.jsonl")
        write(bundle, "fields.jsonl", [*fields[:number], *fields[number + 1 :]])
        assert places(bundle, capsys) == ("fields.jsonl", "fields.jsonl")


# ---------------------------------------------------------------- everything else in the bundle


def one(bundle: Path, pattern: str) -> Path:
    return sorted(bundle.glob(pattern))[0]


def swapped(pattern: str) -> Change:
    def change(bundle: Path) -> None:
        first, second = sorted(bundle.glob(pattern))[:2]
        a, b = first.read_bytes(), second.read_bytes()
        first.write_bytes(b)
        second.write_bytes(a)

    return change


def line_changed(name: str, change: Callable[[Lines], object]) -> Change:
    def apply(bundle: Path) -> None:
        entries = read(bundle, name)
        change(entries)
        (bundle / name).write_text("".join(canonical(entry) + "\n" for entry in entries), encoding="utf-8")

    return apply


def flipped(pattern: str) -> Change:
    def change(bundle: Path) -> None:
        place = one(bundle, pattern)
        data = bytearray(place.read_bytes())
        data[len(data) // 2] ^= 1
        place.write_bytes(bytes(data))

    return change


def signatures_exchanged(bundle: Path) -> None:
    """Two decisions carry each other's signature; their hashes and the pairs of files are made to fit."""
    entries = read(bundle, "trail.jsonl")
    first, second = [entry for entry in entries if json.loads(entry["payload"])["attested"]][:2]
    a, b = (json.loads(entry["payload"])["signature"] for entry in (first, second))
    edited(first, signature=b)
    edited(second, signature=a)
    write(bundle, "trail.jsonl", entries)
    swapped("signatures/*.sig")(bundle)


FORGERIES: dict[str, tuple[Change, str]] = {
    "a record edited": (flipped("records/*"), "records/"),
    "a record left out": (lambda b: one(b, "records/*").unlink(), "records/"),
    "a record slipped in": (lambda b: (b / "records/9-9-review.json").write_text("{}"), "records/9-9-review.json"),
    "two records exchanged": (swapped("records/*-review.json"), "records/"),
    "a draft edited": (flipped("contents/第1稿-*"), "contents/"),
    "a draft left out": (lambda b: one(b, "contents/第1稿-*").unlink(), "contents/"),
    "a content slipped in": (lambda b: (b / "contents/x.txt").write_text("x"), "contents/x.txt"),
    "the state edited": (flipped("state.json"), "state.json"),
    "a signed decision edited": (flipped("signatures/*.json"), "signatures/"),
    "two signature files exchanged": (swapped("signatures/*.sig"), "signatures/"),
    "a signature file left out": (lambda b: one(b, "signatures/*.sig").unlink(), "signatures/"),
    "two decisions with each other's signature": (signatures_exchanged, "trail.jsonl"),
    "a key left out": (line_changed("keys.jsonl", lambda e: e.pop(0)), "allowed_signers"),
    "a key given to somebody else": (
        line_changed("keys.jsonl", lambda e: edited(e[0], facts={"officer": "x", "fingerprint": "", "public_key": ""})),
        "keys.jsonl 第 1 行",
    ),
    "keys out of order": (line_changed("keys.jsonl", lambda e: e.reverse()), "keys.jsonl 第 2 行"),
    "a signer slipped in": (lambda b: (b / "allowed_signers").write_text("x ssh-ed25519 AAAA\n"), "allowed_signers"),
    "the checkpoint of another root": (
        lambda b: shutil.copy(one(b, "checkpoints/*.txt"), b / "checkpoint.txt"), "trail.jsonl",
    ),
    "an earlier checkpoint edited": (
        lambda b: (p := one(b, "checkpoints/*.txt")).write_text(p.read_text().replace("=", "A=", 1)[:-1]),
        "checkpoints/",
    ),
    "two earlier checkpoints exchanged": (swapped("checkpoints/*.txt"), "checkpoints/"),
    "a proof of growth edited": (
        line_changed("consistency.jsonl", lambda e: e[0].update(proof=e[1]["proof"])), "consistency.jsonl 第 1 行",
    ),
    "a proof of growth left out": (line_changed("consistency.jsonl", lambda e: e.pop(0)), "checkpoints/"),
    "proofs of growth out of order": (line_changed("consistency.jsonl", lambda e: e.reverse()), "consistency.jsonl"),
    "two checkpoint signatures exchanged": (swapped("checkpoints/*.txt.sig"), "checkpoints/"),
    "a signature without its checkpoint": (
        lambda b: shutil.copy(one(b, "checkpoints/*.sig"), b / "checkpoints/000000000001.txt.sig"), "checkpoints/",
    ),
    "another installation's key": (lambda b: (b / "instance.pub").write_text("ssh-ed25519 !!\n"), "instance.pub"),
    "a case number that plays with the terminal": (
        lambda b: (b / "manifest.json").write_text(
            canonical({**json.loads((b / "manifest.json").read_bytes()), "case": "\x1b[2J"})
        ),
        "manifest.json",
    ),
    "a trail that is no JSON": (lambda b: (b / "trail.jsonl").write_text("x\n"), "trail.jsonl 第 1 行"),
    "a trail without an end": (lambda b: (b / "trail.jsonl").write_bytes(b"{}"), "trail.jsonl"),
}  # fmt: skip


@pytest.mark.parametrize("what", FORGERIES)
def test_every_forgery_is_found_at_the_same_place(
    what: str, copied: Callable[[str], Path], capsys: pytest.CaptureFixture[str]
) -> None:
    change, expected = FORGERIES[what]
    bundle = copied("full")
    change(bundle)
    relisted(bundle)
    ours, script = places(bundle, capsys)
    assert ours == script != ""
    assert ours.startswith(expected)


def test_a_file_changed_under_the_old_lists_is_named(
    copied: Callable[[str], Path], capsys: pytest.CaptureFixture[str]
) -> None:
    bundle = copied("full")
    for place in sorted(path for path in bundle.rglob("*") if path.is_file() and path.name != "manifest.json"):
        original, name = place.read_bytes(), place.relative_to(bundle).as_posix()
        place.write_bytes(original + b" ")
        assert places(bundle, capsys) == (name, name)
        place.write_bytes(original)
    assert places(bundle, capsys) == ("", "")


def test_the_script_alone_in_an_empty_environment(taken: Taken, tmp_path: Path) -> None:
    script = shutil.copy(taken.full / "verify.py", tmp_path / "verify.py")
    for bundle in (taken.full, taken.redacted):
        words = [sys.executable, "-I", "-S", script, str(bundle), verify_bundle(bundle).manifest]
        ran = subprocess.run(words, env={"PATH": os.environ["PATH"]}, capture_output=True, text=True, check=False)
        assert (ran.returncode, ran.stderr) == (0, "")
        wrong = subprocess.run([*words[:-1], "0" * 64], capture_output=True, text=True, check=False)
        assert (wrong.returncode, "manifest.json" in wrong.stderr) == (6, True)
