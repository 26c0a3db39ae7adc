"""What runs in a crew's process: take a path, send what was found, within a memory limit, until the crew is gone."""

from __future__ import annotations

import contextlib
import os
import signal
from datetime import date
from multiprocessing.connection import Connection
from pathlib import Path

from engine.errors import FairReviewError
from engine.screening import screen_text
from engine.screening.overlay import load_pack
from engine.standards import load_standards
from reviewers.bulk.scanning import TOO_LARGE_FOR_MEMORY, scan
from reviewers.bulk.walk import open_regular

OLD_OFFICE = b"\xd0\xcf\x11\xe0"
DONE = None
GRACE_SECONDS = 5


def work(
    connection: Connection, as_of: date, memory: int, timeout: float, errands: int, overlay: Path | None = None
) -> None:
    """Serve `errands` paths, then leave; each path ends with `DONE`.

    First sends the name of the rule pack, or the refusal of one that does not load. `memory` is in megabytes beyond
    what the process holds at its start. Old office files lift the limit: their converter is another program, which
    needs its own and has its own bounds. `timeout` is the crew's to keep; if the crew is gone, the process ends itself
    soon after it.
    """
    if hasattr(os, "setsid"):
        os.setsid()  # the crew kills the group, and with it a converter this process has started
    try:
        connection.send(screen_text("甲", load_standards(), as_of, load_pack(overlay)).pack)
    except FairReviewError as refusal:
        connection.send(refusal)
        return
    limited = Limit(memory)
    with contextlib.suppress(EOFError, OSError):
        for _ in range(errands):
            path = Path(os.fsdecode(connection.recv_bytes()))
            limited.set(not _is_old_office(path))
            _end_after(timeout)
            for found in scan(path, as_of, overlay):
                connection.send(found)
                _end_after(timeout)
                if found.reason == TOO_LARGE_FOR_MEMORY:
                    connection.send(DONE)
                    return
            _end_after(0)
            connection.send(DONE)


def _end_after(seconds: float) -> None:
    """The process is ended by the system some time after so many seconds; 0 calls it off."""
    if hasattr(signal, "alarm"):
        signal.alarm(int(seconds) + GRACE_SECONDS if seconds else 0)


class Limit:
    """The soft limit on the address space; on systems without one the file's own bounds must do."""

    def __init__(self, memory: int) -> None:
        self._bytes = 0
        with contextlib.suppress(OSError, ValueError):
            pages = int(Path("/proc/self/statm").read_text().split()[0])
            self._bytes = pages * os.sysconf("SC_PAGE_SIZE") + memory * 1024 * 1024

    def set(self, on: bool) -> None:
        """Put the limit in force, or lift it."""
        if not self._bytes:
            return
        import resource

        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (self._bytes if on else hard, hard))


def _is_old_office(path: Path) -> bool:
    try:
        with open_regular(path) as file:
            return file.read(len(OLD_OFFICE)) == OLD_OFFICE
    except OSError:
        return False
