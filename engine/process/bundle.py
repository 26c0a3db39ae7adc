"""A published set of process files: sources, table of elements and SpiffWorkflow specification under one hash.

New cases start under the newest bundle and keep it; the store keeps each bundle once by its hash and gives it back to
`bundle_from_bytes`, which needs neither the XML parser nor the schema.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import zstandard

from engine.errors import ProcessError
from engine.process.elements import Element, from_rows, read_elements, to_rows

TOP = "dual_review"
MAX_STORED = 8 * 1024 * 1024
MAX_FILES = 32
MAX_FILE = 1024 * 1024
_FORMAT = "shuangshen.bundle/1"
_SUFFIXES = (".bpmn", ".dmn", ".toml")
_SHIPPED = Path(__file__).resolve().parents[2] / "workflows"
_cache: dict[str, Bundle] = {}


@dataclass(frozen=True, slots=True, eq=False)
class Bundle:
    """Process files under one sha256. `files` are canonical bytes by name, `elements` the flow nodes in process order.

    `spec` is the specification as plain values; it is turned into SpiffWorkflow's objects once per process and hash.
    """

    hash: str
    files: Mapping[str, bytes]
    elements: Mapping[str, Element]
    spec: Mapping[str, Any]


def load_bundle(directory: Path | None = None) -> Bundle:
    """The bundle in `directory` (the shipped `workflows/` by default), checked against the profile and parsed once.

    Raises ProcessError listing every breach of the profile, or naming the file that cannot be read.
    """
    files = _read_files(directory or _SHIPPED)
    digest = bundle_hash(files)
    if digest not in _cache:
        _cache[digest] = _publish(digest, files)
    return _cache[digest]


def bundle_hash(files: Mapping[str, bytes]) -> str:
    """The sha256 over names and bytes in name order, each preceded by its length."""
    digest = hashlib.sha256()
    for name in sorted(files):
        for part in (name.encode(), files[name]):
            digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()


def bundle_to_bytes(bundle: Bundle) -> bytes:
    """Sources, elements and specification for the store; `bundle_from_bytes` gives an equal bundle back."""
    document = {
        "format": _FORMAT,
        "hash": bundle.hash,
        "files": {name: data.decode() for name, data in bundle.files.items()},
        "elements": to_rows(bundle.elements),
        "spec": bundle.spec,
    }
    return pack(document, level=9)


def bundle_from_bytes(data: bytes) -> Bundle:
    """The bundle stored in `data`. Raises ProcessError when it is damaged or its sources do not give its hash."""
    document = unpack(data, MAX_STORED, "流程版本")
    if document.get("format") != _FORMAT:
        raise ProcessError("库中的流程版本不是本系统的格式。", "请从备份恢复。")
    files = {name: text.encode() for name, text in document["files"].items()}
    digest = bundle_hash(files)
    if digest != document["hash"]:
        raise ProcessError(f"库中的流程版本 {document['hash'][:12]} 与其内容不符。", "请从备份恢复。")
    if digest not in _cache:
        _cache[digest] = Bundle(digest, files, from_rows(document["elements"]), document["spec"])
    return _cache[digest]


def pack(document: Mapping[str, Any], level: int = 3) -> bytes:
    """A JSON object as zstd with a checksum, so that damage is noticed on reading."""
    plain = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
    return zstandard.ZstdCompressor(level=level, write_checksum=True).compress(plain)


def unpack(data: bytes, limit: int, what: str) -> dict[str, Any]:
    """The JSON object in zstd `data` of at most `limit` bytes. Raises ProcessError naming `what` otherwise."""
    try:
        size = zstandard.get_frame_parameters(data).content_size
        if size > limit:
            raise ProcessError(f"{what}超过 {limit // 1024} KB。", "请从备份恢复。")
        document = json.loads(zstandard.ZstdDecompressor().decompress(data, max_output_size=limit))
    except (zstandard.ZstdError, ValueError) as error:
        raise ProcessError(f"{what}已损坏，读不出来。", "请从备份恢复。") from error
    if not isinstance(document, dict):
        raise ProcessError(f"{what}已损坏，读不出来。", "请从备份恢复。")
    return document


def _read_files(directory: Path) -> dict[str, bytes]:
    try:
        found = (p for p in directory.iterdir() if p.suffix in _SUFFIXES and p.is_file() and not p.is_symlink())
        paths = sorted(islice(found, MAX_FILES + 1))
        if len(paths) > MAX_FILES:
            raise ProcessError(f"流程目录 {directory} 里的流程文件超过 {MAX_FILES} 个。", "请把无关的文件移走。")
        files = {path.name: _read_file(path).replace(b"\r\n", b"\n") for path in paths}
    except OSError as error:
        raise ProcessError(f"读不到流程目录 {directory}：{error.strerror}。", "请检查路径和权限。") from error
    if f"{TOP}.bpmn" not in files:
        raise ProcessError(f"流程目录 {directory} 里没有 {TOP}.bpmn。", "请把流程文件放在同一个目录。")
    return files


def _read_file(path: Path) -> bytes:
    """The bytes of a process file; never more than the bound is read. Raises ProcessError for a longer one."""
    with path.open("rb") as file:
        data = file.read(MAX_FILE + 1)
    if len(data) > MAX_FILE:
        raise ProcessError(f"流程文件 {path.name} 超过 {MAX_FILE // 1024} KB。", "请检查是否选错了文件。")
    return data


def _publish(digest: str, files: Mapping[str, bytes]) -> Bundle:
    from engine.process.diagram import read_diagram
    from engine.process.machine import parse_specs
    from engine.process.profile import check, lane_roles

    violations = check(files)
    if violations:
        listed = "\n".join(str(violation) for violation in violations)
        raise ProcessError(f"流程文件有 {len(violations)} 处不合规定：\n{listed}\n", "请在流程编辑器里修改后再试。")
    spec = parse_specs(files, TOP)
    diagrams = [read_diagram(name, data) for name, data in files.items() if name.endswith(".bpmn")]
    elements = read_elements(diagrams, lane_roles(files.get("lanes.toml", b"")), TOP)
    return Bundle(digest, dict(files), elements, spec)
