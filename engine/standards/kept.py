"""TOML files as parsed before, kept beside them under the digest of their bytes, as Python keeps its own bytecode.

Parsing all the rules takes longer than reading a document; the same tables as JSON load at once. Where nothing can be
written, or another version wrote it, the files are parsed as ever. Called by whoever loads many packaged tables.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import tomllib
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

_NAME = "tables.json"
_DAY = "\0day"
"""The key of a date, which JSON has no word for."""


@dataclass
class _Kept:
    """The tables of a folder by the digest of their files; those asked for, and whether any was parsed anew."""

    tables: dict[str, dict[str, Any]]
    asked: set[str] = field(default_factory=set)
    is_new: bool = False


_FOLDERS: dict[Path, _Kept] = {}


def read_toml(path: Path) -> dict[str, Any]:
    """The table in a TOML file, a new one for every caller.

    Raises OSError, UnicodeDecodeError and tomllib.TOMLDecodeError.
    """
    return parsed(path.parent, path.read_bytes())


def parsed(folder: Path, content: bytes) -> dict[str, Any]:
    """The table in the bytes of a TOML file of the folder; raises what `read_toml` does, but for OSError."""
    digest = hashlib.sha256(content).hexdigest()
    kept = _FOLDERS.get(folder) or _opened(folder)
    if digest not in kept.tables:
        kept.tables[digest] = tomllib.loads(content.decode("utf-8").replace("\r\n", "\n"))
        kept.is_new = True
    kept.asked.add(digest)
    return dict(kept.tables[digest])


def _opened(folder: Path) -> _Kept:
    tables: dict[str, dict[str, Any]] = {}
    with suppress(OSError, ValueError):
        found = json.loads((folder / "__pycache__" / _NAME).read_bytes(), object_hook=_with_days)
        tables = found if isinstance(found, dict) else {}
    return _FOLDERS.setdefault(folder, _Kept(tables))


def keep(folder: Path) -> None:
    """What was read from the folder is kept for the next process, where that can be; nothing of it stays in memory."""
    kept = _FOLDERS.pop(folder, None)
    if kept is None or not kept.is_new or sys.dont_write_bytecode:
        return
    target = folder / "__pycache__" / _NAME
    written = target.with_name(f"{_NAME}.{os.getpid()}")
    with suppress(OSError, TypeError):
        words = json.dumps(
            {digest: kept.tables[digest] for digest in sorted(kept.asked)}, ensure_ascii=False, default=_of_day
        )
        target.parent.mkdir(exist_ok=True)
        written.write_text(words, encoding="utf-8")
        written.replace(target)


def _of_day(value: object) -> dict[str, str]:
    if type(value) is date:
        return {_DAY: value.isoformat()}
    raise TypeError(type(value).__name__)


def _with_days(table: dict[str, Any]) -> Any:
    return date.fromisoformat(table[_DAY]) if _DAY in table else table
