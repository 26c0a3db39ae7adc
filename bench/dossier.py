"""How long a case of ten rounds takes to be taken out and judged: `python bench/dossier.py [--rounds 10]`.

The case is made by the acts themselves, two long sample drafts taking turns, every round blocked but the last. Timed
are the full and the redacted volume and their verification by us and by the script in the bundle, and a certificate.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "story"))

from city import City, Matter

from engine.model import Outcome, Role
from engine.store.certificate import certificate_of
from engine.trail.bundles import verify_bundle
from engine.trail.certificates import codes_of
from reviewers.auditor import export_case, export_redacted
from reviewers.desk.setup import initialise
from reviewers.office import Upload
from reviewers.papers.certificate import certificate_page
from reviewers.samples import load_samples


def case_of(city: City, rounds: int) -> str:
    """A case of so many rounds, concluded in the last."""
    samples = load_samples()
    matter = Matter(city, "jtj", sample=samples["blocked"]).submitted()
    for number in range(1, rounds + 1):
        matter.self_reviewed().signed().accepted()
        if number == rounds:
            matter.sample = samples["revised"]
            return matter.jointly_reviewed().concluded(Outcome.COMPLIANT).id
        matter.jointly_reviewed().concluded(Outcome.REVISE)
        sample = samples["revised"] if number == rounds - 1 or number % 2 else samples["blocked"]
        matter.revised(Upload(sample.draft.name, sample.draft.read_bytes()), sample)
    return matter.id


def timed(what: str, run: Callable[[], Any]) -> Any:
    """Runs and prints how long it took."""
    start = time.perf_counter()
    result = run()
    print(f"{what}: {time.perf_counter() - start:.2f} s")
    return result


def size_of(folder: Path) -> str:
    files = [path for path in folder.rglob("*") if path.is_file()]
    return f"{len(files)} files, {sum(path.stat().st_size for path in files) / 1024:,.0f} KiB"


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rounds", type=int, default=10)
    rounds = arguments.parse_args().rounds
    with tempfile.TemporaryDirectory() as room:
        city = City(initialise(Path(room) / "home", "qingyang"))
        city.on(date(2026, 3, 2))
        case = timed(f"a case of {rounds} rounds made", lambda: case_of(city, rounds))
        auditor, database = city.one(Role.AUDITOR), city.database
        full, redacted = Path(room) / "full", Path(room) / "redacted"
        timed("full volume", lambda: export_case(city.by(auditor), case, database, full))
        timed(
            "full volume, again as a zip", lambda: export_case(city.by(auditor), case, database, Path(room) / "a.zip")
        )
        timed("redacted volume", lambda: export_redacted(city.by(auditor), case, database, redacted))
        for place in (full, redacted):
            assert timed(f"verified by us ({size_of(place)})", lambda place=place: verify_bundle(place)).sound
            words = [sys.executable, "-I", str(place / "verify.py"), str(place)]
            timed("verified by the script", lambda words=words: subprocess.run(words, check=True, capture_output=True))
        made = certificate_of(database, case)
        page = timed("certificate", lambda: certificate_page(made, city.profile))
        codes = codes_of(made)
        most = max(map(len, codes))
        print(f"certificate page {len(page) / 1024:.0f} KiB, {len(codes)} codes of at most {most} characters")


if __name__ == "__main__":
    main()
