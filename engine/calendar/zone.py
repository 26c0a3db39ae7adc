"""The zone in which days are reckoned here: an instant is stored in UTC, but the law in force and a deadline go by the
local calendar day.
"""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

LOCAL_ZONE = ZoneInfo("Asia/Shanghai")


def local_day(instant: datetime) -> date:
    """The local calendar day on which this aware instant falls."""
    return instant.astimezone(LOCAL_ZONE).date()
