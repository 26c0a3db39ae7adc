"""The bundled samples: what is said of them stands in the files, and the mended drafts no longer say it."""

from pathlib import Path

import docx
import pytest

from reviewers.roster import load_profile, shipped_profile
from reviewers.samples import Sample, load_samples

SAMPLES = load_samples()
MENDED = [sample for sample in SAMPLES.values() if sample.revision_of]


def text_of(path: Path) -> str:
    if path.suffix == ".txt":
        return path.read_text(encoding="utf-8")
    document = docx.Document(str(path))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(paragraph.text for paragraph in document.paragraphs), *cells])


def test_the_index_lists_the_drafts_of_the_demonstration() -> None:
    assert {id_: len(sample.expected) for id_, sample in SAMPLES.items()} == {
        "clean": 0,
        "blocked": 7,
        "revised": 0,
        "agreement": 3,
        "agreement_revised": 0,
    }


@pytest.mark.parametrize("sample", SAMPLES.values(), ids=SAMPLES)
def test_every_file_is_there_and_of_realistic_length(sample: Sample) -> None:
    assert 2300 <= len(sample.source.read_text(encoding="utf-8")) <= 5000
    assert sample.title in text_of(sample.draft)
    assert "听取意见" in text_of(sample.drafting_note)
    assert "制定依据" in text_of(sample.drafting_note)


@pytest.mark.parametrize("sample", SAMPLES.values(), ids=SAMPLES)
def test_every_expected_quote_stands_once_in_the_draft_and_its_source(sample: Sample) -> None:
    for situation in sample.expected:
        assert text_of(sample.draft).count(situation.quote) == 1
        assert sample.source.read_text(encoding="utf-8").count(situation.quote) == 1


@pytest.mark.parametrize("sample", MENDED, ids=lambda sample: sample.id)
def test_a_mended_draft_has_lost_every_quote(sample: Sample) -> None:
    before = SAMPLES[sample.revision_of]
    assert before.expected
    assert [s.quote for s in before.expected if s.quote in text_of(sample.draft)] == []


@pytest.mark.parametrize("sample", SAMPLES.values(), ids=SAMPLES)
def test_the_packet_would_be_accepted_in_the_shipped_profile(sample: Sample) -> None:
    profile = load_profile(shipped_profile("qingyang"))
    assert profile.unit(sample.unit)
    heard = [h for h in sample.consultation.hearings if h.kind in profile.practice.hearing_kinds]
    assert len(heard) >= profile.practice.minimum_hearings
    assert any(h.kind == "public" for h in sample.consultation.hearings) == sample.consultation.public_interest
    assert sample.consultation.public_interest or sample.consultation.public_reason


@pytest.mark.parametrize("name", ["blocked", "revised"])
def test_the_word_file_numbers_its_articles_itself(name: str) -> None:
    sample = SAMPLES[name]
    document = docx.Document(str(sample.draft))
    numbered = [p for p in document.paragraphs if p._p.pPr is not None and p._p.pPr.numPr is not None]
    articles = [line for line in sample.source.read_text(encoding="utf-8").splitlines() if "条　" in line[:8]]
    at_level = [p.text for p in numbered if (p._p.pPr.numPr.numId.val, p._p.pPr.numPr.ilvl.val) == (2, 0)]
    assert at_level == [article.split("　", 1)[1] for article in articles]
    assert len(document.tables) == 1
