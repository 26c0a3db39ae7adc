"""A quick way of reading an event for those who read a million of them; anything out of the ordinary goes the slow way.

An event of the usual form is recognised by one pattern that leaves no two readings: plain strings, whole numbers, keys
in order, no blanks. All else, a signed event or a string with an escape, is read by the strict reader.
Called by `engine.store.quick`.
"""

from __future__ import annotations

import re

from engine.trail.verifier import Broken, canonical, strict_json

_TEXT = r'[^"\\\x00-\x1f]*+'
_DIGEST = "[0-9a-f]{64}"
_COMPARED = ".{64}"
"""A digest of which the reader only has to see that it is the one he expects, character for character."""
_RECORD = rf'\{{"digest":"{_COMPARED}","id":"[0-9-]+","kind":"[a-z_]+"\}}'
_RECORDS = re.compile(rf"(?:{_RECORD}(?:,{_RECORD})*)?")
_CONTENTS = re.compile(f'(?:"{_DIGEST}"(?:,"{_DIGEST}")*)?')
_PLAIN = re.compile(_TEXT)
_FACT = rf'"[a-z_]+":(?:"{_TEXT}"|-?[1-9][0-9]*|0|true|false|null)'
_KEY = re.compile('"([a-z_]+)":')
_USUAL = re.compile(
    rf'{{"act":"({_TEXT})","actor":"({_TEXT})","at":"{_TEXT}","attested":false,"case":"({_TEXT})",'
    rf'"command":"({_TEXT})","command_digest":"({_TEXT})","contents":\[({_CONTENTS.pattern})\],'
    rf'"facts":{{((?:{_FACT}(?:,{_FACT})*)?)}},"prev":"({_COMPARED})","records":\[({_RECORDS.pattern})\],'
    rf'"revision":([1-9][0-9]*),"seq":([1-9][0-9]*),"state":"({_DIGEST})","unit":"{_TEXT}","v":1}}'
)
_STAGE = re.compile(f'"stage_to":"({_TEXT})"')

UNTOLD = None
"""The stage of a case of which an event tells nothing."""


class Unusual(Exception):
    """Not to be judged the quick way."""


Told = tuple[str, str, str, str, str, str, "str | None", str, str, int, int, str]
"""What an event says, as far as the rest of the store must agree: act, actor, case, command, its digest, contents,
stage, prev, records, revision, seq, digest of the state; contents and records as they are spelled."""


def told(payload: str) -> Told:
    """What the event in this payload says; its one canonical spelling is what it was read from. Raises Unusual."""
    found = _USUAL.fullmatch(payload)
    if found is None:
        return _told_slowly(payload)
    act, actor, case, command, digest, contents, facts, prev, records, revision, seq, state = found.groups()
    keys = _KEY.findall(facts)
    if keys != sorted(set(keys)):
        raise Unusual
    stage = UNTOLD
    if "stage_to" in keys:
        named = _STAGE.search(facts)
        if named is None:
            raise Unusual
        stage = named[1]
    return act, actor, case, command, digest, contents, stage, prev, records, int(revision), int(seq), state


def digests(contents: str) -> list[str]:
    """The digests in the spelling of a list of contents."""
    return contents[1:-1].split('","') if contents else []


def _told_slowly(payload: str) -> Told:
    try:
        event = strict_json(payload.encode("utf-8"), "")
        lists = event["contents"], event["records"]
        contents, records = (canonical(each)[1:-1] for each in lists)
        stage = event["facts"].get("stage_to", UNTOLD)
        words = [event[name] for name in ("act", "actor", "case", "command", "command_digest", "prev", "state")]
        numbers = [event[name] for name in ("revision", "seq", "v")]
    except (Broken, KeyError, AttributeError, UnicodeEncodeError) as error:
        raise Unusual from error
    plain = all(type(word) is str and _PLAIN.fullmatch(word) for word in words)
    whole = all(type(number) is int for number in numbers) and numbers[2] == 1
    listed = all(type(each) is list for each in lists) and type(stage) in (str, type(UNTOLD))
    if not (plain and whole and listed and _CONTENTS.fullmatch(contents) and _RECORDS.fullmatch(records)):
        raise Unusual
    (act, actor, case, command, digest, prev, state), (revision, seq, _) = words, numbers
    return act, actor, case, command, digest, contents, stage, prev, records, revision, seq, state
