"""Old binary formats (.doc, .wps, .xls), through LibreOffice where it is installed, else refused with advice.

Each conversion runs in a process of its own with a private profile, a time limit and a folder that is removed.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

from engine.documents.limits import LARGEST_FILE, damaged
from engine.errors import DocumentUnreadable

_SECONDS = 90
_CONVERTED = "文档由旧版格式转换而来，自动编号和修订请对照原件核对。"


def converter() -> str | None:
    """The path of LibreOffice, or None when it is not installed."""
    return shutil.which("soffice") or shutil.which("libreoffice")


def converted(data: bytes, filename: str, suffix: str, target: str) -> tuple[bytes, list[str]]:
    """The file converted to `target` (docx, xlsx) and a notice; raises DocumentUnreadable when that fails."""
    program = converter()
    if program is None:
        raise DocumentUnreadable(
            f"文件“{filename}”是旧版格式（{suffix}），本机没有安装LibreOffice，不能转换。",
            f"请用Word或WPS打开，另存为.{target}后重新提交。",
        )
    with tempfile.TemporaryDirectory(prefix="shuangshen-") as folder:
        source = Path(folder, f"source{suffix}")
        source.write_bytes(data)
        _run(program, source, target, filename)
        result = source.with_suffix(f".{target}")
        if not result.is_file() or result.stat().st_size > LARGEST_FILE:
            raise damaged(filename, "旧版格式转换失败")
        return result.read_bytes(), [_CONVERTED]


def _run(program: str, source: Path, target: str, filename: str) -> None:
    profile = (source.parent / "profile").as_uri()
    command = [program, "--headless", "--norestore", "--nolockcheck", f"-env:UserInstallation={profile}"]
    command += ["--convert-to", target, "--outdir", str(source.parent), str(source)]
    try:
        subprocess.run(command, check=True, capture_output=True, timeout=_SECONDS, stdin=subprocess.DEVNULL)
    except subprocess.TimeoutExpired as error:
        raise damaged(filename, f"旧版格式转换超过{_SECONDS}秒") from error
    except (subprocess.CalledProcessError, OSError) as error:
        raise damaged(filename, "旧版格式转换失败") from error
