"""The officers and the sample whose journey the stories tell."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import pytest
from journey import Counter, Journey
from taken import Taken, take_out
from trodden import Clock

from engine.calendar.zone import LOCAL_ZONE
from engine.model import Role
from reviewers.desk import counter as desk
from reviewers.roster import load_profile
from reviewers.samples import Sample, load_samples


@pytest.fixture
def counter(shuangshen: Callable[..., Any], installation: Path, tmp_path: Path, shared: Path) -> Counter:
    return Counter(shuangshen, installation, tmp_path, shared / "trodden")


@pytest.fixture(scope="session")
def samples() -> dict[str, Sample]:
    return load_samples()


@pytest.fixture
def people(installation: Path) -> dict[str, str]:
    """Officer ids by what they do, in the bureau that drafts the samples and in the regulator."""
    profile = load_profile(installation / "profile")

    def of(role: Role, unit: str | None = None, number: int = 0) -> str:
        return profile.officers_with(role, unit)[number].id

    return {
        "drafter": of(Role.DRAFTER, "jtj"),
        "reviewer": of(Role.DRAFTING_REVIEWER, "jtj"),
        "head": of(Role.DRAFTING_HEAD, "jtj"),
        "regulator": of(Role.REGULATOR),
        "second_regulator": of(Role.REGULATOR, None, 1),
        "third_regulator": of(Role.REGULATOR, None, 2),
        "lead": of(Role.JOINT_LEAD),
        "auditor": of(Role.AUDITOR),
        "stranger": of(Role.DRAFTER, "gxj"),
    }


@pytest.fixture(scope="session")
def taken(tmp_path_factory: pytest.TempPathFactory) -> Taken:
    """A case taken out whole and redacted; nobody may change it, copies may be."""
    return take_out(tmp_path_factory.mktemp("taken"))


@pytest.fixture
def on(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Sets the counter's clock to a local day, at ten in the morning unless said otherwise; later each time it is read.

    Nothing but the counter is told: acts take their instant from there.
    """

    def at(day: str, hour: int = 10) -> None:
        begun = datetime.combine(date.fromisoformat(day), time(hour), LOCAL_ZONE)
        monkeypatch.setattr(desk, "now", Clock(begun))

    return at


@pytest.fixture
def journey(counter: Counter, samples: dict[str, Sample], people: dict[str, str]) -> Journey:
    """The blocked sample's journey, not yet begun."""
    return Journey(counter, samples["blocked"], people)
