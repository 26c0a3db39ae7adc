"""Which file system a directory lies on, as the Linux kernel tells it."""

from __future__ import annotations

from pathlib import Path

MOUNTS = Path("/proc/self/mountinfo")
NETWORK = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "ceph", "fuse.sshfs", "fuse.glusterfs", "glusterfs", "lustre"}
    | {"ncpfs", "fuse.ceph", "davfs", "fuse.davfs2", "vboxsf", "fuse.rclone"}
)
"""Kinds on which file locks cannot be relied upon."""


def file_system_of(place: Path, mounts: Path = MOUNTS) -> str:
    """The kind of file system `place` lies on ("ext4"); empty when this system does not tell."""
    try:
        lines = mounts.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    resolved, best, kind = place.resolve(), -1, ""
    for line in lines:
        before, _, after = line.partition(" - ")
        point = Path(before.split()[4].replace("\\040", " "))
        if resolved.is_relative_to(point) and len(point.parts) >= best:
            best, kind = len(point.parts), after.split()[0]
    return kind
