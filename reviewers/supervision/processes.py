"""Process versions: publishing the official's files, moving running cases to them, and the cases that are not sound.

New cases take the version published last; running cases keep theirs until they are moved, one event each.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

from engine import process
from engine.errors import Busy, Conflict, FairReviewError, InvalidInput, NotFound, ProcessError
from engine.model import MatterKind, ProcessPublication
from engine.process import Bundle
from engine.process.examples import require_examples
from engine.process.migration import kept_turns, migrate
from engine.store import Receipt
from engine.store.holdings import Standing, bundles, matter_files, running_elsewhere, standings
from engine.trail.segments import AWAY
from reviewers.office import Acting, Office, act, load_bundle
from reviewers.supervision.minding import Minding, may_lead, opening
from reviewers.timing import rules_of

SHORTEST_HASH = 6


@dataclass(frozen=True, slots=True)
class Version:
    """A process version in the store, how many cases stand on it and how many of them still run."""

    hash: str
    cases: int
    running: int
    newest: bool
    published: ProcessPublication | None


@dataclass(frozen=True, slots=True)
class Migration:
    """What one migration moved and what it left, each with the reason in Chinese."""

    to: str
    dry_run: bool
    moved: tuple[str, ...]
    refused: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Incident:
    """A case whose position, tasks and stage do not agree; `kind` is for scripts, `what` says it in Chinese."""

    case: str
    kind: str
    what: str


def publish(office: Office, directory: Path, note: str) -> Receipt:
    """The files in `directory` are the newest process version; they kept the profile and their examples hold.

    Raises ProcessError naming file, element and line, or the example, for files that may not run; StandardsError for
    a deadline that does not load; Conflict when they are the newest version already.
    """
    may_lead(office, "发布流程版本")
    if not directory.is_dir():
        raise NotFound(f"没有目录 {directory}。", "请写明放流程文件的目录。")
    bundle = process.load_bundle(directory)
    _require_acts(bundle)
    rules_of(bundle, office.profile.practice)
    require_examples(bundle, directory)
    data = process.bundle_to_bytes(bundle)
    return _publish(office, f"流程版本 {bundle.hash[:12]}", office.officer.unit, bundle.hash, data, note)


@opening("process_publish", MatterKind.PROCESS)
def _publish(minding: Minding, bundle_hash: str, data: bytes, note: str) -> Receipt:
    office, published = minding.office, _publications(minding.office.store.path)
    if published and published[-1].bundle == bundle_hash:
        raise Conflict(f"流程版本 {bundle_hash[:12]} 已是最新。", "文件没有改动，无需发布。")
    if not minding.work.has_bundle(bundle_hash):
        minding.work.put_bundle(bundle_hash, data)
    stored = minding.work.bundle(bundle_hash)
    record = ProcessPublication(bundle_hash, sha256(stored).hexdigest(), note, office.officer.id, office.now)
    return minding.save({"bundle": bundle_hash, "note": note}, [record])


def versions(database: Path) -> tuple[Version, ...]:
    """Every process version in the store; the newest is the one new cases start under."""
    published = _publications(database)
    newest = published[-1].bundle if published else process.load_bundle().hash
    by_hash = {each.bundle: each for each in published}
    return tuple(
        Version(row["hash"], row["cases"], row["running"], row["hash"] == newest, by_hash.get(row["hash"]))
        for row in bundles(database)
    )


def migrate_cases(office: Office, to: str, dry_run: bool) -> Migration:
    """Every running case at a round boundary stands on the version `to` (the newest when empty), its deadlines kept.

    Each case is a transaction and an event of its own; a dry run writes nothing. Raises Busy when the database stays
    locked: what was moved stays moved, and the same command may be repeated.
    """
    may_lead(office, "迁移流程版本")
    target = _chosen(office.store.path, to)
    moved: list[str] = []
    refused: list[tuple[str, str]] = []
    for case_id in running_elsewhere(office.store.path, target):
        try:
            _move(office, case_id, target, dry_run)
        except Busy:
            raise
        except FairReviewError as refusal:
            refused.append((case_id, refusal.message))
        else:
            moved.append(case_id)
    return Migration(target, dry_run, tuple(moved), tuple(refused))


def incidents(database: Path) -> tuple[Incident, ...]:
    """Every case that cannot go on or disagrees with its own position, in order of case ids; nothing is changed."""
    return tuple(found for standing in standings(database) for found in _incidents_of(standing))


@act("migrate")
def _migrated(acting: Acting, target: str) -> Receipt:
    case, new = acting.case, load_bundle(acting.work, target)
    position = migrate(acting.bundle, case.position, new)
    kept = kept_turns(acting.work.open_turns(case.id), new, position)
    turns = [replace(stored, name=named.name) for stored, named in kept]
    facts = {"round": case.round, "bundle_from": case.bundle, "bundle_to": target}
    return acting.note(facts, turns=turns, bundle=target, position=position)


def _move(office: Office, case_id: str, target: str, dry_run: bool) -> None:
    if not dry_run:
        _migrated(replace(office, command=f"{office.command}/{case_id}"), case_id, target)
        return
    with office.store.work() as work:
        case = work.case(case_id)
        migrate(load_bundle(work, case.bundle), case.position, load_bundle(work, target))


def _require_acts(bundle: Bundle) -> None:
    """Raises ProcessError when a task has no act in this program, or does not take every outcome its act gives."""
    shipped = {e.id: e for e in process.load_bundle().elements.values() if e.role is not None and e.outcomes}
    for element in bundle.elements.values():
        if element.role is None or not element.outcomes:
            continue
        known = shipped.get(element.id)
        if known is None:
            raise ProcessError(
                f"环节“{element.name}”（{element.id}）在本程序中没有对应的办理命令，案件会停在那里。",
                f"人工环节只能用：{'、'.join(f'{e.name}（{e.id}）' for e in shipped.values())}。",
            )
        missing = [word for word in known.outcomes if word not in element.outcomes]
        if missing:
            raise ProcessError(
                f"环节“{element.name}”（{element.id}）缺少办理结果 {'、'.join(missing)}。", "请在 outcomes 中补上。"
            )


def _publications(database: Path) -> list[ProcessPublication]:
    records = [record for file in matter_files(database, MatterKind.PROCESS) for record in file.records]
    return [record for record in records if isinstance(record, ProcessPublication)]


def _chosen(database: Path, to: str) -> str:
    known = versions(database)
    if not to:
        newest = [each.hash for each in known if each.newest]
        if not newest:
            raise NotFound("还没有流程版本可供迁移。", "请先用 shuangshen process publish 发布。")
        return newest[0]
    found = [each.hash for each in known if each.hash.startswith(to)]
    if len(to) < SHORTEST_HASH or len(found) > 1:
        raise InvalidInput(f"流程版本“{to}”写得太短。", f"请至少写出哈希的前 {SHORTEST_HASH} 位，且只对应一个版本。")
    if not found:
        raise NotFound(f"没有流程版本“{to}”。", "运行 shuangshen process list 查看。")
    return found[0]


def _incidents_of(standing: Standing) -> Iterator[Incident]:
    case = standing.case
    if case.stage == AWAY:
        return
    if standing.bundle is None:
        yield Incident(case.id, "bundle_missing", f"流程版本 {case.bundle[:12]} 不在库中")
        return
    try:
        told = process.to_plain(process.bundle_from_bytes(standing.bundle), case.position)
    except ProcessError as error:
        yield Incident(case.id, "position_unreadable", error.message.rstrip("。"))
        return
    if told["stage"] != case.stage:
        yield Incident(case.id, "stage_differs", f"登记的环节是“{case.stage}”，流程位置在“{told['stage']}”")
    expected = sorted((turn["task"], turn["element"], turn["instance"]) for turn in told["turns"])
    if sorted((turn.task, turn.element, turn.instance) for turn in standing.turns) != expected:
        yield Incident(case.id, "tasks_differ", "登记的待办与流程位置不一致")
