"""A clean-up on a Dask cluster, for offices that run one: the same scan, ledger and results, other people's processes.

Needs the extra `dask`. The workers must see the stock under the same paths and have this software installed. Time and
memory are the cluster's to bound; a document that keeps killing its workers is given up by Dask and becomes unreadable.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from importlib import import_module
from itertools import islice
from pathlib import Path
from typing import Any

from engine.errors import InvalidInput
from engine.screening import screen_text
from engine.screening.overlay import load_pack
from engine.standards import load_standards
from reviewers.bulk.cleaning import Done, Errands, Plan, Progress, write_down
from reviewers.bulk.ledger import Ledger
from reviewers.bulk.scanning import Scanned, scan
from reviewers.bulk.walk import walk

AHEAD = 8


def connected(address: str) -> Any:
    """A client of the cluster at this address; raises InvalidInput when Dask or the cluster is not there."""
    try:
        distributed = import_module("distributed")
    except ImportError as error:
        raise InvalidInput("没有安装 Dask。", '请运行 pip install "shuangshen[dask]"。') from error
    try:
        return distributed.Client(address, timeout="10s")
    except (OSError, ValueError) as error:
        raise InvalidInput(f"连不上 Dask 集群 {address}。", "请检查地址，形如 tcp://10.0.0.1:8786。") from error


def clean_up_with(client: Any, plan: Plan, ledger: Ledger, tell: Progress) -> Done:
    """As `clean_up`, on the client's cluster; `jobs`, `timeout` and `memory` of the plan are left to the cluster."""
    as_completed = import_module("distributed").as_completed
    stock = walk(plan.roots)
    ledger.begin(client.submit(pack_name, plan.as_of, plan.overlay, pure=False).result(), plan.as_of)
    if plan.retry:
        ledger.forget_unreadable()
    errands = Errands(stock.entries, ledger, plan.shard, tell)
    waiting = iter(errands)
    given: dict[Any, Any] = {}

    def submitted(many: int) -> Iterator[Any]:
        for job, file in islice(waiting, many):
            future = client.submit(scan_all, file, plan.as_of, plan.overlay, pure=False)
            given[future] = job
            yield future

    fresh = 0
    finished = as_completed(submitted(AHEAD * max(1, sum(client.nthreads().values()))))
    for future in finished:
        (entry, sha256), found = given.pop(future), _result(future)
        finished.update(submitted(1))
        write_down(ledger, entry, sha256, found)
        ledger.save()
        fresh += 1
        errands.finished()
    ledger.save()
    return Done(len(stock.entries), fresh, stock.links)


def scan_all(file: Path, as_of: date, overlay: Path | None = None) -> list[Scanned]:
    """Everything found in the file at once: a worker gives its answer whole."""
    return list(scan(file, as_of, overlay))


def pack_name(as_of: date, overlay: Path | None = None) -> str:
    """The rule pack the workers use."""
    return screen_text("甲", load_standards(), as_of, load_pack(overlay)).pack


def _result(future: Any) -> list[Scanned]:
    failure = future.exception()
    if failure is None:
        return list(future.result())
    return [Scanned("", "", f"集群未能读取（{type(failure).__name__}），文件可能已损坏或者有意构造。")]
