"""The demonstration: real drafts travel the whole dual review in a fresh installation; all that is made stays."""

from __future__ import annotations

import shutil
import tempfile
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from engine.documents import read_document
from engine.errors import Blocked, Conflict, InvalidInput
from engine.gate import may_issue
from engine.model import CaseFile, Document, DraftKind, Level, Officer, Outcome, Role, Trigger
from engine.standards import load_standards
from engine.store import open_store
from engine.trail.bundles import verify_bundle
from reviewers import drafting_unit, market_regulator, turns
from reviewers.auditor import export_case
from reviewers.conclusions import gate_question
from reviewers.desk.printing import console, finding_block, paragraph, print_verdict, unit_name
from reviewers.desk.setup import initialise
from reviewers.drafting_unit import Packet, Request
from reviewers.office import Office, Upload
from reviewers.roster import load_profile
from reviewers.samples import Sample, Situation, load_samples
from reviewers.samples.forms import joint_form, self_form, situations_of

MARK = ".shuangshen-demo"


def demo(
    output: Annotated[Path, typer.Option("--output", "-o", metavar="目录", help="文书和案卷留在哪里")] = Path(
        "demo-output"
    ),
    draft: Annotated[Path | None, typer.Option("--input", metavar="文件", help="用自己的文件走一遍")] = None,
) -> None:
    """用样例文件（或自己的文件）走完双审全过程。"""
    own = read_document(draft) if draft else None
    tour = Tour.begin(fresh(output))
    started = time.monotonic()
    if draft and own:
        tour.own_file(draft, own)
    else:
        tour.samples()
    tour.close(time.monotonic() - started)


def fresh(output: Path) -> Path:
    """An empty directory for the demonstration; only one that an earlier demonstration made is replaced."""
    if output.exists() and not (output / MARK).is_file() and any(output.iterdir()):
        raise Conflict(f"{output} 不是空目录，不会覆盖。", "请用 --output 指定另一个目录。")
    shutil.rmtree(output, ignore_errors=True)
    output.mkdir(parents=True)
    (output / MARK).write_text("shuangshen demo\n", encoding="utf-8")
    return output


