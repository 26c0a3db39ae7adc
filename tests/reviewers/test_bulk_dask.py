"""The clean-up on a Dask cluster gives what the crew gives, though a worker is killed on the way."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from engine.errors import InvalidInput
from reviewers.bulk.cleaning import Plan, clean_up
from reviewers.bulk.dask_adapter import connected
from reviewers.bulk.ledger import Ledger

ROOT = Path(__file__).parents[2]
PROGRAM = """
import json, os, signal, sys
from datetime import date
from pathlib import Path
from distributed import Client, LocalCluster
from reviewers.bulk.cleaning import Plan
from reviewers.bulk.dask_adapter import clean_up_with
from reviewers.bulk.ledger import Ledger

def main():
    stock = Path(sys.argv[1])
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster, Client(cluster) as client:
        victims = list(client.run(os.getpid).values())
        def tell(done, total):
            if done == 3:
                os.kill(victims[0], signal.SIGKILL)
        with Ledger(None) as ledger:
            done = clean_up_with(client, Plan([stock], date(2026, 3, 1), 2), ledger, tell)
            again = clean_up_with(client, Plan([stock], date(2026, 3, 1), 2), ledger, lambda _done, _total: None)
            print(json.dumps([victims[0], done.fresh, again.fresh, list(ledger.results())]))

if __name__ == "__main__":
    main()
"""


def test_a_killed_worker_loses_nothing(tmp_path: Path) -> None:
    pytest.importorskip("distributed", reason='没有安装 Dask：pip install "shuangshen[dask]"')
    stock = tmp_path / "存量"
    stock.mkdir()
    for number in range(12):
        (stock / f"{number:02}.txt").write_text(
            f"第{number + 1}条 外地企业在本市承接工程，必须先在本市设立子公司，否则不予受理。", encoding="utf-8"
        )
    (stock / "坏.docx").write_bytes(b"PK\x03\x04 broken")
    script = tmp_path / "run.py"
    script.write_text(PROGRAM, encoding="utf-8")
    ran = subprocess.run(
        [sys.executable, str(script), str(stock)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    assert ran.returncode == 0, ran.stderr
    victim, fresh, again, results = json.loads(ran.stdout.splitlines()[-1])
    assert not Path(f"/proc/{victim}").exists()
    with Ledger(None) as ledger:
        clean_up(Plan([stock], date(2026, 3, 1), 1), ledger, lambda _done, _total: None)
        assert results == list(ledger.results())
    assert (fresh, again) == (13, 0)


def test_a_cluster_that_is_not_there_is_refused() -> None:
    pytest.importorskip("distributed", reason='没有安装 Dask：pip install "shuangshen[dask]"')
    with pytest.raises(InvalidInput, match="连不上"):
        connected("没有地址")
