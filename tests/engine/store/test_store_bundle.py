"""A case taken out of the office: sound as written, and every later change is found and named, by code that
needs nothing of ours."""

from __future__ import annotations

import json
import re
import shutil
import stat
import subprocess
import sys
import warnings
import zipfile
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from store_cases import two_cases

from engine.errors import Conflict, InvalidInput, NotFound
from engine.store import Bundle, create_store, write_bundle
from engine.store.verify import checkpoint_of
from engine.trail import standalone
from engine.trail.bundles import Findings, sums_of, verify_bundle
from engine.trail.container import safe_name
from engine.trail.verifier import canonical, leaf_hash

PAPERS = {"papers/公平竞争审查表.txt": "经审查，符合标准。".encode(), "papers/empty": b""}
PER_TEST = settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return two_cases(create_store(tmp_path_factory.mktemp("store") / "review.db"))


@pytest.fixture(scope="module")
def folder(store: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_bundle(store, "2026-0001", tmp_path_factory.mktemp("bundle") / "案卷", PAPERS).path


@pytest.fixture(scope="module")
def archive(store: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_bundle(store, "2026-0001", tmp_path_factory.mktemp("bundle") / "案卷.zip", PAPERS).path


@pytest.fixture
def copy(folder: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(folder, tmp_path / "copy"))


def files_of(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def remade(folder: Path) -> None:
    """The manifest made anew around the present files, as a forger would."""
    manifest = json.loads((folder / "manifest.json").read_bytes())
    names = [name for name in files_of(folder) if name not in ("manifest.json", "SHA256SUMS")]
    listed = {name: sha256((folder / name).read_bytes()).hexdigest() for name in names}
    (folder / "SHA256SUMS").write_text(sums_of(listed), encoding="utf-8")
    listed["SHA256SUMS"] = sha256((folder / "SHA256SUMS").read_bytes()).hexdigest()
    manifest["files"] = listed
    (folder / "manifest.json").write_text(canonical(manifest), encoding="utf-8")


# ---------------------------------------------------------------- as written


def test_a_bundle_holds_the_case_and_nothing_else(folder: Path) -> None:
    digest = sha256("第一条 本市企业优先。2026-0001".encode()).hexdigest()
    assert files_of(folder) == [
        "SHA256SUMS", "checkpoint.txt", f"contents/{digest}", "manifest.json", "papers/empty",
        "papers/公平竞争审查表.txt", "records/1-1-version.json", "records/3-1-conclusion.json", "state.json",
        "trail.jsonl", "verify.py",
    ]  # fmt: skip
    assert [json.loads(line)["seq"] for line in (folder / "trail.jsonl").read_text().splitlines()] == [1, 3, 5]


def test_folder_and_zip_are_sound_and_say_the_same(store: Path, folder: Path, archive: Path, tmp_path: Path) -> None:
    written = write_bundle(store, "2026-0001", tmp_path / "again.zip", PAPERS)
    found = verify_bundle(folder)
    root = written.checkpoint.root.hex()
    assert found == Findings(True, "", "", "2026-0001", 3, 10, written.manifest, 5, root, unsigned=1)
    assert verify_bundle(archive) == found == verify_bundle(archive, written.manifest.upper())
    assert written.path.read_bytes() == archive.read_bytes()
    assert (folder / "checkpoint.txt").read_text() == checkpoint_of(store)


def test_the_copy_in_the_bundle_judges_without_us(folder: Path, archive: Path, tmp_path: Path) -> None:
    script = shutil.copy(folder / "verify.py", tmp_path / "verify.py")

    def run(*arguments: object) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-I", "-S", script, *map(str, arguments)]
        return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)

    sound = run(archive)
    assert (sound.returncode, sound.stderr) == (0, "")
    assert sound.stdout.startswith("完好。案件 2026-0001：3 个动作，10 个文件。\n总流水 5 条")
    assert run(folder, verify_bundle(folder).manifest).returncode == 0
    wrong = run(folder, "0" * 64)
    assert (wrong.returncode, wrong.stdout) == (6, "")
    assert wrong.stderr.startswith("不可信。第一处问题：manifest.json：清单摘要是")
    assert [run().returncode, run(tmp_path / "none").returncode, run(folder, "", "").returncode] == [2, 2, 2]


def test_what_cannot_be_written_is_refused(store: Path, tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="2026-0003"):
        write_bundle(store, "2026-0003", tmp_path / "a")
    (tmp_path / "here").mkdir()
    with pytest.raises(Conflict, match="已经存在"):
        write_bundle(store, "2026-0001", tmp_path / "here")
    with pytest.raises(InvalidInput, match="写不到"):
        write_bundle(store, "2026-0001", tmp_path / "no" / "such" / "a.zip")
    assert [path.name for path in tmp_path.iterdir()] == ["here"]


def test_a_bundle_too_large_to_verify_is_not_written(store: Path, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="装不进"):
        write_bundle(store, "2026-0001", tmp_path / "a.zip", {f"papers/{number}": b"" for number in range(20_000)})
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "name", ["../a", "/a", "a/../b", "a\\b", "C:a", "", "a//b", "./a", "a\nb", "manifest.json", "trail.jsonl",
             "records/9-1-review.json", "contents/x", "a" * 401, "SHA256SUMS", "keys.jsonl", "allowed_signers",
             "signatures/1.sig", "checkpoints/1.txt", "fields.jsonl"],
)  # fmt: skip
def test_a_paper_stays_in_its_place(store: Path, tmp_path: Path, name: str) -> None:
    assert isinstance(write_bundle(store, "2026-0001", tmp_path / "good", {"papers/a": b""}), Bundle)
    with pytest.raises(InvalidInput, match="不能放进案卷包"):
        write_bundle(store, "2026-0001", tmp_path / "bad", {name: b""})
    assert not (tmp_path / "bad").exists()


# ---------------------------------------------------------------- one byte


NAMES = [
    "SHA256SUMS", "checkpoint.txt", "contents", "manifest.json", "papers/公平竞争审查表.txt",
    "records/1-1-version.json", "records/3-1-conclusion.json", "state.json", "trail.jsonl", "verify.py",
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
@PER_TEST
@given(offset=st.integers(0, 1 << 16), bit=st.integers(0, 7))
def test_one_flipped_bit_anywhere_is_found_and_named(copy: Path, name: str, offset: int, bit: int) -> None:
    path = next((copy / name).iterdir()) if name == "contents" else copy / name
    original = path.read_bytes()
    data = bytearray(original)
    data[offset % len(data)] ^= 1 << bit
    path.write_bytes(data)
    found = verify_bundle(copy)
    path.write_bytes(original)
    assert not found.sound
    if name != "manifest.json":
        assert found.place == path.relative_to(copy).as_posix()


@PER_TEST
@given(offset=st.integers(0, 1 << 16), bit=st.integers(0, 7))
def test_one_flipped_bit_of_a_zip_is_found_or_changes_nothing(
    archive: Path, tmp_path: Path, offset: int, bit: int
) -> None:
    """Dates and other marks of the archive itself are nobody's evidence; then every file still reads the same."""
    data = bytearray(archive.read_bytes())
    data[offset % len(data)] ^= 1 << bit
    (tmp_path / "flipped.zip").write_bytes(data)
    found = verify_bundle(tmp_path / "flipped.zip")
    assert not found.sound or found == verify_bundle(archive)


# ---------------------------------------------------------------- a forger who makes the manifest anew

Line = dict[str, Any]


def lines(folder: Path, change: Callable[[list[Line]], object]) -> None:
    trail = folder / "trail.jsonl"
    entries = [json.loads(line) for line in trail.read_text(encoding="utf-8").splitlines()]
    change(entries)
    trail.write_text("".join(canonical(entry) + "\n" for entry in entries), encoding="utf-8")


def reseal(entry: Line, **changes: object) -> None:
    event = {**json.loads(entry["payload"]), **changes}
    entry["payload"] = canonical({name: value for name, value in event.items() if value is not None})
    entry["hash"] = leaf_hash(entry["payload"].encode()).hex()


def content_of(folder: Path) -> Path:
    return next((folder / "contents").iterdir())


@pytest.mark.parametrize(
    ("change", "place", "what"),
    [
        (lambda f: (f / "records/3-1-conclusion.json").write_text(""), "records/3-1-conclusion.json", "与流水记载"),
        (lambda f: (f / "records/3-1-conclusion.json").unlink(), "records/3-1-conclusion.json", "与流水记载不符"),
        (lambda f: (f / "records/9-1-review.json").write_text("{}"), "records/9-1-review.json", "与流水记载不符"),
        (lambda f: (f / "state.json").write_text("{}"), "state.json", "与流水记载不符"),
        (lambda f: content_of(f).write_text("第一条 公平竞争。"), "contents/", "与流水记载不符"),
        (lambda f: content_of(f).unlink(), "contents/", "与流水记载不符"),
        (lambda f: (f / "state.json").unlink(), "state.json", "缺少该文件"),
        (lambda f: (f / "checkpoint.txt").write_text("x"), "checkpoint.txt", "不是检查点"),
        (lambda f: (f / "trail.jsonl").write_text(""), "trail.jsonl", "没有内容"),
        (lambda f: lines(f, lambda e: e.pop(0)), "trail.jsonl 第 1 行（流水号 3）", "不是案件 2026-0001 的第 1 个动作"),
        (lambda f: lines(f, lambda e: e.pop(1)), "trail.jsonl 第 2 行（流水号 5）", "不是案件 2026-0001 的第 2 个动作"),
        (lambda f: lines(f, lambda e: e.reverse()), "trail.jsonl 第 1 行（流水号 5）", "不是案件"),
        (lambda f: lines(f, lambda e: e.insert(1, e[0])), "trail.jsonl 第 2 行（流水号 1）", "不是案件"),
        (lambda f: lines(f, lambda e: e.pop()), "state.json", "与流水记载不符"),
        (lambda f: lines(f, lambda e: reseal(e[1], actor="li")), "trail.jsonl 第 2 行（流水号 3）", "包含证明"),
        (lambda f: lines(f, lambda e: reseal(e[1], seq=2)), "trail.jsonl 第 2 行（流水号 3）", "流水号不符"),
        (lambda f: lines(f, lambda e: reseal(e[1], v=2)), "trail.jsonl 第 2 行（流水号 3）", "版本"),
        (lambda f: lines(f, lambda e: e[1].update(hash="0" * 64)), "trail.jsonl 第 2 行（流水号 3）", "内容与哈希不符"),
        (lambda f: lines(f, lambda e: e[1].update(seq=4)), "trail.jsonl 第 2 行（流水号 4）", "流水号不符"),
        (lambda f: lines(f, lambda e: e[1].update(proof=[])), "trail.jsonl 第 2 行（流水号 3）", "包含证明通不到"),
        (lambda f: lines(f, lambda e: e[1].update(proof=["zz"])), "trail.jsonl 第 2 行（流水号 3）", "包含证明写法"),
        (lambda f: lines(f, lambda e: e[1].update(proof=[1])), "trail.jsonl 第 2 行（流水号 3）", "包含证明写法"),
        (lambda f: lines(f, lambda e: e[1].update(proof={})), "trail.jsonl 第 2 行（流水号 3）", "字段 proof"),
        (lambda f: lines(f, lambda e: e[1].pop("payload")), "trail.jsonl 第 2 行（流水号 3）", "字段 payload"),
        (lambda f: lines(f, lambda e: e[1].update(seq="3")), "trail.jsonl 第 2 行", "字段 seq"),
    ],
)  # fmt: skip
def test_a_new_manifest_does_not_help(copy: Path, change: Callable[[Path], object], place: str, what: str) -> None:
    remade(copy)
    assert verify_bundle(copy).sound
    printed = verify_bundle(copy).manifest
    change(copy)
    remade(copy)
    found = verify_bundle(copy)
    assert (found.sound, found.place.startswith(place), what in found.what) == (False, True, True), found
    assert verify_bundle(copy, printed).place in ("manifest.json", found.place)


def test_only_the_printed_digest_sees_a_changed_paper_under_a_new_manifest(copy: Path) -> None:
    printed = verify_bundle(copy).manifest
    (copy / "papers/公平竞争审查表.txt").write_text("经审查，不符合标准。", encoding="utf-8")
    assert verify_bundle(copy).place == "papers/公平竞争审查表.txt"
    remade(copy)
    assert verify_bundle(copy).sound
    assert verify_bundle(copy, printed).place == "manifest.json"


@pytest.mark.parametrize(
    "change",
    [
        {"schema": "shuangshen.bundle/1"},
        {"redacted": True},
        {"redacted": 0},
        {"case": "2026-0002"},
        {"case": 1},
        {"more": 1},
        {"files": []},
        {"files": {}},
    ],
)
def test_every_field_of_the_manifest_counts(copy: Path, change: dict[str, object]) -> None:
    manifest = json.loads((copy / "manifest.json").read_bytes())
    (copy / "manifest.json").write_text(canonical(manifest), encoding="utf-8")
    assert verify_bundle(copy).sound
    (copy / "manifest.json").write_text(canonical({**manifest, **change}), encoding="utf-8")
    assert not verify_bundle(copy).sound


# ---------------------------------------------------------------- hostile containers


def test_links_and_special_files_are_refused(copy: Path, tmp_path: Path) -> None:
    (tmp_path / "outside").write_bytes((copy / "state.json").read_bytes())
    (copy / "state.json").unlink()
    (copy / "state.json").symlink_to(tmp_path / "outside")
    assert verify_bundle(copy)[:3] == (False, "state.json", "是链接或特殊文件，不是普通文件")
    (copy / "state.json").unlink()
    (copy / "state.json").symlink_to(tmp_path)
    assert verify_bundle(copy)[:2] == (False, "state.json")


def test_files_beyond_the_manifest_and_missing_ones_are_named(copy: Path) -> None:
    (copy / "json.py").write_text("raise SystemExit(0)")
    assert verify_bundle(copy)[1:3] == ("json.py", "包里有，清单里没有")
    (copy / "json.py").unlink()
    (copy / "papers/empty").unlink()
    assert verify_bundle(copy)[1:3] == ("papers/empty", "清单里有，包里没有")


def zipped(path: Path, *entries: tuple[zipfile.ZipInfo | str, bytes]) -> Findings:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
            for name, data in entries:
                made.writestr(name, data)
    return verify_bundle(path)


@pytest.mark.parametrize("name", ["../evil", "/etc/evil", "a\\..\\evil", "C:/evil", "a/", "nul\x07l"])
def test_a_name_that_leaves_the_bundle_is_refused(tmp_path: Path, name: str) -> None:
    found = zipped(tmp_path / "a.zip", (name, b""))
    assert (found.sound, found.what) == (False, "文件名不安全")


def test_a_zip_with_a_link_or_a_name_twice_is_refused(folder: Path, tmp_path: Path) -> None:
    entries = [(name, (folder / name).read_bytes()) for name in files_of(folder)]
    assert zipped(tmp_path / "a.zip", *entries).sound
    assert zipped(tmp_path / "b.zip", *entries, entries[0])[1:3] == (entries[0][0], "同名文件出现两次")
    link = zipfile.ZipInfo("state.json")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    assert zipped(tmp_path / "c.zip", (link, b"/etc/passwd"))[1:3] == ("state.json", "是符号链接")


def test_a_bomb_is_not_unpacked(tmp_path: Path) -> None:
    found = zipped(tmp_path / "a.zip", ("manifest.json", b"\0" * ((128 << 20) + 1)))
    assert (found.place, found.what) == ("manifest.json", "文件过大（超过 128 MiB）")
    many = zipped(tmp_path / "b.zip", *((f"papers/{number}", b"") for number in range(20_001)))
    assert many.what == "文件过多或总量过大，拒绝展开"


def test_many_names_for_the_same_data_are_not_unpacked(archive: Path, tmp_path: Path) -> None:
    """A bomb of the flat kind: every entry is small in the file and says that it is 120 MiB unpacked."""
    data = bytearray(archive.read_bytes())
    for entry in (found.start() for found in re.finditer(b"PK\x01\x02", bytes(data))):
        data[entry + 24 : entry + 28] = (120 << 20).to_bytes(4, "little")
    (tmp_path / "a.zip").write_bytes(data)
    assert verify_bundle(archive).files >= 9
    assert verify_bundle(tmp_path / "a.zip").what == "文件过多或总量过大，拒绝展开"


def test_a_directory_beyond_measure_is_refused_before_it_is_read(archive: Path, tmp_path: Path) -> None:
    data = bytearray(archive.read_bytes())
    end = data.rindex(b"PK\x05\x06")
    data[end + 12 : end + 16] = (17 << 20).to_bytes(4, "little")
    (tmp_path / "a.zip").write_bytes(data)
    assert verify_bundle(tmp_path / "a.zip").what == "文件过多或总量过大，拒绝展开"
    sixty_four = archive.read_bytes()
    sixty_four = sixty_four[:end] + b"PK\x06\x07" + b"\0" * 16 + sixty_four[end:]
    (tmp_path / "b.zip").write_bytes(sixty_four)
    assert verify_bundle(tmp_path / "b.zip").what == "文件过多或总量过大，拒绝展开"


def test_an_entry_in_cipher_or_another_packing_is_refused(archive: Path, folder: Path, tmp_path: Path) -> None:
    assert verify_bundle(archive).sound
    data = bytearray(archive.read_bytes())
    entry = data.index(b"PK\x01\x02")
    data[entry + 8] |= 1
    (tmp_path / "a.zip").write_bytes(data)
    with zipfile.ZipFile(tmp_path / "b.zip", "w", zipfile.ZIP_LZMA) as made:
        for name in files_of(folder):
            made.writestr(name, (folder / name).read_bytes())
    for name in ("a.zip", "b.zip"):
        found, script = verify_bundle(tmp_path / name), standalone.main([str(tmp_path / name)])
        assert (found.what, script) == ("加密或压缩方式不受支持", 6)


@pytest.mark.parametrize("name", ["../evil", "/etc/evil", "a\\..\\evil", "C:/evil", "nul\x07l"])
def test_the_script_refuses_what_we_refuse(folder: Path, tmp_path: Path, name: str) -> None:
    entries = [(each, (folder / each).read_bytes()) for each in files_of(folder)]
    assert zipped(tmp_path / "a.zip", *entries).sound
    assert standalone.main([str(tmp_path / "a.zip")]) == 0
    link = zipfile.ZipInfo("records/x")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    for number, entry in enumerate(((name, b""), entries[0], (link, b"/etc/passwd"))):
        place = tmp_path / f"{number}.zip"
        assert (zipped(place, *entries, entry).sound, standalone.main([str(place)])) == (False, 6)


def test_a_zip_that_lies_about_sizes_is_refused(archive: Path, tmp_path: Path) -> None:
    data = bytearray(archive.read_bytes())
    entry = data.index(b"PK\x01\x02")
    data[entry + 24 : entry + 28] = (1).to_bytes(4, "little")
    (tmp_path / "a.zip").write_bytes(data)
    assert not verify_bundle(tmp_path / "a.zip").sound


@pytest.mark.parametrize("data", [b"", b"PK", b"not a zip", b"PK\x05\x06" + b"\0" * 18])
def test_what_is_no_bundle_is_not_sound(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a.zip").write_bytes(data)
    assert not verify_bundle(tmp_path / "a.zip").sound
    assert not verify_bundle(tmp_path / "none.zip").sound


@settings(deadline=None)
@given(st.text())
def test_a_safe_name_stays_inside(name: str) -> None:
    if safe_name(name):
        inside = Path("/bundle").joinpath(name)
        assert inside.as_posix() == f"/bundle/{name}"
        assert ".." not in inside.parts
