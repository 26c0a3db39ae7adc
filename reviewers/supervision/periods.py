"""How many days supervision gives, read from the installation's profile, because most of them are local practice."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from engine.calendar.zone import LOCAL_ZONE
from engine.errors import InvalidInput, StandardsError
from reviewers.roster import MAX_FILE_BYTES, shipped_profile
from reviewers.tables import Table

FILE = "supervision.toml"


@dataclass(frozen=True, slots=True)
class Periods:
    """Working days for the correction of a complaint and for rectification; calendar days for its verification.

    The clock reminds so many working days before a day runs out. An exception that has run out is put to a new review
    after `sunset_reopen_working_days`.
    """

    correction_working_days: int
    verification_days: int
    extension_days: int
    rectification_working_days: int
    remind_working_days: int = 5
    sunset_remind_working_days: int = 20
    sunset_reopen_working_days: int = 10


def load_periods(database: Path) -> Periods:
    """The periods of the installation whose database this is, those of the shipped profile when it states none.

    Raises StandardsError naming file and key. Source: Measures art. 38.
    """
    own = database.parent / "profile" / FILE
    path = own if own.is_file() else shipped_profile("qingyang") / FILE
    file = _read(path)
    file.only("complaint", "rectification", "reminders", "sunset")
    complaint, rectification = file.table("complaint"), file.table("rectification")
    complaint.only("correction_working_days", "verification_days", "extension_days")
    rectification.only("working_days")
    return Periods(
        complaint.count("correction_working_days"),
        complaint.count("verification_days"),
        complaint.count("extension_days"),
        rectification.count("working_days"),
        **_later(file),
    )


def _later(file: Table) -> dict[str, int]:
    """The periods that profiles written before them do not state."""
    found = {}
    if "reminders" in file.values:
        reminders = file.table("reminders")
        reminders.only("working_days")
        found["remind_working_days"] = reminders.count("working_days")
    if "sunset" in file.values:
        sunset = file.table("sunset")
        sunset.only("remind_working_days", "reopen_working_days")
        found["sunset_remind_working_days"] = sunset.count("remind_working_days")
        found["sunset_reopen_working_days"] = sunset.count("reopen_working_days")
    return found


def month(period: str) -> tuple[date, date]:
    """First and last day of a month written YYYY-MM; raises InvalidInput for anything else."""
    if not re.fullmatch(r"20\d\d-(0[1-9]|1[0-2])", period):
        raise InvalidInput(f"月份“{period}”写法不对。", "请写成 2026-07 这样。")
    first = date.fromisoformat(f"{period}-01")
    following = (first + timedelta(days=31)).replace(day=1)
    return first, following - timedelta(days=1)


def end_of(day: date) -> datetime:
    """The instant at which this local day is over, in UTC."""
    return datetime.combine(day + timedelta(days=1), time.min, LOCAL_ZONE).astimezone(UTC)


def _read(path: Path) -> Table:
    try:
        raw = path.read_bytes()
        if len(raw) > MAX_FILE_BYTES:
            raise StandardsError(f"{path.name} 过大。", f"上限 {MAX_FILE_BYTES} 字节。")
        return Table(path.name, "", tomllib.loads(raw.decode("utf-8")))
    except OSError as error:
        raise StandardsError(f"监督期限文件读不到：{path}。", "请检查读取权限。") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise StandardsError(f"{path.name}：不是有效的 TOML 文件（{error}）。", "请按提示的行列改正。") from error