@dataclass(slots=True)
class Tour:
    """One demonstration: an installation of its own, the officers who act in it, and what is told of each step."""

    output: Path
    home: Path
    out: Console
    step: int = 0

    @classmethod
    def begin(cls, output: Path) -> Tour:
        tour = cls(output, initialise(output / "installation", "qingyang"), console())
        tour.out.print(Text("公平竞争审查“双审”演示", style="bold"))
        tour.out.print(
            paragraph(
                "起草单位自我审查（初审），市场监管部门会审；含排除、限制竞争内容的，引擎不予放行。", tour.out.width
            )
        )
        return tour

    def office(self, officer: Officer) -> Office:
        """A fresh office for one act of this officer."""
        profile, store = load_profile(self.home / "profile"), open_store(self.home / "shuangshen.db")
        return Office(store, profile, load_standards(), officer, datetime.now(UTC), str(uuid.uuid4()))

    def officer(self, role: Role, unit: str | None = None, number: int = 0) -> Officer:
        return load_profile(self.home / "profile").officers_with(role, unit)[number]

    def samples(self) -> None:
        """The bundled drafts: one that passes, two that are blocked, mended and pass."""
        samples = load_samples()
        revisions = {sample.revision_of: sample for sample in samples.values() if sample.revision_of}
        for sample in samples.values():
            if not sample.revision_of:
                self.heading(sample.title)
                case = self.file(sample.draft, sample.drafting_note, Request(sample.trigger, sample.kind), sample.unit)
                if self.review(case, sample) or sample.id not in revisions:
                    continue
                self.mend(case, revisions[sample.id])

    def own_file(self, path: Path, document: Document) -> None:
        """The user's own file, reviewed on what the machine finds in it."""
        self.heading(document.title or path.name)
        note = self.output / "起草说明.txt"
        note.write_text("演示用起草说明：制定依据、主要内容、听取意见情况由起草单位填写。\n", encoding="utf-8")
        request = Request(Trigger.GOVERNMENT_ISSUED, DraftKind.POLICY_DOCUMENT, document.title or path.stem)
        self.review(self.file(path, note, request, "jtj"), None)

    def file(self, draft: Path, note: Path, request: Request, unit: str) -> str:
        drafter = self.officer(Role.DRAFTER, unit)
        packet = Packet(_upload(draft), (("drafting_note", _upload(note)),))
        receipt = drafting_unit.submit(self.office(drafter), packet, request)
        self.tell(drafter, f"报送 {draft.name}，案件 {receipt.case_id}")
        return receipt.case_id

    def review(self, case: str, sample: Sample | None) -> bool:
        """Both reviews of the present version; True when it passed, False when it was sent back to be revised."""
        file, document = self.case(case), self.document(case)
        self.findings(file, document)
        situations = sample.expected if sample else situations_of(file, document)
        self.self_review(file, sample)
        self.joint_review(file, document, situations)
        return self.conclude(case, situations)

    def self_review(self, file: CaseFile, sample: Sample | None) -> None:
        reviewer = self.officer(Role.DRAFTING_REVIEWER, file.case.unit)
        head = self.officer(Role.DRAFTING_HEAD, file.case.unit)
        turns.claim(self.office(reviewer), file.case.id)
        form = self_form(file, sample.consultation if sample else None)
        drafting_unit.self_review(self.office(reviewer), file.case.id, form)
        self.tell(reviewer, f"提交初审审查表：{len(form.answers)} 项逐项作答")
        drafting_unit.sign(self.office(head), file.case.id, Outcome.COMPLIANT, "承办科室自查，未认定存在问题。")
        self.tell(head, "签署初审意见：符合审查标准")

    def joint_review(self, file: CaseFile, document: Document, situations: tuple[Situation, ...]) -> None:
        first, second = (self.officer(Role.REGULATOR, None, number) for number in (0, 1))
        market_regulator.accept(self.office(first), file.case.id)
        self.tell(first, "核对报送材料，受理")
        form = joint_form(file, document, situations)
        for regulator in (first, second):
            market_regulator.joint_review(self.office(regulator), file.case.id, form)
            self.tell(regulator, f"提交会审审查表：认定 {sum(len(s.items) for s in situations)} 项存在问题")
        self.checklist(situations)

    def conclude(self, case: str, situations: tuple[Situation, ...]) -> bool:
        lead = self.officer(Role.JOINT_LEAD)
        try:
            market_regulator.conclude(self.office(lead), case, Outcome.COMPLIANT, "经会审，符合公平竞争审查标准。")
        except Blocked as blocked:
            self.tell(lead, "拟签署“符合”，引擎拒绝", "bold red")
            self.out.print(paragraph(f"    {blocked.message}", self.out.width, hang=4), style="red")
            self.reasons(case)
            reason = f"会审认定 {len(situations)} 处排除、限制竞争的内容，应当修改后再审。"
            market_regulator.conclude(self.office(lead), case, Outcome.REVISE, reason)
            self.tell(lead, "签署会审结论：修改后再审")
            self.export(case, "第一轮")
            return False
        self.tell(lead, "签署会审结论：符合审查标准，可以出台", "bold green")
        self.export(case, "")
        return True

    def mend(self, case: str, sample: Sample) -> None:
        drafter = self.officer(Role.DRAFTER, sample.unit)
        packet = Packet(_upload(sample.draft), (("drafting_note", _upload(sample.drafting_note)),))
        drafting_unit.revise(self.office(drafter), case, packet, "按会审意见修改")
        self.tell(drafter, f"报送修改稿 {sample.draft.name}，进入第二轮")
        self.review(case, sample)

    def export(self, case: str, label: str) -> None:
        auditor = self.officer(Role.AUDITOR)
        where = self.output / f"案卷-{case}{'-' + label if label else ''}"
        bundle = export_case(self.office(auditor), case, self.home / "shuangshen.db", where)
        found = verify_bundle(where, bundle.manifest)
        if not found.sound:
            raise InvalidInput(f"导出的案卷校验不通过：{found.place} {found.what}。")
        self.tell(auditor, f"导出案卷并校验：{found.events} 条留痕、{found.files} 个文件完好", "green")

    def close(self, seconds: float) -> None:
        """The tampering test, and where everything lies."""
        self.heading("留痕校验")
        bundle = max(self.output.glob("案卷-*"))
        with tempfile.TemporaryDirectory() as room:
            copy = Path(shutil.copytree(bundle, Path(room) / "copy"))
            victim = next(iter(sorted((copy / "records").iterdir())))
            data = bytearray(victim.read_bytes())
            data[len(data) // 2] ^= 1
            victim.write_bytes(bytes(data))
            found = verify_bundle(copy)
        self.tell(None, f"在案卷副本的 {victim.name} 中改动 1 个比特，校验发现：{found.place}", "yellow")
        self.out.print(Text(f"\n用时 {seconds:.1f} 秒。文书、案卷和数据库在 {self.output}/", style="bold"))
        self.out.print(paragraph(f"可继续试：shuangshen queue --all --home {self.home}", self.out.width))

    def case(self, case_id: str) -> CaseFile:
        with open_store(self.home / "shuangshen.db").work() as work:
            return work.case_file(case_id)

    def document(self, case_id: str) -> Document:
        from reviewers.office import stored_document

        with open_store(self.home / "shuangshen.db").work() as work:
            return stored_document(work, work.case_file(case_id))

    def heading(self, title: str) -> None:
        self.step = 0
        self.out.print()
        self.out.rule(Text(title, style="bold"), align="left", characters="-")

    def tell(self, officer: Officer | None, what: str, style: str = "") -> None:
        self.step += 1
        profile = load_profile(self.home / "profile")
        who = f"{officer.name}（{unit_name(profile, officer.unit)}）" if officer else "系统"
        text = f"{self.step:>2}. {who}  {what}"
        self.out.print(paragraph(text, self.out.width, [(len(text) - len(what), len(text))], style, hang=4))

    def findings(self, file: CaseFile, document: Document) -> None:
        screening = file.screenings[-1]
        blocking = sum(finding.level is Level.BLOCK for finding in screening.findings)
        told = f"条款筛查：{len(document.clauses)} 条，须处理 {blocking}，请核对 {len(screening.findings) - blocking}"
        self.tell(None, told, "bold red" if blocking else "green")
        for finding in screening.findings:
            self.out.print(finding_block(finding, document, self.out.width))

    def checklist(self, situations: tuple[Situation, ...]) -> None:
        if not situations:
            return
        table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 1))
        table.add_column("项目", no_wrap=True)
        table.add_column("会审认定", overflow="fold")
        for item, situation in _rows(situations):
            table.add_row(item, situation.why)
        self.out.print(table)

    def reasons(self, case: str) -> None:
        file = self.case(case)
        print_verdict(file, may_issue(gate_question(file, load_standards())))


def _rows(situations: tuple[Situation, ...]) -> Iterator[tuple[str, Situation]]:
    return ((item, situation) for situation in situations for item in situation.items)


def _upload(path: Path) -> Upload:
    return Upload(path.name, path.read_bytes())
