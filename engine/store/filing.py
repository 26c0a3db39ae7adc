"""What an act files beside its event: its records, its free words as one more, and the salts that hide short ones.

Called by the unit of work alone, while it writes an event.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import sha256
from json import loads
from secrets import token_bytes
from typing import NamedTuple

from engine.model import MatterRecord, Record
from engine.store.records import Verbatim, Words, body_of, digest_of, kind_of, plain
from engine.trail.chain import JSON
from engine.trail.words import SALT, parted


class Filing(NamedTuple):
    """What stays of the act's facts and arguments in the event, and kind and body of everything it files."""

    facts: Mapping[str, JSON]
    asked: str
    kinds: list[str]
    bodies: list[str]

    def listed(self, seq: int) -> list[dict[str, str]]:
        """How event `seq` names what it files."""
        filed = enumerate(zip(self.kinds, self.bodies, strict=True), 1)
        return [{"kind": kind, "id": f"{seq}-{place}", "digest": digest_of(body)} for place, (kind, body) in filed]


def filing_of(
    facts: Mapping[str, object], asked: str, secret: bytes, records: Sequence[Record | MatterRecord]
) -> Filing:
    """The records and the words of an act as they are filed; `asked` is the digest of its arguments.

    The same secret gives the same salts; without one they are drawn. Records another installation stored stay as they
    are.
    """
    clear, said = parted(facts)
    filed = [*records, Words({name: plain(value) for name, value in said.items()})] if said else list(records)
    secret = secret or token_bytes(16)
    salts = [sha256(b"%d " % place + secret).hexdigest()[:32] for place in range(len(filed))]
    bodies = [body_of(record, salt) for record, salt in zip(filed, salts, strict=True)]
    if filed and not isinstance(filed[-1], Verbatim):
        asked = salted(asked, salts[-1])
    told = {name: plain(value) for name, value in clear.items()}
    return Filing(told, asked, [kind_of(record) for record in filed], bodies)


def salted(asked: str, salt: str) -> str:
    """What an event tells of its act's arguments: short words among them cannot be found again by trying."""
    return sha256(f"{salt} {asked}".encode()).hexdigest()


def salted_by(asked: str, last_body: str | None) -> str:
    """The same by the body of the last record the event filed; as it is when there is none."""
    salt = loads(last_body).get(SALT) if last_body else None
    return salted(asked, salt) if isinstance(salt, str) else asked
