"""Imported once by the process the crew is forked from: with the packs loaded there, a new worker starts at once and
shares their memory. Nothing else imports this module, because importing it is the work.
"""

from __future__ import annotations

import gc
from contextlib import suppress
from datetime import date

import numpy  # noqa: F401  a crew reads so much that it pays, and shares it

from engine.documents import read_text
from engine.errors import FairReviewError
from engine.screening import screen
from engine.standards import load_standards

WORDS = "第一条 外地企业未在本市设立分公司的，不得参加本市政府投资项目投标，评审时对本地企业加5分。\n"

with suppress(FairReviewError):  # a worker meets it again and reports it
    screen(read_text(WORDS * 8), load_standards(), date(2026, 1, 1))
gc.freeze()  # what is loaded stays: no worker need look through it again, nor copy its pages by doing so
