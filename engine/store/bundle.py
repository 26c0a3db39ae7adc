"""Taking a case out of the office: one case's events, records, files and papers, verifiable with nothing of ours.

The verifier that judges it is `engine.trail.verifier`, a copy of which lies in every bundle.
"""

from __future__ import annotations

import re
import secrets
import shutil
import sqlite3
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from json import loads
from pathlib import Path
from typing import Any

from engine.errors import Conflict, InvalidInput
from engine.store.connection import case_not_found, reading
from engine.store.contents import unpack
from engine.store.signing import key_events_of
from engine.store.verify import current_checkpoint, node, stored_state
from engine.trail import verifier
from engine.trail.merkle import inclusion_proof
from engine.trail.verifier import Checkpoint, canonical, checkpoint_text, safe_name

_EPOCH = (1980, 1, 1, 0, 0, 0)
_PLAIN = re.compile(r"[A-Za-z0-9._@-]+")


@dataclass(frozen=True, slots=True)
class Bundle:
    """A bundle as written: where, the SHA-256 of its manifest (to be printed), the checkpoint it leans on."""

    path: Path
    manifest: str
    checkpoint: Checkpoint


def write_bundle(store: Path, case_id: str, out: Path, extra_files: Mapping[str, bytes] | None = None) -> Bundle:
    """The bundle of a case lies at `out`: a zip if the name ends so, else a folder; same case, same bytes.

    `extra_files` (papers) are covered by the manifest, not by the trail. Raises NotFound for the case, Conflict when
    `out` exists, InvalidInput for a name that would not stay inside the bundle.
    """
    if out.exists() or out.is_symlink():
        raise Conflict(f"“{out}”已经存在，没有覆盖。", "请换一个位置。")
    extra = dict(extra_files or {})
    with reading(store) as connection:
        checkpoint = current_checkpoint(connection)
        files = dict(_own_files(connection, case_id, checkpoint))
    for name in extra:
        if (
            not safe_name(name)
            or name == verifier.MANIFEST
            or name in files
            or name.startswith(("records/", "contents/"))
        ):
            raise InvalidInput(f"文书文件名“{name}”不能放进案卷包。", "请用相对路径，且不与案卷自身的文件同名。")
    files |= extra
    listed = {name: sha256(data).hexdigest() for name, data in files.items()}
    manifest = canonical({"v": 1, "case": case_id, "files": listed}).encode("utf-8")
    if len(files) >= verifier.MAX_FILES or sum(map(len, files.values())) > verifier.MAX_TOTAL - len(manifest):
        raise InvalidInput("案卷文件过多或总量超过 1 GiB，装不进一个案卷包。", "请减少所附的文书。")
    _place(files | {verifier.MANIFEST: manifest}, out)
    return Bundle(out, sha256(manifest).hexdigest(), checkpoint)


def _own_files(connection: sqlite3.Connection, case_id: str, checkpoint: Checkpoint) -> Iterator[tuple[str, bytes]]:
    row = connection.execute("SELECT * FROM case_ WHERE id = ?", (case_id,)).fetchone()
    if row is None:
        raise case_not_found(case_id, [each[0] for each in connection.execute("SELECT id FROM case_")])
    yield verifier.STATE, stored_state(connection, dict(row)).encode("utf-8")
    yield verifier.CHECKPOINT, checkpoint_text(checkpoint).encode("utf-8")
    events = connection.execute("SELECT seq, hash, payload FROM event WHERE case_id = ? ORDER BY seq", (case_id,))
    rows = events.fetchall()
    yield verifier.TRAIL, b"".join(proven_lines(connection, rows, checkpoint.size))
    yield from _keys(connection, rows, checkpoint.size)
    yield "verify.py", Path(verifier.__file__).read_bytes()
    for record in connection.execute("SELECT id, kind, body FROM record WHERE case_id = ?", (case_id,)):
        yield f"records/{record['id']}-{record['kind']}.json", record["body"].encode("utf-8")
    named = """SELECT sha256, size, data FROM content WHERE sha256 IN
        (SELECT each.value FROM event, json_each(event.payload, '$.contents') AS each WHERE event.case_id = ?)"""
    for content in connection.execute(named, (case_id,)):
        yield f"contents/{content['sha256']}", unpack(content["sha256"], content["size"], content["data"])


def proven_lines(connection: sqlite3.Connection, events: Iterable[sqlite3.Row], size: int) -> Iterator[bytes]:
    """Each event (seq, hash, payload) with the proof that it is in the log of this size, one canonical line each."""
    for row in events:
        path = inclusion_proof(row["seq"] - 1, size, lambda position: node(connection, position))
        yield canonical({**row, "proof": [step.hex() for step in path]}).encode("utf-8") + b"\n"


def _keys(connection: sqlite3.Connection, events: Sequence[sqlite3.Row], size: int) -> Iterator[tuple[str, bytes]]:
    """The roster of the keys these events were signed with: as the trail tells it, and as ssh-keygen reads it."""
    payloads = [loads(row["payload"]) for row in events]
    rows = key_events_of(connection, {event["key"] for event in payloads if event["attested"]})
    if rows:
        yield verifier.KEYS, b"".join(proven_lines(connection, rows, size))
        yield verifier.SIGNERS, allowed_signers([loads(row["payload"]) for row in rows]).encode("utf-8")


def allowed_signers(key_events: Iterable[Mapping[str, Any]]) -> str:
    """The keys as of signing in OpenSSH's format, one line each; an id OpenSSH cannot hold becomes the fingerprint."""
    added = [event["facts"] for event in key_events if event["act"] == "key_add"]
    names = [each["officer"] if _PLAIN.fullmatch(each["officer"]) else each["fingerprint"] for each in added]
    lines = zip(names, added, strict=True)
    return "".join(f'{name} namespaces="{verifier.NAMESPACE}" {each["public_key"]}\n' for name, each in lines)


def _place(files: Mapping[str, bytes], out: Path) -> None:
    """Write beside the place and rename, so that a half-written bundle is never found there."""
    unfinished = out.with_name(f".{out.name}.{secrets.token_hex(4)}")
    try:
        if out.suffix.lower() == ".zip":
            _write_zip(files, unfinished)
        else:
            _write_folder(files, unfinished)
        unfinished.rename(out)
    except OSError as error:
        raise InvalidInput(f"案卷包写不到“{out}”：{error.strerror}。", "请换一个可写的位置。") from error
    finally:
        if unfinished.is_dir():
            shutil.rmtree(unfinished)
        else:
            unfinished.unlink(missing_ok=True)


def _write_zip(files: Mapping[str, bytes], path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(files):
            archive.writestr(zipfile.ZipInfo(name, _EPOCH), files[name], zipfile.ZIP_DEFLATED)


def _write_folder(files: Mapping[str, bytes], path: Path) -> None:
    for name, data in files.items():
        place = path / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)
