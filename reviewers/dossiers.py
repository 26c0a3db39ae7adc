"""A case's volume (案卷) put together: its own evidence, the papers made from it, the law and process it stands on.

What is evidence comes from the store, what people read is made here from the same state of the case; last come the
table of contents and the report of what was checked. Called by `reviewers.auditor`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

from engine.model import CaseFile, Version
from engine.store import Receipt
from engine.store.bundle import Gathered, Vouchers, gather
from engine.store.redacted import gather_redacted
from engine.trail import checkpoints
from engine.trail.bundles import judge
from engine.trail.container import safe_name
from engine.trail.redaction import COMMITTED, FIELDS
from engine.trail.signers import read_public_key
from reviewers.office import Office, load_bundle
from reviewers.operations.keeping import folder_of, instance_key
from reviewers.papers import Dossier, all_papers, contents, properties
from reviewers.papers.basis import basis_files
from reviewers.papers.guidance import guidance
from reviewers.papers.redacted import overview
from reviewers.versions import readable_documents

README = "说明.md"
LATER = ("papers/01-卷内目录.html", "papers/四性检测报告.html", README)
NAMELESS = re.compile(r"\d+\.txt(?:\.sig|\.tsr)?")
"""A checkpoint, the installation's own signature or a time stamp of it; a witness's signature names a person."""
UNFIT = str.maketrans(dict.fromkeys('\\:*?"<>|/', "_"))


def dossier_of(office: Office, case_id: str, trail_head: str) -> Dossier:
    """Everything papers are made from, as the case is now."""
    with office.store.work() as work:
        file = work.case_file(case_id)
        documents, events = readable_documents(work, file), work.events(case_id)
        bundle = load_bundle(work, file.case.bundle)
    return Dossier(
        file, office.profile, office.standards, trail_head, documents, tuple(events), bundle, office.calendar
    )


def volume(dossier: Dossier, database: Path) -> Gathered:
    """The whole volume, ready to be written: evidence, papers, basis, contents and the report on itself."""
    case = dossier.file.case.id
    gathered = gather(
        database, case, vouchers_for(database, [event["seq"] for event in dossier.events]), content_names(dossier)
    )
    gathered.add({f"papers/{name}": data for name, data in all_papers(dossier).items()})
    gathered.add(basis_files(dossier, database.parent / "calendar"))
    tested = examined_of(dossier, gathered)
    listed = contents.papers(dossier, gathered.files, LATER)
    gathered.add({f"papers/{name}": data for name, data in (*listed.items(), *properties.papers(tested).items())})
    gathered.add({README: guidance(gathered)})
    return gathered


def redacted_volume(office: Office, case_id: str, receipt: Receipt, database: Path) -> Gathered:
    """The redacted volume this export committed to; its one page is made from the table of fields alone."""
    with office.store.work() as work:
        bundle = load_bundle(work, work.case(case_id).bundle)
        seqs = [event["seq"] for event in work.events(case_id)]
    vouchers = vouchers_for(database, seqs)
    own = {name: data for name, data in vouchers.kept.items() if NAMELESS.fullmatch(name)}
    gathered = gather_redacted(database, case_id, receipt.event_seq, Vouchers(own, vouchers.instance))
    table = gathered.files[FIELDS]
    gathered.add({"papers/脱密案卷一览.html": overview(table, case_id, receipt.event_hash, bundle, office.profile)})
    gathered.add({README: guidance(gathered)})
    return gathered


def examined_of(dossier: Dossier, gathered: Gathered) -> properties.Examined:
    """What the report looks at: these files, judged as anybody would who got them now."""
    members = {name: partial(bytes, data) for name, data in gathered.sealed().items()}
    return properties.Examined(dossier, dict(gathered.files), judge(members))


def vouchers_for(database: Path, seqs: Sequence[int]) -> Vouchers:
    """The first checkpoint kept after each of these events, with what lies beside it, and the installation's key."""
    folder, key = folder_of(database), instance_key(database).with_suffix(".pub")
    sizes = sorted(int(place.stem) for place in folder.glob("*.txt") if place.stem.isdecimal())
    chosen = {next((size for size in sizes if size >= seq), 0) for seq in seqs} - {0}
    kept: dict[str, bytes] = {}
    for place in sorted(folder.glob("*.txt")):
        if place.stem.isdecimal() and int(place.stem) in chosen:
            beside = [place, *checkpoints.signatures_beside(place), *folder.glob(f"{place.name}.tsr")]
            kept |= {each.name: each.read_bytes() for each in beside}
    public = key.read_text(encoding="utf-8", errors="replace") if key.is_file() else ""
    return Vouchers(kept, f"{read_public_key(public).line}\n".encode() if public else b"")


def content_names(dossier: Dossier) -> Mapping[str, str]:
    """What each stored file is called in the volume: the version it belongs to and its own name, each name once."""
    names: dict[str, str] = {}
    for digest, name in _called(dossier):
        fit = name if safe_name(name) and len(name) <= 120 else f"{digest[:16]}{Path(name).suffix[:10]}"
        taken = {each.casefold() for each in names.values()}
        names.setdefault(digest, fit if fit.casefold() not in taken and safe_name(fit) else f"{digest[:8]}-{fit}"[:200])
    return names


def _called(dossier: Dossier) -> Iterator[tuple[str, str]]:
    file: CaseFile = dossier.file
    for version in file.versions:
        yield version.sha256, f"第{version.number}稿-{version.filename.translate(UNFIT)}"
        yield from _materials(version)
    for evaluation in file.evaluations:
        yield evaluation.sha256, f"第三方评估报告-{evaluation.filename.translate(UNFIT)}"
    for event in dossier.events:
        if COMMITTED in event["facts"]:
            yield event["contents"][0], f"脱密导出的盐-留痕第{event['seq']}号.json"


def _materials(version: Version) -> Iterator[tuple[str, str]]:
    for material in version.materials:
        yield material.sha256, f"第{version.number}稿附件-{material.filename.translate(UNFIT)}"
