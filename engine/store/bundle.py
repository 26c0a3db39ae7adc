"""Taking a case out of the office: one case's events, records, files and proofs, verifiable with nothing of ours.

`engine.trail.bundles` judges what is written here, and so does the script that lies in every bundle. What else goes
along (papers, drawings, the law) is the reviewers' and covered by the manifest alone.
"""

from __future__ import annotations

import secrets
import shutil
import sqlite3
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from json import loads
from pathlib import Path
from typing import Any

from engine.errors import Conflict, InvalidInput
from engine.store.connection import case_not_found, reading
from engine.store.contents import unpack
from engine.store.signing import key_events_of
from engine.store.verify import current_checkpoint, node, stored_state
from engine.trail import bundles, standalone
from engine.trail.chain import require_known
from engine.trail.checkpoints import NAMESPACE, read_checkpoint
from engine.trail.container import MAX_FILES, MAX_TOTAL, safe_name
from engine.trail.merkle import consistency_proof, inclusion_proof, root
from engine.trail.redaction import FIELDS
from engine.trail.verifier import CHECKPOINT, Broken, Checkpoint, canonical, checkpoint_text, key_of_signature
from engine.trail.vouching import GROWTH, INSTANCE, KEPT

SCRIPT = "verify.py"
_EPOCH = (1980, 1, 1, 0, 0, 0)
_OWN = (bundles.RECORDS, bundles.CONTENTS, bundles.SIGNED, KEPT)


@dataclass(frozen=True, slots=True)
class Bundle:
    """A bundle as written: where, the SHA-256 of its manifest (to be printed), the checkpoint it leans on."""

    path: Path
    manifest: str
    checkpoint: Checkpoint


@dataclass(frozen=True, slots=True)
class Vouchers:
    """What others keep of this log: checkpoints and the signatures beside them by name, the installation's key."""

    kept: Mapping[str, bytes] = field(default_factory=dict)
    instance: bytes = b""


@dataclass(frozen=True, slots=True)
class Gathered:
    """The files of a bundle before they are listed and written, the last thing to be added to."""

    case: str
    files: dict[str, bytes]
    checkpoint: Checkpoint
    redacted: bool = False

    def add(self, files: Mapping[str, bytes]) -> None:
        """The files go along, covered by the manifest. Raises InvalidInput for a name that is not theirs to take."""
        for name in files:
            if not safe_name(name) or name in self.files or name in _LISTS or name.startswith(_OWN):
                raise InvalidInput(f"文书文件名“{name}”不能放进案卷包。", "请用相对路径，且不与案卷自身的文件同名。")
        self.files.update(files)

    def sealed(self) -> dict[str, bytes]:
        """All files with the two lists of them: for `sha256sum -c`, and the manifest whose digest is printed."""
        files = dict(self.files)
        listed = {name: sha256(data).hexdigest() for name, data in files.items()}
        files[bundles.SUMS] = bundles.sums_of(listed).encode("utf-8")
        listed[bundles.SUMS] = sha256(files[bundles.SUMS]).hexdigest()
        told = {"schema": bundles.SCHEMA, "case": self.case, "redacted": self.redacted, "files": listed}
        return files | {bundles.MANIFEST: canonical(told).encode("utf-8")}


_LISTS = (bundles.MANIFEST, bundles.SUMS, bundles.KEYS, bundles.SIGNERS, GROWTH, INSTANCE, FIELDS)


def write_bundle(store: Path, case_id: str, out: Path, extra_files: Mapping[str, bytes] | None = None) -> Bundle:
    """The bundle of a case lies at `out`: a zip if the name ends so, else a folder; same case, same bytes.

    `extra_files` (papers) are covered by the manifest, not by the trail. Raises NotFound for the case, Conflict when
    `out` exists, InvalidInput for a name that would not stay inside the bundle.
    """
    require_free(out)
    gathered = gather(store, case_id)
    gathered.add(extra_files or {})
    return write_out(gathered, out)


def require_free(out: Path) -> None:
    """Raises Conflict when something lies there already."""
    if out.exists() or out.is_symlink():
        raise Conflict(f"“{out}”已经存在，没有覆盖。", "请换一个位置。")


def gather(
    store: Path, case_id: str, vouchers: Vouchers | None = None, names: Mapping[str, str] | None = None
) -> Gathered:
    """The case's own files, as they are at one instant. `names` call contents by their digest something readable.

    Raises NotFound for the case, TrailBroken when the log does not continue a kept checkpoint.
    """
    with reading(store) as connection:
        checkpoint = current_checkpoint(connection)
        files = dict(_own_files(connection, case_id, checkpoint, vouchers or Vouchers(), names or {}))
    return Gathered(case_id, files, checkpoint)


def write_out(gathered: Gathered, out: Path) -> Bundle:
    """The bundle lies at `out`, whole. Raises Conflict when something does already, InvalidInput for too much."""
    require_free(out)
    files = gathered.sealed()
    if len(files) > MAX_FILES or sum(map(len, files.values())) > MAX_TOTAL:
        raise InvalidInput("案卷文件过多或总量超过 1 GiB，装不进一个案卷包。", "请减少所附的文书。")
    _place(files, out)
    return Bundle(out, sha256(files[bundles.MANIFEST]).hexdigest(), gathered.checkpoint)


