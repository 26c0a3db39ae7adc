"""A synthetic year of reviews: how many people the queue needs, told before the year begins.

Made-up drafts arrive, made-up officers work through them by the minute, and every act goes through the real process,
store, screening and calendar in a temporary database. Same plan, same result. Called by `shuangshen simulate`.
"""

from __future__ import annotations

from pathlib import Path

from reviewers.simulation.plan import SIMULATED, Plan, Queue, Rates, Result, Staff, StepTime, require_playable
from reviewers.simulation.town import Town

__all__ = ["SIMULATED", "Plan", "Queue", "Rates", "Result", "Staff", "StepTime", "simulate"]


def simulate(plan: Plan, room: Path) -> Result:
    """The plan is played through in an empty directory `room`; equal plans give equal results.

    Raises InvalidInput for a plan that cannot be played.
    """
    require_playable(plan)
    town = Town(plan, room)
    town.play()
    return town.result()
