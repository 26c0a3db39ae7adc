"""A sharp sample of the deaths in `deaths.py`; all of them are died by `bench/kills.py`."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ACTS = ("submit", "conclude", "export", "complaint_conclude", "key_add", "tick")
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs fork and SIGKILL")


def died(every: int, *acts: str) -> list[dict[str, Any]]:
    words = [sys.executable, str(Path(__file__).with_name("deaths.py")), "--every", str(every), "--acts", *acts]
    ran = subprocess.run(words, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    return [json.loads(line) for line in ran.stdout.splitlines()]


def test_killed_at_any_step_nothing_is_lost_halved_or_doubled() -> None:
    *reports, control = sorted(died(30, *ACTS, "two_at_once"), key=lambda report: report["act"] == "two_at_once")
    assert sorted(report["act"] for report in reports) == sorted(ACTS)
    assert [fault for report in reports for fault in report["faults"] or ()] == []
    for report in reports:
        assert min(report["undone"], report["done"]) > 0
        assert report["undone"] + report["done"] == report["kills"]
    assert any("half-written" in fault for fault in control["faults"])
