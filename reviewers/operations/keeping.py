"""When a checkpoint of the trail is kept: after what others rely on, and on each day the clock is asked."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, date, datetime
from pathlib import Path

from engine.calendar.zone import local_day
from engine.errors import Busy, InvalidInput
from engine.store.verify import checkpoint_of
from engine.trail import checkpoints

LASTING_ACTS = frozenset({
    "sign", "conclude", "editorial", "issue", "export", "effect_check", "reopen", "repair", "ledger_close",
    "complaint_conclude", "complaint_close", "sample_commit", "sample_draw", "process_publish", "calendar_import",
})  # fmt: skip
"""Conclusions and what stands in for one, the ends of supervision, and what binds everybody afterwards."""


def folder_of(database: Path) -> Path:
    """Where the installation of this database keeps its checkpoints."""
    return database.parent / checkpoints.FOLDER


def keep_checkpoint(database: Path) -> Path:
    """The checkpoint of the trail as it is now is kept, signed beside if this installation has a key and can sign.

    Raises TrailBroken when it contradicts one kept before.
    """
    place = checkpoints.keep(folder_of(database), checkpoint_of(database))
    if instance_key(database).exists():
        with suppress(InvalidInput):
            sign_beside(place, instance_key(database))
    return place


def instance_key(database: Path) -> Path:
    """Where the installation's own key lies, once it has one."""
    return database.parent / "keys" / "instance"


def sign_beside(place: Path, key: Path, witness: str = "") -> Path:
    """The signature of the checkpoint lies beside it; one that is there already is left alone."""
    from engine.trail.signers import signer_with

    signature = checkpoints.signature_place(place, witness)
    if not signature.exists():
        armour = signer_with(key).sign(place.read_bytes(), checkpoints.NAMESPACE)
        checkpoints.write_new(signature, armour.encode("ascii"), 0o644)
    return signature


def keep_after(act: str, database: Path) -> None:
    """A checkpoint is kept if the act is one to be remembered by.

    The act is done by now, so a full disk or a busy database must not make it look undone: `doctor` says that the
    checkpoint is missing, and the next one makes up for it.
    """
    if act in LASTING_ACTS:
        with suppress(OSError, Busy):
            keep_checkpoint(database)


def keep_daily(database: Path, today: date) -> None:
    """A checkpoint of this day is kept, unless one is already or nothing was written since the last."""
    kept = checkpoints.newest(folder_of(database))
    if kept is None or kept_on(kept[0]) < today:
        keep_checkpoint(database)


def kept_on(place: Path) -> date:
    """The local day on which this checkpoint was kept."""
    return local_day(datetime.fromtimestamp(place.stat().st_mtime, UTC))


def known_checkpoints(database: Path) -> tuple[str, ...]:
    """The newest checkpoint kept, if there is one: what the trail must agree with."""
    kept = checkpoints.newest(folder_of(database))
    return (kept[1],) if kept else ()
