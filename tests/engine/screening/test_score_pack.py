"""The score's pack is checked before it is believed."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from engine.errors import StandardsError
from engine.screening.score import PACK, load_score, read_score

FILES = ("score.json", "score.npz", "classes.toml")
TEXT = "对市外企业加收进场服务费。"


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    for name in FILES:
        shutil.copy(PACK / name, tmp_path / name)
    return tmp_path


def test_a_copied_pack_reads_like_the_packaged_one(pack: Path) -> None:
    assert read_score(pack).margins([TEXT]) == load_score().margins([TEXT])


def test_the_pack_names_its_corpus_and_stays_small() -> None:
    card = json.loads((PACK / "score.json").read_text(encoding="utf-8"))
    assert card["pack"] == load_score().pack
    assert len(card["corpus_sha256"]) == 64
    assert sum((PACK / name).stat().st_size for name in FILES) < 6_000_000


@pytest.mark.parametrize("name", ["score.npz", "classes.toml"])
def test_one_changed_byte_is_refused(pack: Path, name: str) -> None:
    content = bytearray((pack / name).read_bytes())
    content[len(content) // 2] ^= 1
    (pack / name).write_bytes(bytes(content))
    with pytest.raises(StandardsError, match="评分数据与其摘要不符") as refusal:
        read_score(pack)
    assert name in refusal.value.message


@pytest.mark.parametrize("name", FILES)
def test_a_missing_file_is_refused(pack: Path, name: str) -> None:
    (pack / name).unlink()
    with pytest.raises(StandardsError, match="评分数据读不出"):
        read_score(pack)


def test_a_card_that_is_not_json_is_refused(pack: Path) -> None:
    (pack / "score.json").write_text("不是说明", encoding="utf-8")
    with pytest.raises(StandardsError, match="评分数据读不出"):
        read_score(pack)


def test_a_card_without_its_digest_is_refused(pack: Path) -> None:
    card = json.loads((pack / "score.json").read_text(encoding="utf-8"))
    del card["weights_sha256"]
    (pack / "score.json").write_text(json.dumps(card), encoding="utf-8")
    with pytest.raises(StandardsError, match="weights_sha256"):
        read_score(pack)
