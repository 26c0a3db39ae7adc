"""The command replay: a case as it stood at the end of an earlier day."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from engine.errors import InvalidInput
from reviewers.desk import counter
from reviewers.desk.counter import CaseId, Home, Json, database, emit, open_profile

if TYPE_CHECKING:
    from reviewers.operations.replaying import Retrospect

REPLAY_SCHEMA = "shuangshen.replay/1"


def replay(
    case: CaseId,
    as_of: Annotated[
        datetime, typer.Option("--as-of", formats=["%Y-%m-%d"], metavar="日期", help="回到哪一天结束时（北京时间）")
    ],
    home: Home = None,
    as_json: Json = False,
) -> None:
    """回看：某日结束时案卷里有什么、办到哪里，按当日有效的规定可否出台。"""
    from engine.calendar.zone import local_day
    from engine.standards import load_standards
    from reviewers.operations import replaying

    on = as_of.date()
    if on > local_day(counter.now()):
        raise InvalidInput(f"{on} 还没有到，无从回看。", "请写今天或以前的日期。")
    found = replaying.as_of(database(home), case, on, load_standards())
    if as_json:
        emit(_json(found))
        return
    from reviewers.desk.printing import print_events, print_verdict

    stood = found.past.file.case
    print(f"{on} 结束时：第{stood.round}轮 第{stood.version}稿，留痕 {len(found.past.events)} 条")
    print_events(found.past.events, open_profile(home))
    print_verdict(found.past.file, found.verdict)


def _json(found: Retrospect) -> dict[str, Any]:
    from engine.store.records import kind_of, plain
    from reviewers.desk.judging import verdict_json

    file = found.past.file
    drawers = [getattr(file, name) for name in file.__dataclass_fields__ if name != "case"]
    records = [{"kind": kind_of(record), "body": plain(record)} for drawer in drawers for record in drawer]
    return {
        **verdict_json(file, found.verdict),
        "schema": REPLAY_SCHEMA,
        "as_of": found.on,
        "route": file.case.route,
        "bundle": file.case.bundle,
        "events": [
            {name: each[name] for name in ("seq", "act", "actor", "at", "attested")} for each in found.past.events
        ],
        "records": records,
    }
