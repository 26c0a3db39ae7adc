"""Heads by SM3 beside the kept checkpoints: kept when asked for, and judged with everything else ever after."""

from __future__ import annotations

from pathlib import Path

from engine.errors import InvalidInput
from engine.store.disposal import destroyed
from engine.store.reads import last_seq
from engine.store.second_head import require_second_head, second_head
from engine.trail import checkpoints
from engine.trail.second_head import is_second
from engine.trail.verifier import checkpoint_text
from reviewers.operations.keeping import folder_of, instance_key, sign_beside

TAIL = ".sm3.txt"


def keep_second_head(database: Path) -> Path:
    """The head by SM3 of the trail as it is now lies in the checkpoint folder, signed if there is a key to sign with.

    Raises TrailBroken when another one of that size is kept, InvalidInput for an empty trail or a key that cannot sign.
    """
    if not last_seq(database):
        raise InvalidInput("还没有留痕，算不出 SM3 根哈希。", "请在办理第一件事项以后再留存。")
    head = second_head(database)
    text, folder = checkpoint_text(head), folder_of(database)
    folder.mkdir(mode=0o700, exist_ok=True)
    place = folder / f"{head.size:012d}{TAIL}"
    checkpoints.write_new(place, text.encode("utf-8"))
    require_second_head(database, checkpoints.read_checkpoint(place.read_text("utf-8", "replace"), place))
    if instance_key(database).exists():
        sign_beside(place, instance_key(database))
    return place


def require_kept(database: Path) -> Path | None:
    """The newest head by SM3 kept here, with which the trail agrees. Raises TrailBroken.

    None while none is kept, or once a case was destroyed: it is made of the files themselves.
    """
    kept = sorted(folder_of(database).glob(f"*{TAIL}"))
    if not kept or destroyed(database):
        return None
    text = kept[-1].read_text(encoding="utf-8", errors="replace")
    require_second_head(database, checkpoints.read_checkpoint(text, kept[-1]))
    return kept[-1]


def require_second(database: Path, text: str, place: Path) -> bool:
    """Whether this checkpoint is a head by SM3, with which the trail agrees. Raises TrailBroken when it does not."""
    known = checkpoints.read_checkpoint(text, place)
    if is_second(known):
        require_second_head(database, known)
    return is_second(known)
