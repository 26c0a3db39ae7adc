"""The walls of the house: who may import whom, what a quick command may load, and that the names are ours alone."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module
from importlib.metadata import distributions
from pathlib import Path

import pytest
from importlinter.cli import lint_imports

ROOT = Path(__file__).parent.parent
READ_COMMANDS = (["queue", "--all", "--json"], ["officers", "--json"], ["trail", "show", "--json"])
HEAVY = ("sqlmodel", "sqlalchemy", "SpiffWorkflow", "pydantic", "numpy", "lxml")


def test_the_import_contracts_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    assert lint_imports(config_filename=str(ROOT / "pyproject.toml"), cache_dir=None) == 0


@pytest.mark.parametrize("name", ["workflows", "engine", "reviewers", "cli"])
def test_the_top_level_names_belong_to_this_distribution_alone(name: str) -> None:
    strangers = {
        distribution.name
        for distribution in distributions()
        for file in distribution.files or ()
        if file.parts[0] in (name, f"{name}.py") and distribution.name != "shuangshen"
    }
    assert strangers == set()
    assert Path(str(import_module(name).__file__)).is_relative_to(ROOT)


def test_nobody_imports_the_counter() -> None:
    sources = [path for room in ("workflows", "engine", "reviewers") for path in (ROOT / room).rglob("*.py")]
    importing = [
        path
        for path in sources
        for line in path.read_text(encoding="utf-8").splitlines()
        if line.split()[:2] in (["import", "cli"], ["from", "cli"])
    ]
    assert importing == []


def test_the_version_is_answered_before_typer_is_imported() -> None:
    assert loaded_by(["--version"]) & {"typer", "rich", "engine", "typing_extensions"} == set()


@pytest.mark.parametrize("words", READ_COMMANDS, ids=lambda words: words[0])
def test_a_read_command_loads_neither_orm_nor_process_engine(words: list[str], installation: Path) -> None:
    assert loaded_by([*words, "--home", str(installation)]) & set(HEAVY) == set()


def loaded_by(words: list[str]) -> set[str]:
    """The top-level modules loaded when this command line is run in a fresh interpreter."""
    program = (
        "import sys, cli\n"
        f"sys.argv = ['shuangshen', *{words!r}]\n"
        "try:\n    cli.main()\nexcept SystemExit as leaving:\n    assert not leaving.code, leaving.code\n"
        "print(*sorted({name.partition('.')[0] for name in sys.modules}), file=sys.stderr)"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT)
    return set(ran.stderr.split())
