"""A bundle is its files: one hash, published once, read back from the store without the parser."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from engine.errors import ProcessError
from engine.model import Role
from engine.process import Bundle, bundle_from_bytes, bundle_to_bytes, load_bundle

SHIPPED = load_bundle()


def _write(directory: Path, bundle: Bundle) -> None:
    for name, content in bundle.files.items():
        (directory / name).write_bytes(content)


def test_the_hash_depends_on_the_files_alone(tmp_path: Path) -> None:
    _write(tmp_path, SHIPPED)
    (tmp_path / "notes.txt").write_text("不属于流程")
    assert load_bundle(tmp_path).hash == SHIPPED.hash
    for path in tmp_path.glob("*.bpmn"):
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert load_bundle(tmp_path).hash == SHIPPED.hash
    (tmp_path / "lanes.toml").write_bytes(SHIPPED.files["lanes.toml"] + b"# x\n")
    assert load_bundle(tmp_path).hash != SHIPPED.hash


def test_a_stored_bundle_reads_back_equal() -> None:
    program = (
        "import sys; from engine.process import bundle_from_bytes, bundle_to_bytes, start\n"
        "data = sys.stdin.buffer.read(); bundle = bundle_from_bytes(data)\n"
        "start(bundle, {'trigger': 'x', 'kind': 'y', 'concerns_operators': True, 'dual_review_for_all': False,"
        " 'reviewers': {'a': {}}}, {'screen': lambda _: {}})\n"
        "assert bundle_to_bytes(bundle) == data\n"
        "print([name for name in sys.modules if 'SpiffWorkflow.spiff.parser' in name])"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], input=bundle_to_bytes(SHIPPED), capture_output=True, check=True
    )
    assert run.stdout.decode().strip() == "[]"


def test_a_bundle_is_published_once() -> None:
    assert load_bundle() is load_bundle()
    assert bundle_from_bytes(bundle_to_bytes(SHIPPED)) is SHIPPED


def test_damage_is_noticed() -> None:
    data = bundle_to_bytes(SHIPPED)
    for damaged in (b"", data[:-5], data[:200] + bytes([data[200] ^ 1]) + data[201:]):
        with pytest.raises(ProcessError, match="流程版本已损坏"):
            bundle_from_bytes(damaged)


def test_a_directory_without_the_top_process_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ProcessError, match=r"没有 dual_review\.bpmn"):
        load_bundle(tmp_path)
    with pytest.raises(ProcessError, match="读不到流程目录"):
        load_bundle(tmp_path / "none")


def test_what_is_no_process_directory_is_refused_before_it_is_read(tmp_path: Path) -> None:
    long = tmp_path / "long"
    long.mkdir()
    _write(long, SHIPPED)
    many = Path(shutil.copytree(long, tmp_path / "many"))
    (long / "scope.dmn").write_bytes(b" " * (1024 * 1024) + SHIPPED.files["scope.dmn"])
    with pytest.raises(ProcessError, match=r"scope\.dmn 超过 1024 KB"):
        load_bundle(long)
    for number in range(33):
        (many / f"{number}.toml").write_text("")
    with pytest.raises(ProcessError, match="超过 32 个"):
        load_bundle(many)


def test_the_people_of_the_process() -> None:
    people = [(e.id, e.role, e.outcomes) for e in SHIPPED.elements.values() if e.outcomes]
    assert people == [
        ("confirm_scope", Role.REGULATOR, ("confirmed", "in_scope")),
        ("self_check", Role.DRAFTING_REVIEWER, ("done",)),
        ("sign_off", Role.DRAFTING_HEAD, ("signed", "redo", "revise")),
        ("accept", Role.REGULATOR, ("accepted", "correction", "returned")),
        ("correct_materials", Role.DRAFTER, ("supplied",)),
        ("consult_departments", Role.CO_REVIEWER, ("done",)),
        ("co_review", Role.REGULATOR, ("done",)),
        ("conclude", Role.JOINT_LEAD, ("compliant", "exception", "revise", "must_not_issue", "redo")),
        ("revise", Role.DRAFTER, ("resubmitted",)),
    ]


def test_the_ends_of_a_case_have_the_agreed_names() -> None:
    ends = {e.stage for e in SHIPPED.elements.values() if e.kind == "endEvent" and e.process == "dual_review"}
    assert ends == {"out_of_scope", "returned", "must_not_issue", "withdrawn", "archived"}
