"""An installation's own calendar years: taking in the file of a year whose holidays have been announced.

An intranet gets the notice before it gets a new release. Which calendar counted must be known afterwards: taking it in
is a matter in the trail, the file with it, and every case whose deadlines may rest on that year is told by an event.
"""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass, replace
from pathlib import Path

from engine.calendar import CalendarYear, load_calendar, read_year
from engine.errors import InvalidInput, Refused
from engine.model import CalendarImport, MatterKind, Role
from engine.store import Receipt, reads
from engine.store.holdings import matter_files
from reviewers.deadlines import recalculate
from reviewers.office import Office, Upload, require_clock
from reviewers.supervision.minding import Minding, opening


@dataclass(frozen=True, slots=True)
class Imported:
    """A year taken in, the version of the calendar it gave, and the changed due days by case ("element was is").

    `matter` is the entry in the trail of taking it in.
    """

    year: int
    version: str
    changed: dict[str, tuple[str, ...]]
    matter: str


def import_year(office: Office, directory: Path, year_file: Upload) -> Imported:
    """The year file lies in `directory` and every open case that may depend on it is reckoned anew, told by an event.

    Repeating it finishes what was interrupted and does nothing twice. Raises StandardsError when the file does not
    hold together, InvalidInput when it would put a provisional year over an announced one, Refused to outsiders.
    """
    _may_import(office)
    year = read_year(year_file.data)
    if year.provisional and not office.calendar.year(year.year).provisional:
        raise InvalidInput(f"{year.year}年放假安排已经公布，不能用暂定的代替。", "请导入写明通知文号的年历。")
    with office.store.work() as work:
        require_clock(office, work)
    _lay(directory, year, year_file.data)
    load_calendar.cache_clear()
    renewed = replace(office, calendar=load_calendar(directory))
    matter = _entered(renewed, year, year_file)
    cases = [case for case in _depending(office, year.year) if _calendar_of(office, case) != renewed.calendar.version]
    changed = {case: _told(renewed, case, year.year, year_file) for case in cases}
    return Imported(year.year, renewed.calendar.version, changed, matter)


def _entered(office: Office, year: CalendarYear, year_file: Upload) -> str:
    """The number under which taking in this file stands in the trail; the last one's when it was this very file."""
    for file in reversed(matter_files(office.store.path, MatterKind.CALENDAR)):
        (taken,) = file.records
        if isinstance(taken, CalendarImport) and taken.year == year.year:
            if taken.calendar == office.calendar.version:
                return file.matter.id
            break
    entering = replace(office, command=f"{office.command}/calendar")
    title = f"{year.year}年放假安排"
    return _enter(entering, title, office.officer.unit, year.year, year.notice, year.provisional, year_file).case_id


@opening("calendar_import", MatterKind.CALENDAR)
def _enter(minding: Minding, year: int, notice: str, provisional: bool, year_file: Upload) -> Receipt:
    office = minding.office
    record = CalendarImport(
        year=year,
        notice=notice,
        provisional=provisional,
        calendar=office.calendar.version,
        sha256=year_file.sha256,
        imported_by=office.officer.id,
        imported_at=office.now,
    )
    facts = {"year": year, "notice": notice, "calendar": office.calendar.version}
    return minding.save(facts, [record], [minding.work.put_content(year_file.data)])


def _may_import(office: Office) -> None:
    officer = office.officer
    if not office.profile.roles_on(officer, office.today) & {Role.REGULATOR, Role.JOINT_LEAD}:
        raise Refused(f"{officer.name}不能导入年历：年历由市场监管部门会审人员导入。", "请将通知转交市场监管部门。")


def _lay(directory: Path, year: CalendarYear, data: bytes) -> None:
    """The file is in place whole or not at all."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    unfinished = directory / f".{year.year}.{secrets.token_hex(4)}"
    unfinished.write_bytes(data)
    os.replace(unfinished, directory / f"{year.year}.toml")  # noqa: PTH105  atomic on every system


def _depending(office: Office, year: int) -> list[str]:
    """Cases with an open task that is due in that year or later, or whose clock stands."""
    found: dict[str, None] = {}
    after: tuple[str, str, str] | None = None
    while page := reads.queue(office.store.path, limit=500, after=after):
        found |= {task["case_id"]: None for task in page if (task["due_on"] or reads.NO_DUE_DAY) >= f"{year}-01-01"}
        after = reads.place_of(page[-1])
    return list(found)


def _calendar_of(office: Office, case_id: str) -> str:
    versions = [event["facts"].get("calendar", "") for event in reads.events(office.store.path, case_id, limit=10_000)]
    return next((version for version in reversed(versions) if version), "")


def _told(office: Office, case_id: str, year: int, year_file: Upload) -> tuple[str, ...]:
    revision = reads.case_row(office.store.path, case_id)["revision"]
    command = f"calendar:{office.calendar.version}:{case_id}:{revision}"
    receipt = recalculate(replace(office, command=command), case_id, year, year_file)
    event = reads.events(office.store.path, case_id, receipt.event_seq - 1, 1)[0]
    return tuple(event["facts"]["changed"])
