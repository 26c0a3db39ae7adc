"""Files and extracted texts as they lie in the database: compressed, bounded, checked against their SHA-256."""

from __future__ import annotations

from hashlib import sha256

import zstandard

from engine.errors import InvalidInput, TrailBroken

MAX_CONTENT = 64 << 20


def pack(data: bytes) -> bytes:
    """The bytes compressed; raises InvalidInput above 64 MiB."""
    if len(data) > MAX_CONTENT:
        raise InvalidInput(
            f"文件有 {len(data) >> 20} MiB，超过 {MAX_CONTENT >> 20} MiB 的上限。", "请拆分或压缩图片后再报送。"
        )
    return zstandard.ZstdCompressor(level=3).compress(data)


def unpack(digest: str, size: int, packed: bytes) -> bytes:
    """The bytes whose SHA-256 is `digest`; raises TrailBroken when they are not, without unpacking more than `size`."""
    try:
        sound = zstandard.frame_content_size(packed) == size <= MAX_CONTENT
        data = zstandard.ZstdDecompressor().decompress(packed, allow_extra_data=False) if sound else None
    except (zstandard.ZstdError, TypeError):
        data = None
    if data is None or sha256(data).hexdigest() != digest:
        raise TrailBroken(
            f"文件内容 {digest} 与它的 SHA-256 不符，内容被改动。", "请停止写入，保全数据库文件，从备份恢复。"
        )
    return data
