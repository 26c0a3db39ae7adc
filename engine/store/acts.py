"""An act as the store takes it: what was done, about what, what it left behind, and the event it becomes.

Called by the unit of work, which writes them, and by whoever tells the store of an act.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from engine.errors import Busy
from engine.model import Officer
from engine.store.records import digest_of, instant
from engine.trail.chain import JSON


@dataclass(frozen=True, slots=True)
class Act:
    """Who did what, when (UTC), under which command; `digest` is of the act's own arguments.

    The same command id with the same digest is the same act repeated. `facts` are the few flat values a reader of
    the trail wants to see: element, outcome, route, stage_from, stage_to, round, version, reason; those that are free
    words (`engine.trail.words.parted`) are filed beside the event, not in it. `attest`, if given, answers the decision
    (`engine.trail.verifier.decision_text`) with the actor's signature; `text` is the SHA-256 of the text decided upon.
    `secret` is what the salts of its records are made from, so that an act done twice to be signed decides the same.
    """

    name: str
    actor: Officer | str
    unit: str
    at: datetime
    command: str
    facts: Mapping[str, JSON]
    digest: str
    attest: Callable[[str], str] | None = None
    text: str = ""
    secret: bytes = b""

    @property
    def actor_id(self) -> str:
        """The officer's id."""
        return self.actor.id if isinstance(self.actor, Officer) else self.actor


@dataclass(frozen=True, slots=True)
class Receipt:
    """What an act left behind. `repeated` means it had been done before and nothing was written now."""

    case_id: str
    revision: int
    event_seq: int
    event_hash: str
    repeated: bool = False


@dataclass(frozen=True, slots=True)
class Dossier:
    """What an event is about: a case or a matter in its new revision, and the canonical text of its state."""

    id: str
    revision: int
    round: int
    state: str


class Taken(Busy):
    """Somebody else is at this very case or command now; raised only by a store that does not wait."""


def secret_of(act: Act) -> bytes:
    """What the salts of this act are made from: not twice the same, though one office does several acts."""
    return act.secret + act.command.encode("utf-8", "replace") if act.secret else b""


def event_body(
    dossier: Dossier, act: Act, filed: Sequence[Mapping[str, str]], contents: Sequence[str]
) -> dict[str, object]:
    """The event of this act, before it is sealed: what it filed by kind, id and digest, the files it names."""
    return {
        "case": dossier.id,
        "revision": dossier.revision,
        "state": digest_of(dossier.state),
        "act": act.name,
        "actor": act.actor_id,
        "unit": act.unit,
        "at": instant(act.at),
        "command": act.command,
        "command_digest": act.digest,
        "records": list(filed),
        "contents": sorted(set(contents)),
        "facts": dict(act.facts),
    }
