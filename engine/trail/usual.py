"""A quick way of reading an event for those who read a million of them; anything out of the ordinary goes the slow way.

An event of the usual form is recognised by one pattern that leaves no two readings: plain strings, whole numbers, keys
in order, no blanks. All else, a signed event or a string with an escape, is read by the strict reader. What is read are
the bytes as they lie, which must be UTF-8, and so is what it says. Called by `engine.store.quick`.
"""

from __future__ import annotations

import re
from functools import lru_cache

from engine.trail.verifier import Broken, canonical, strict_json

_TEXT = r'[^"\\\x00-\x1f]*+'
_DIGEST = "[0-9a-f]{64}"
_COMPARED = "(?s:.{64})"
"""A digest of which the reader only has to see that it is the one he expects, byte for byte."""
_RECORD = rf'\{{"digest":"{_COMPARED}","id":"[0-9-]+","kind":"[a-z_]+"\}}'
_RECORDS = f"(?:{_RECORD}(?:,{_RECORD})*)?"
_CONTENTS = f'(?:"{_DIGEST}"(?:,"{_DIGEST}")*)?'
_FACT = rf'"[a-z_]+":(?:"{_TEXT}"|-?[1-9][0-9]*|0|true|false|null)'
_KEY = re.compile(b'"([a-z_]+)":')
_USUAL = re.compile(
    (
        rf'{{"act":"({_TEXT})","actor":"({_TEXT})","at":"{_TEXT}","attested":false,"case":"({_TEXT})",'
        rf'"command":"({_TEXT})","command_digest":"({_TEXT})","contents":\[({_CONTENTS})\],'
        rf'"facts":{{((?:{_FACT}(?:,{_FACT})*)?)}},"prev":"({_COMPARED})","records":\[({_RECORDS})\],'
        rf'"revision":([1-9][0-9]*),"seq":([1-9][0-9]*),"state":"({_DIGEST})","unit":"{_TEXT}","v":1}}'
    ).encode()
)
_STAGE = re.compile(f'"stage_to":"({_TEXT})"'.encode())
_PLAIN, _PLAIN_CONTENTS, _PLAIN_RECORDS = (re.compile(each.encode()) for each in (_TEXT, _CONTENTS, _RECORDS))

UNTOLD = None
"""The stage of a case of which an event tells nothing."""


class Unusual(Exception):
    """Not to be judged the quick way."""


Told = tuple[bytes, bytes, bytes, bytes, bytes, bytes, "bytes | None", bytes, bytes, int, int, bytes]
"""What an event says, as far as the rest of the store must agree: act, actor, case, command, its digest, contents,
stage, prev, records, revision, seq, digest of the state; contents and records as they are spelled."""


def told(payload: bytes) -> Told:
    """What the event in this payload says; its one canonical spelling is what it was read from.

    Raises Unusual, UnicodeDecodeError when it is no UTF-8.
    """
    found = _USUAL.fullmatch(payload)
    if found is None:
        return _told_slowly(payload)
    payload.decode()
    act, actor, case, command, digest, contents, facts, prev, records, revision, seq, state = found.groups()
    if not _says_stage(tuple(_KEY.findall(facts))):
        return act, actor, case, command, digest, contents, UNTOLD, prev, records, int(revision), int(seq), state
    named = _STAGE.search(facts)
    if named is None:
        raise Unusual
    return act, actor, case, command, digest, contents, named[1], prev, records, int(revision), int(seq), state


@lru_cache(maxsize=4096)
def _says_stage(keys: tuple[bytes, ...]) -> bool:
    """Whether facts with these keys name a stage. Raises Unusual unless they are in order, none twice."""
    if list(keys) != sorted(set(keys)):
        raise Unusual
    return b"stage_to" in keys


def digests(contents: bytes) -> list[str]:
    """The digests in the spelling of a list of contents."""
    return contents.decode()[1:-1].split('","') if contents else []


def _told_slowly(payload: bytes) -> Told:
    try:
        event = strict_json(payload, "")
        lists = event["contents"], event["records"]
        contents, records = (canonical(each)[1:-1].encode() for each in lists)
        stage = event["facts"].get("stage_to", UNTOLD)
        said = [event[name] for name in ("act", "actor", "case", "command", "command_digest", "prev", "state")]
        numbers = [event[name] for name in ("revision", "seq", "v")]
        words = [word.encode() for word in said]
        there = stage if stage is UNTOLD else stage.encode()
    except (Broken, KeyError, AttributeError) as error:
        raise Unusual from error
    plain = all(type(word) is bytes and _PLAIN.fullmatch(word) for word in words)
    whole = all(type(number) is int for number in numbers) and numbers[2] == 1
    listed = all(type(each) is list for each in lists)
    if not (plain and whole and listed and _PLAIN_CONTENTS.fullmatch(contents) and _PLAIN_RECORDS.fullmatch(records)):
        raise Unusual
    (act, actor, case, command, digest, prev, state), (revision, seq, _) = words, numbers
    return act, actor, case, command, digest, contents, there, prev, records, revision, seq, state