def _own_files(
    connection: sqlite3.Connection, case_id: str, checkpoint: Checkpoint, vouchers: Vouchers, names: Mapping[str, str]
) -> Iterator[tuple[str, bytes]]:
    row = connection.execute("SELECT * FROM case_ WHERE id = ?", (case_id,)).fetchone()
    if row is None:
        raise case_not_found(case_id, [each[0] for each in connection.execute("SELECT id FROM case_")])
    yield bundles.STATE, stored_state(connection, dict(row)).encode("utf-8")
    yield CHECKPOINT, checkpoint_text(checkpoint).encode("utf-8")
    rows = case_events(connection, case_id)
    events = [loads(row["payload"]) for row in rows]
    yield bundles.TRAIL, b"".join(proven_lines(connection, rows, checkpoint.size))
    yield from bundles.signed_files(events).items()
    yield from keys_of(connection, signers_of(events) | witnesses_of(vouchers), checkpoint.size)
    yield from kept_files(connection, vouchers, checkpoint)
    yield SCRIPT, script()
    for record in connection.execute("SELECT id, kind, body FROM record WHERE case_id = ?", (case_id,)):
        yield f"{bundles.RECORDS}{record['id']}-{record['kind']}.json", record["body"].encode("utf-8")
    for digest in sorted({digest for event in events for digest in event["contents"]}):
        content = connection.execute("SELECT sha256, size, data FROM content WHERE sha256 = ?", (digest,)).fetchone()
        yield f"{bundles.CONTENTS}{names.get(digest, digest)}", unpack(digest, content["size"], bytes(content["data"]))


def case_events(connection: sqlite3.Connection, case_id: str) -> list[sqlite3.Row]:
    """The events of a case (seq, hash, payload), oldest first."""
    statement = "SELECT seq, hash, payload FROM event WHERE case_id = ? ORDER BY seq"
    return connection.execute(statement, (case_id,)).fetchall()


def script() -> bytes:
    """The verifying script that goes along."""
    return Path(standalone.__file__).read_bytes()


def proven_lines(connection: sqlite3.Connection, events: Iterable[sqlite3.Row], size: int) -> Iterator[bytes]:
    """Each event (seq, hash, payload) with the proof that it is in the log of this size, one canonical line each."""
    for row in events:
        yield canonical({**dict(row), "proof": proof_of(connection, row["seq"], size)}).encode("utf-8") + b"\n"


def proof_of(connection: sqlite3.Connection, seq: int, size: int) -> list[str]:
    """The hashes that lead from event `seq` to the root of the log of this size."""
    path = inclusion_proof(seq - 1, size, lambda position: node(connection, position))
    return [step.hex() for step in path]


def kept_files(
    connection: sqlite3.Connection, vouchers: Vouchers, checkpoint: Checkpoint
) -> Iterator[tuple[str, bytes]]:
    """The kept checkpoints, and for each the proof that the log only grew since; TrailBroken where it did not."""
    lines = []

    def look_up(position: int) -> bytes:
        return node(connection, position)

    for name, data in sorted(vouchers.kept.items()):
        yield f"{KEPT}{name}", data
        if name.endswith(".txt"):
            known = read_checkpoint(data.decode("utf-8", "replace"), Path(name))
            then = (
                root(known.size, lambda position: node(connection, position)) if known.size <= checkpoint.size else b""
            )
            require_known(known, checkpoint.size, then)
            path = consistency_proof(known.size, checkpoint.size, look_up)
            lines.append(canonical({"size": known.size, "proof": [step.hex() for step in path]}) + "\n")
    if lines:
        yield GROWTH, "".join(lines).encode("utf-8")
    if vouchers.instance:
        yield INSTANCE, vouchers.instance


def signers_of(events: Iterable[Mapping[str, Any]]) -> set[str]:
    """The fingerprints of the keys these events were signed with."""
    return {event["key"] for event in events if event["attested"]}


def witnesses_of(vouchers: Vouchers) -> set[str]:
    """The fingerprints of the keys that signed the kept checkpoints; what is no signature is nobody's."""
    found = set()
    for name, data in vouchers.kept.items():
        if name.endswith(".sig"):
            try:
                found.add(key_of_signature(data.decode("utf-8", "replace"), NAMESPACE, name))
            except Broken:
                continue
    return found


def keys_of(connection: sqlite3.Connection, fingerprints: set[str], size: int) -> Iterator[tuple[str, bytes]]:
    """The roster of these keys: as the trail tells it, and as ssh-keygen reads it."""
    rows = key_events_of(connection, fingerprints)
    if rows:
        yield bundles.KEYS, b"".join(proven_lines(connection, rows, size))
        yield bundles.SIGNERS, bundles.allowed_signers([loads(row["payload"]) for row in rows]).encode("utf-8")


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
