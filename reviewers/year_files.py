"""An installation's own calendar years: taking in the file of a year whose holidays have been announced.

An intranet gets the notice before it gets a new release. Which calendar counted must be known afterwards, so every
case whose deadlines may rest on that year is told by an event, and the file itself goes into the record.
"""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass, replace
from pathlib import Path

from engine.calendar import CalendarYear, load_calendar, read_year
from engine.errors import InvalidInput, Refused
from engine.model import Role
from engine.store import reads
from reviewers.deadlines import recalculate
from reviewers.office import Office, Upload, require_clock


@dataclass(frozen=True, slots=True)
class Imported:
    """A year taken in, the version of the calendar it gave, and the changed due days by case ("element was is")."""

    year: int
    version: str
    changed: dict[str, tuple[str, ...]]


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
    cases = [case for case in _depending(office, year.year) if _calendar_of(office, case) != renewed.calendar.version]
    return Imported(
        year.year, renewed.calendar.version, {case: _told(renewed, case, year.year, year_file) for case in cases}
    )


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
