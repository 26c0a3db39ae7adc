"""Imported once by the process the crew is forked from: with the packs loaded there, a new worker starts at once and
shares their memory. Nothing else imports this module, because importing it is the work.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import date

from engine.errors import FairReviewError
from engine.screening import screen_text
from engine.standards import load_standards

with suppress(FairReviewError):  # a worker meets it again and reports it
    screen_text("第一条 各类经营主体平等参与。", load_standards(), date(2026, 1, 1))
