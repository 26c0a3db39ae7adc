"""Working days in China and clocks that stop: every deadline the program prints comes from here, with its arithmetic.

The State Council moves working days every year (调休), so the calendar is data; a year not yet announced gives
provisional (暂定) deadlines and says so. Called by the acts that set a deadline, and by the
desks and papers that show one.
"""

from engine.calendar.clocks import Clock, Deadline, Pause, add_working_days, working_day
from engine.calendar.years import CalendarYear, Day, WorkCalendar, load_calendar, read_year

__all__ = [
    "CalendarYear",
    "Clock",
    "Day",
    "Deadline",
    "Pause",
    "WorkCalendar",
    "add_working_days",
    "load_calendar",
    "read_year",
    "working_day",
]
