"""依据和版本: by which law, rules, checklists, calendar and process the case was decided, and the files of them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path

from engine.calendar.years import SHIPPED as CALENDARS
from engine.process.bundle import bundle_hash
from engine.screening.lexicon import RULES
from reviewers.papers import Dossier
from reviewers.papers.sheet import facts, heading, page, paragraph, table
from reviewers.papers.way import drawings

CALENDAR, PROCESS = "basis/calendar/", "process/"


def papers(dossier: Dossier) -> Mapping[str, bytes]:
    """The versions the trail and the records name, beside those whose files go along."""
    file, bundle = dossier.file, dossier.bundle
    calendars = list(dict.fromkeys(str(e["facts"]["calendar"]) for e in dossier.events if "calendar" in e["facts"]))
    body = [
        paragraph(f"{dossier.subject}。"),
        facts(
            [
                ("流程版本", file.case.bundle),
                ("放假安排版本（留痕所载）", "\n".join(calendars) or "（无）"),
                ("放假安排版本（所附文件）", dossier.calendar.version if dossier.calendar else "（无）"),
                ("法规数据版本（所附文件）", dossier.standards.digest),
                ("规则包（筛查记录所载）", "\n".join(dict.fromkeys(s.pack for s in file.screenings)) or "（无）"),
                ("审查表版本", "\n".join(dict.fromkeys(r.checklist for r in file.reviews)) or "（无）"),
            ]
        ),
        heading("适用的文件"),
        table(
            ("文件", "文号", "施行日期"),
            [(i.title, i.number, i.effective_from.isoformat()) for i in dossier.standards.instruments.values()],
        ),
        heading("说明"),
        paragraph(
            "所附的放假安排、法规数据和筛查规则是导出时的文件；与留痕或者筛查记录所载版本不同的，以所载版本为准，"
            "请到当时的软件版本中查找。筛查的评分表约 6 MB，没有装入；"
            "规则包的编号由评分表、权重表和法规数据的摘要算出。"
        ),
        paragraph(
            f"流程文件 {len(bundle.files)} 个，在 process 目录，重新计算的版本是 {bundle_hash(bundle.files)}。"
            if bundle
            else "流程版本的文件没有随附。"
        ),
    ]
    return {"依据和版本.html": page("依据和版本", body, dossier.trail_head)}


def basis_files(dossier: Dossier, own_calendar: Path) -> Mapping[str, bytes]:
    """The files of the process with its drawings, of calendar, law and rules, by their place in the bundle."""
    files: dict[str, bytes] = {}
    if dossier.bundle:
        files |= {f"{PROCESS}{name}": data for name, data in dossier.bundle.files.items()}
        drawn = drawings(dossier.bundle, dossier.events, dossier.file.case.stage)
        files |= {f"{PROCESS}{name}": svg.encode("utf-8") for name, svg in drawn.items()}
    years = {each.name: each.read_bytes() for place in (CALENDARS, own_calendar) for each in _toml(place)}
    files |= {f"{CALENDAR}{name}": data for name, data in years.items()}
    files |= {f"basis/law/{each.name}": each.read_bytes() for each in _toml(CALENDARS.parent)}
    rules = "".join(f"# ---- {each.name}\n{each.read_text(encoding='utf-8')}\n" for each in _toml(RULES))
    return files | {"basis/rules.txt": rules.encode("utf-8")}


def calendar_version(files: Mapping[str, bytes]) -> str:
    """The version of the calendar files in a bundle, as `engine.calendar` reckons it."""
    years = sorted((name, data) for name, data in files.items() if name.startswith(CALENDAR))
    return hashlib.sha256(b"".join(hashlib.sha256(data).digest() for _, data in years)).hexdigest()


def _toml(folder: Path) -> Iterable[Path]:
    return sorted(folder.glob("*.toml")) if folder.is_dir() else ()
