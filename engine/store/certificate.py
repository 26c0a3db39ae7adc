"""One decision taken out of the office on one page: its event, what it filed, the proof that it is in the log."""

from __future__ import annotations

from collections.abc import Sequence
from json import loads
from pathlib import Path
from sqlite3 import Row
from typing import Any

from engine.errors import NotFound
from engine.store.bundle import proven_lines
from engine.store.connection import case_not_found, reading
from engine.store.disposal import require_kept
from engine.store.signing import key_events_of
from engine.store.verify import current_checkpoint
from engine.store.wording import words_of_case
from engine.trail.certificates import CERTIFICATE
from engine.trail.segments import IN
from engine.trail.verifier import checkpoint_text
from engine.trail.words import digest_in

CONCLUDING = ("conclude", "sign")


def certificate_of(store: Path, case_id: str) -> dict[str, Any]:
    """The certificate of the case's last conclusion, at its last gate; canonical JSON of it is what is verified.

    Raises NotFound for the case, or when nothing has been concluded in it yet.
    """
    with reading(store) as connection:
        statement = "SELECT seq, hash, payload FROM event WHERE case_id = ? ORDER BY seq"
        rows = connection.execute(statement, (case_id,)).fetchall()
        if not rows or not connection.execute("SELECT 1 FROM case_ WHERE id = ?", (case_id,)).fetchone():
            raise case_not_found(case_id, [row[0] for row in connection.execute("SELECT id FROM case_")])
        require_kept(connection, case_id)
        by_act = {loads(row["payload"])["act"]: row for row in rows}
        concluded = [by_act[act] for act in CONCLUDING if act in by_act]
        _require_here(rows)
        if not concluded:
            raise NotFound(f"案件 {case_id} 还没有作出结论，没有可出具的凭证。", "请在签署结论以后出具。")
        decision, checkpoint = concluded[0], current_checkpoint(connection)
        bodies = connection.execute(
            "SELECT id, kind, body FROM record WHERE event_seq = ? ORDER BY ordinal", (decision["seq"],)
        )
        signed = [loads(decision["payload"]).get("key", "")]
        events, keys = (
            [loads(line) for line in proven_lines(connection, chosen, checkpoint.size)]
            for chosen in ((rows[0], decision), key_events_of(connection, signed))
        )
        return {
            "schema": CERTIFICATE,
            "checkpoint": checkpoint_text(checkpoint),
            "events": events,
            "keys": keys,
            "records": [dict(row) for row in bodies],
            "words": words_of_case(connection, case_id)[0].get(digest_in(loads(rows[0]["payload"])), ""),
        }


def _require_here(rows: Sequence[Row]) -> None:
    """Raises NotFound when the case was last concluded elsewhere: only the log it was concluded in can prove that."""
    events = [loads(row["payload"]) for row in rows]
    last = next((event for event in reversed(events) if event["act"] in (IN, CONCLUDING[0])), None)
    if last and last["act"] == IN and last["facts"].get("concluded"):
        raise NotFound(
            f"案件 {last['case']} 的会审结论在{last['facts']['origin_name']}作出，本单位出具不了它的凭证。",
            "请该单位出具。",
        )
