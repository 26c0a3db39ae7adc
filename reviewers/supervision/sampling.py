"""Spot checks nobody can steer (抽查): the seed is bound before the period ends, anybody can redo the pick.

Before the cases of a period are known, the SHA-256 of a secret seed goes into the trail. After the period the seed is
disclosed; a case's score is SHA-256 of "seed|beacon|case id" in UTF-8 and the lowest scores are picked. The beacon is
the hash of the period's last event: case ids can be foreseen, so a seed alone could be chosen to spare a known case.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from engine.calendar.zone import local_day
from engine.errors import Conflict, InvalidInput, NotFound, Refused
from engine.model import MatterFile, MatterKind, SampleCommitment, SampleDraw
from engine.store import Receipt
from engine.store.holdings import endings, last_hash_before, matter_files
from engine.store.loading import read_instant
from engine.store.matters import matter_files as matters_at_work
from engine.store.records import instant
from reviewers.office import Office, digest_of
from reviewers.supervision.minding import Minding, kept, may_supervise, opening
from reviewers.supervision.periods import end_of, month

CLOSED = ("archived", "must_not_issue", "out_of_scope")
"""Ends that came out of a review: withdrawn and returned drafts never had a conclusion to check."""


@dataclass(frozen=True, slots=True)
class Sampling:
    """One period's sampling: what was bound, and what was drawn, if it has been."""

    id: str
    commitment: SampleCommitment
    draw: SampleDraw | None


@dataclass(frozen=True, slots=True)
class Population:
    """The cases closed in a period, in order of their ids, and the hash of the last event in it."""

    cases: tuple[str, ...]
    beacon: str


def commit(office: Office, seed_sha256: str, period: str) -> Receipt:
    """The seed's digest is bound for the period. Raises Refused once the period is over, Conflict when one is bound."""
    may_supervise(office, "登记抽查种子")
    _, last = month(period)
    if len(seed_sha256) != 64 or set(seed_sha256) - set("0123456789abcdef"):
        raise InvalidInput("种子摘要应为 64 位小写十六进制的 SHA-256。", "生成：printf '%s' 种子 | sha256sum。")
    if office.today > last:
        raise Refused(f"{period} 已经结束，案件已知，不能再登记种子。", "请为本月或以后的月份登记。")
    return _commit(office, f"{period} 抽查", office.officer.unit, seed_sha256, period)


@opening("sample_commit", MatterKind.SAMPLING)
def _commit(minding: Minding, seed_sha256: str, period: str) -> Receipt:
    for each in matters_at_work(minding.work, MatterKind.SAMPLING):
        if sampling_of(each).commitment.period == period:
            raise Conflict(f"{period} 已登记过种子（{each.matter.id}）。", "每个月份只登记一次，以免挑选结果。")
    record = SampleCommitment(period, seed_sha256, minding.office.officer.id, minding.office.now)
    return minding.save({"period": period, "seed_sha256": seed_sha256}, [record])


def draw(office: Office, seed: str, n: int) -> Receipt:
    """The seed is disclosed and `n` cases closed in its period are picked, all of them when there are fewer.

    Raises Refused when no bound digest is the seed's or its period still runs, Conflict when it is drawn already or
    no case was closed.
    """
    may_supervise(office, "抽取案件")
    if n < 1:
        raise InvalidInput(f"抽取件数 {n} 不对。", "请填写 1 以上的整数。")
    return kept(office, "sample_draw", lambda office: _draw(office, seed, n))


def _draw(office: Office, seed: str, n: int) -> Receipt:
    digest = digest_of("sample_draw", office.officer.id, "", [seed, n])
    with office.store.work() as work:
        done = work.repeated(office.command, digest)
        if done:
            return done
        file = _bound_to(seed, matters_at_work(work, MatterKind.SAMPLING))
        _require_drawable(office, sampling_of(file))
        population = population_of(office.store.path, sampling_of(file).commitment.period)
        if not population.cases:
            raise Conflict("该月没有审结的案件，无可抽取。", "无需抽取。")
        picked = picks(seed, population, n)
        record = SampleDraw(seed, population.beacon, population.cases, picked, office.officer.id, office.now)
        facts = {"seed": seed, "beacon": population.beacon, "of": len(population.cases), "picked": list(picked)}
        return Minding(office, work, "sample_draw", digest, file).save(facts, [record])


def population_of(database: Path, period: str) -> Population:
    """The cases of CLOSED whose closing event fell in the period, by local days, and the period's beacon."""
    first, last = month(period)
    cases = [end["case_id"] for end in endings(database, CLOSED) if first <= local_day(read_instant(end["at"])) <= last]
    return Population(tuple(sorted(cases)), last_hash_before(database, instant(end_of(last))))


def picks(seed: str, population: Population, n: int) -> tuple[str, ...]:
    """The `n` cases with the lowest scores, lowest first."""
    return tuple(sorted(population.cases, key=lambda case: score(seed, population.beacon, case))[:n])


def score(seed: str, beacon: str, case: str) -> str:
    """The number that decides: SHA-256, hexadecimal, of "seed|beacon|case"."""
    return sha256(f"{seed}|{beacon}|{case}".encode()).hexdigest()


def samplings(database: Path) -> tuple[Sampling, ...]:
    """Every sampling, oldest first."""
    return tuple(sampling_of(each) for each in matter_files(database, MatterKind.SAMPLING))


def sampling_of(file: MatterFile) -> Sampling:
    """A sampling by its records."""
    (commitment,) = [record for record in file.records if isinstance(record, SampleCommitment)]
    draws = [record for record in file.records if isinstance(record, SampleDraw)]
    return Sampling(file.matter.id, commitment, draws[-1] if draws else None)


def disagreement(database: Path, sampling: Sampling) -> str:
    """What a draw does not share with the arithmetic done again from the trail; empty when all agrees."""
    made = sampling.draw
    if made is None:
        return ""
    population = population_of(database, sampling.commitment.period)
    if sha256(made.seed.encode()).hexdigest() != sampling.commitment.seed_sha256:
        return "种子与事先登记的摘要不符"
    if (made.cases, made.beacon) != (population.cases, population.beacon):
        return "登记的案件范围或信标与留痕不符"
    if made.picked != picks(made.seed, population, len(made.picked)):
        return "抽中的案件与重新计算的不符"
    return ""


def _bound_to(seed: str, files: tuple[MatterFile, ...]) -> MatterFile:
    digest = sha256(seed.encode()).hexdigest()
    found = [file for file in files if sampling_of(file).commitment.seed_sha256 == digest]
    if not files:
        raise NotFound("还没有登记过抽查种子。", "请先运行 shuangshen sample commit。")
    if not found:
        raise Refused("种子与事先登记的任何摘要都不符。", "请使用登记时的种子，一字不差。")
    return found[-1]


def _require_drawable(office: Office, sampling: Sampling) -> None:
    if sampling.draw:
        raise Conflict(
            f"{sampling.commitment.period} 已抽取过（{sampling.id}）。", "运行 shuangshen sample list 查看。"
        )
    if office.today <= month(sampling.commitment.period)[1]:
        raise Refused(f"{sampling.commitment.period} 还没有结束，不能公开种子。", "请在月底以后抽取。")
