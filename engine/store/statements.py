"""Every statement of the unit of work, built once from the tables: building one costs more than running it."""

from __future__ import annotations

from sqlalchemy import BindParameter, bindparam, delete, insert, select, text, update

from engine.store.tables import APPENDING, TABLES
from engine.trail.words import KIND as WORDS

_meta, _case, _event, _record = (TABLES[name] for name in ("meta", "case_", "event", "record"))
_content, _task, _bundle = (TABLES[name] for name in ("content", "task", "bundle"))
_command, _merkle = (TABLES[name] for name in ("command", "merkle"))
_key: BindParameter[str] = bindparam("key")

# Locks of rows are PostgreSQL's; SQLite, whose one writer holds the whole file, is not even told of them.
COUNTER = select(_meta.c.value).where(_meta.c.key == _key).with_for_update()
CASE = select(_case).where(_case.c.id == _key).with_for_update()
CASE_IF_FREE = select(_case).where(_case.c.id == _key).with_for_update(skip_locked=True)
CASE_STANDING = select(_case.c.revision, _case.c.stage).where(_case.c.id == _key).with_for_update()
CASE_IS_THERE = select(_case.c.id).where(_case.c.id == _key)
APPENDING_ALONE = select(_meta.c.key).where(_meta.c.key == APPENDING).with_for_update()
COMMAND_ALONE = text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))")
COMMAND_IF_FREE = text("SELECT pg_try_advisory_xact_lock(hashtextextended(:key, 0))")
NEWEST_CASES = select(_case.c.id).order_by(_case.c.id.desc()).limit(2000)
RECORDS = select(_record).where(_record.c.case_id == _key).order_by(_record.c.event_seq, _record.c.ordinal)
LAST_RECORD = select(_record.c.body).where(_record.c.event_seq == _key).order_by(_record.c.ordinal.desc()).limit(1)
WORDS_OF_CASE = select(_record.c.kind, _record.c.digest, _record.c.body).where(
    _record.c.case_id == _key, _record.c.kind.in_((WORDS, "disposal"))
)
TASKS = select(_task).where(_task.c.case_id == _key).order_by(_task.c.ordinal)
COMMAND = select(_command).where(_command.c.id == _key)
BUNDLE = select(_bundle).where(_bundle.c.hash == _key)
BUNDLE_DIGEST = select(_bundle.c.digest).where(_bundle.c.hash == _key)
CONTENT = select(_content).where(_content.c.sha256 == _key)
CONTENT_SIZE = select(_content.c.size).where(_content.c.sha256 == _key)
LAST_EVENT = select(_event.c.seq, _event.c.hash).order_by(_event.c.seq.desc()).limit(1)
LAST_EVENT_OF_CASE = select(_event.c.payload).where(_event.c.case_id == _key).order_by(_event.c.seq.desc()).limit(1)
EVENTS_OF_CASE = select(_event.c.payload).where(_event.c.case_id == _key).order_by(_event.c.seq)
LATEST_EVENT = select(_event.c.payload).order_by(_event.c.seq.desc()).limit(1)
NODE = select(_merkle.c.hash).where(_merkle.c.position == _key)

ADD_META = insert(_meta)
ADD_COUNTER = text("INSERT INTO meta (key, value) VALUES (:key, '0') ON CONFLICT DO NOTHING")
SET_META = update(_meta).where(_meta.c.key == bindparam("which"))
ADD_TO_TALLY = text(
    """INSERT INTO tally (name, count) VALUES (:name, :more)
    ON CONFLICT (name) DO UPDATE SET count = tally.count + excluded.count"""
)
ADD_CASE = insert(_case)
SET_CASE = update(_case).where(_case.c.id == bindparam("which"))
ADD_EVENT = insert(_event)
ADD_NODES = insert(_merkle)
ADD_RECORDS = insert(_record)
ADD_COMMAND = insert(_command)
ADD_CONTENT = text("INSERT INTO content (sha256, size, data) VALUES (:sha256, :size, :data) ON CONFLICT DO NOTHING")
ADD_BUNDLE = text("INSERT INTO bundle (hash, data, digest) VALUES (:hash, :data, :digest) ON CONFLICT DO NOTHING")
ADD_TASKS = insert(_task)
DROP_TASKS = delete(_task).where(_task.c.case_id == _key)
