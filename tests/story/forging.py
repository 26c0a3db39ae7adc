"""What a forger does to an exported bundle: change a file, then make both lists of files anew around the change."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path

from engine.trail.bundles import sums_of
from engine.trail.verifier import canonical


def relisted(bundle: Path) -> None:
    """Both lists of files fit the files as they are now: only proofs, registers and signatures can tell."""
    manifest = json.loads((bundle / "manifest.json").read_bytes())
    found = sorted(path.relative_to(bundle).as_posix() for path in bundle.rglob("*") if path.is_file())
    lists = ("manifest.json", "SHA256SUMS")
    listed = {name: sha256((bundle / name).read_bytes()).hexdigest() for name in found if name not in lists}
    (bundle / "SHA256SUMS").write_text(sums_of(listed), encoding="utf-8")
    listed["SHA256SUMS"] = sha256((bundle / "SHA256SUMS").read_bytes()).hexdigest()
    (bundle / "manifest.json").write_text(canonical({**manifest, "files": listed}), encoding="utf-8")
