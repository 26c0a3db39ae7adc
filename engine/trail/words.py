"""The free words of an act: kept beside its event in a record of their own, so that they can be destroyed one day.

Events are never changed, so what an event holds in clear stays for ever: codes, ids, days, numbers and digests.
Everything else somebody typed stands in one record of kind `words`, the last the event files, and the event names only
which facts these are and the record's digest. That record, like every other, holds 16 random bytes, so that nobody
finds a short reason again by trying. Called by the store for writing and reading, and by whatever reads a bundle.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from enum import StrEnum
from hashlib import sha256
from json import loads
from typing import Any

KIND = FACT = "words"
"""The kind of such a record, and the fact that names which facts it holds, in order, with commas between."""
SALT = "salt"
DESTROYED = "（已依法销毁）"
MISSING = "（记录缺失或被改动，请运行 shuangshen trail verify）"

CODES = frozenset({
    "adopted", "beacon", "bundle", "bundle_from", "bundle_to", "calendar", "case", "changed", "complaint", "concerns",
    "department", "departments", "due_from", "due_on", "due_to", "element", "fields", "finding",
    "fingerprint", "for", "from", "handover", "hits", "home", "home_case", "incidents", "instance", "key", "kind",
    "ledger", "not_mapped", "offer", "officer", "opinion", "opinions", "origin", "origin_name", "out_hash", "outcome",
    "period", "picked", "position_found", "public_key", "reopened_as", "reopens", "reported_by", "responsible", "root",
    "route", "ruling", "seed_sha256", "segment", "stage_found", "stage_from", "stage_to", "step", "task", "term", "to",
    "to_name", "trigger",
})  # fmt: skip
"""The facts whose text is a code, an id, a day or a digest and stays in clear; an office's name is the one name."""
_DIGEST = re.compile("[0-9a-f]{64}")


def parted(facts: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """What stays in the event of these facts, and the words that do not; an empty text says nothing and stays."""
    words = {name: value for name, value in facts.items() if not _is_clear(name, value)}
    clear = {name: value for name, value in facts.items() if name not in words}
    return clear | ({FACT: ",".join(sorted(words))} if words else {}), words


def _is_clear(name: str, value: Any) -> bool:
    if name in CODES or not value or isinstance(value, bool | int | date | StrEnum):
        return True
    return isinstance(value, str) and bool(_DIGEST.fullmatch(value))


def names_of(event: Mapping[str, Any]) -> tuple[str, ...]:
    """The facts of this event that stand in its record of words; none in an event of before there was one."""
    named = event["facts"].get(FACT)
    return tuple(named.split(",")) if isinstance(named, str) and named else ()


def digest_in(event: Mapping[str, Any]) -> str:
    """The digest of the event's own record of words, the last it files; empty when it has none.

    An event that takes a case in files the words of others as well, before its own.
    """
    return str(event["records"][-1]["digest"]) if names_of(event) and event["records"] else ""


def told(event: Mapping[str, Any], body_of: Callable[[str], str | None], instead: str = MISSING) -> dict[str, Any]:
    """The event with its words among the facts, as far as `body_of` (by digest) still has them.

    `instead` stands in the place of what it has not. A body that is not of that digest counts as missing.
    """
    names = names_of(event)
    if not names:
        return dict(event)
    digest = digest_in(event)
    body = body_of(digest)
    whole = body is not None and sha256(body.encode("utf-8", "replace")).hexdigest() == digest
    said = loads(body) if body and whole else dict.fromkeys(names, instead)
    return {**event, "facts": {**event["facts"], **{name: said.get(name, MISSING) for name in names}}}
