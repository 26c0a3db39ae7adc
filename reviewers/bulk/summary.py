"""What a ledger adds up to: by department, by item, by year. Plain data, for the terminal and as JSON."""

from __future__ import annotations

from typing import Any

from engine.standards import Standards
from reviewers.bulk.ledger import Ledger

STOCK_SCHEMA = "shuangshen.stock/1"
_DONE = "LEFT JOIN document d ON d.sha256 = f.sha256 AND d.basis = :basis"
_UNREADABLE = "(f.reason != '' OR coalesce(d.kind, '') = 'unreadable')"
_TOTALS = f"""SELECT sum(coalesce(d.kind, '') != 'archive'),
    count(DISTINCT CASE WHEN d.kind = 'screened' THEN f.sha256 END), sum({_UNREADABLE}),
    sum(f.reason = '' AND d.kind IS NULL) FROM file f {_DONE}"""  # noqa: S608
_FOUND = """SELECT count(*), sum(blocking > 0), sum(blocking), sum(attention) FROM document
    WHERE basis = :basis AND kind = 'screened' AND sha256 IN (SELECT sha256 FROM file)"""
_DEPARTMENTS = f"""SELECT f.department, count(*), sum({_UNREADABLE}), sum(coalesce(d.blocking, 0) > 0),
    sum(coalesce(d.blocking, 0)), sum(coalesce(d.attention, 0))
    FROM file f {_DONE} WHERE coalesce(d.kind, '') != 'archive' GROUP BY 1 ORDER BY 5 DESC, 1"""  # noqa: S608
_YEARS = """SELECT year, count(*), sum(blocking > 0), sum(blocking), sum(attention) FROM document
    WHERE basis = :basis AND kind = 'screened' AND sha256 IN (SELECT sha256 FROM file) GROUP BY 1 ORDER BY 1"""
_ITEMS = """SELECT coalesce(json_extract(one.value, '$.articles[0]'), ''), count(DISTINCT d.sha256),
    sum(json_extract(one.value, '$.level') = 'block'), sum(json_extract(one.value, '$.level') != 'block')
    FROM document d, json_each(d.result, '$.findings') one
    WHERE d.basis = :basis AND d.kind = 'screened' AND d.sha256 IN (SELECT sha256 FROM file)
    GROUP BY 1 ORDER BY 3 DESC, 4 DESC, 1"""


def summary(ledger: Ledger, standards: Standards) -> dict[str, Any]:
    """The counts of `shuangshen.stock/1`.

    Files are counted as they lie, a copy in each department that keeps one; documents and findings once a content.
    """
    ((files, documents, unreadable, pending),) = ledger.counted(_TOTALS)
    ((_, with_blocking, blocking, attention),) = ledger.counted(_FOUND)
    pack, _, as_of = ledger.described().rpartition(" ")
    return {
        "schema": STOCK_SCHEMA,
        "pack": pack,
        "as_of": as_of,
        "files": files or 0,
        "documents": documents or 0,
        "unreadable": unreadable or 0,
        "pending": pending or 0,
        "with_blocking": with_blocking or 0,
        "blocking": blocking or 0,
        "attention": attention or 0,
        "by_department": _named(
            ledger, _DEPARTMENTS, "department", "files", "unreadable", "with_blocking", "blocking", "attention"
        ),
        "by_item": [
            {**row, "citation": standards.citation(row["item"]) if row["item"] in standards.items else ""}
            for row in _named(ledger, _ITEMS, "item", "documents", "blocking", "attention")
        ],
        "by_year": _named(ledger, _YEARS, "year", "documents", "with_blocking", "blocking", "attention"),
    }


def _named(ledger: Ledger, statement: str, *names: str) -> list[dict[str, Any]]:
    return [dict(zip(names, row, strict=True)) for row in ledger.counted(statement)]
