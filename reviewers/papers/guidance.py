"""说明: what lies in a bundle and how anybody checks it by hand, every command written for this very bundle."""

from __future__ import annotations

from collections.abc import Iterator

from engine.store.bundle import Gathered
from engine.trail.bundles import SIGNED
from engine.trail.redaction import FIELDS
from engine.trail.vouching import KEPT

FIRST = "trail.jsonl"
TAKE = """python3 -I -c 'import json,sys; sys.stdout.write(json.load(sys.stdin)["{0}"])'"""


def guidance(gathered: Gathered) -> bytes:
    """The explanation in Markdown; its `console` blocks can be typed as they stand, in the bundle's folder."""
    return "\n".join(_redacted(gathered) if gathered.redacted else _full(gathered)).encode("utf-8") + b"\n"


def _full(gathered: Gathered) -> Iterator[str]:
    yield f"# 案卷 {gathered.case}：内容和核验办法\n"
    yield "从 `papers/00-卷宗封面.html` 看起，`papers/01-卷内目录.html` 列出每个文件。文书用浏览器打开，按 A4 打印。\n"
    yield "| 位置 | 内容 |\n|---|---|"
    yield "| `papers/` | 封面、目录、审查表、意见书、对照表、时间线、四性检测报告等文书，由留痕和记录生成 |"
    yield "| `contents/` | 各稿原件和附件，一个字节不改 |"
    yield "| `records/`、`state.json` | 记录和案件状态的原始数据，摘要登记在留痕里；理由等文字在 `…-words.json` |"
    yield "| `trail.jsonl`、`checkpoint.txt` | 每条留痕的原文、哈希和到检查点的包含证明 |"
    yield "| `checkpoints/`、`consistency.jsonl` | 以前留存的检查点、签名和一致性证明 |"
    yield "| `signatures/`、`allowed_signers`、`keys.jsonl` | 每项已签名的决定、签名、密钥登记 |"
    yield "| `process/`、`basis/` | 流程定义和标出经过的流程图，放假安排、法规数据、筛查规则 |"
    yield "| `verify.py` | 校验脚本，只用 Python 标准库 |\n"
    yield from _common(
        "`contents/`、`records/` 每个文件都在某条留痕里登记了摘要；`papers/`、`process/`、`basis/` 只由清单覆盖。"
    )
    yield from _entry(1)
    yield from _signatures(gathered)
    yield from _limits()


def _redacted(gathered: Gathered) -> Iterator[str]:
    yield f"# 脱密案卷 {gathered.case}：内容和核验办法\n"
    yield "供外部监督核对：有多少个动作、次序、时间、环节和结论，而不看标题、理由、姓名和文稿。\n"
    yield "| 位置 | 内容 |\n|---|---|"
    yield "| `papers/脱密案卷一览.html` | 每个动作可以公开的内容 |"
    yield "| `trail.jsonl` | 每条留痕的哈希和到检查点的包含证明；最后一条（本次导出）带原文 |"
    yield f"| `{FIELDS}` | 每条留痕、每份记录的每个字段：可以公开的写值，不公开的写加盐摘要 |"
    yield "| `checkpoint.txt`、`checkpoints/`、`consistency.jsonl` | 检查点和一致性证明 |"
    yield "| `verify.py` | 校验脚本，只用 Python 标准库 |\n"
    yield from _common(
        f"`{FIELDS}` 的摘要写在导出那条留痕的 `facts.fields` 里，事后不能改；其中各字段是否与留痕原文一致，"
        "由持有完整案卷的人核对，或者要求开示。"
    )
    yield "## 三、要求开示一个字段\n"
    yield "保存完整案卷的单位可以只开示一个字段（盐和值），不泄露其他：\n"
    yield "```text\nshuangshen disclose 完整案卷 --seq 留痕号 --field facts.reason -o 开示.json"
    yield "shuangshen verify 本案卷 --opening 开示.json\n```\n"
    yield "不用本软件，按下式自行计算，与表中的摘要比对：\n"
    yield "```console"
    yield """printf '%s' '{"salt":"00000000000000000000000000000000","value":"示例"}' | sha256sum"""
    yield "```\n"
    yield "同一个人在本次导出里的摘要相同，可以核对“审查的和签署的不是同一人”而不知道是谁；"
    yield "开示一个人即认得出他办的全部动作。\n"
    yield from _limits()


def _common(covered: str) -> Iterator[str]:
    yield "## 一、核对文件没有变\n"
    yield "zip 先解开（`unzip`），再进入目录：\n"
    yield "```console\nsha256sum --check --quiet SHA256SUMS\nsha256sum manifest.json\n```\n"
    yield "第二行的结果与导出时打印的、写在纸面上的清单摘要核对。" + covered + "\n"
    yield "## 二、用脚本核验\n"
    yield "```console\npython3 -I verify.py .\n```\n"
    yield "脚本三百多行，可以通读；最好用另行取得的同一脚本。退出码 0 完好，6 有问题并指出第一处。\n"


def _entry(number: int) -> Iterator[str]:
    yield "## 三、手工核对一条留痕\n"
    yield "留痕的哈希是一个零字节接原文的 SHA-256；下面以第一条为例，两行结果应当相同：\n"
    yield "```console"
    yield f"(printf '\\000'; sed -n {number}p {FIRST} | {TAKE.format('payload')}) | openssl dgst -sha256 -r"
    yield f"sed -n {number}p {FIRST} | {TAKE.format('hash')}"
    yield "```\n"
    yield "原文里的 `prev` 是前一条的哈希；`proof` 按 RFC 9162 第 2.1.3.2 节逐层合并（一个 01 字节接左右两个哈希），"
    yield "得到检查点第三行的根。\n"


def _signatures(gathered: Gathered) -> Iterator[str]:
    yield "## 四、手工核对签名\n"
    signed = sorted(name for name in gathered.files if name.startswith(SIGNED) and name.endswith(".sig"))
    ssh = [name for name in signed if gathered.files[name].startswith(b"-----BEGIN SSH")]
    if ssh and "allowed_signers" in gathered.files:
        first = ssh[0].removesuffix(".sig")
        yield "所签的规范 JSON 和签名成对放在 `signatures/`，文件名是留痕号。名单里的第一列是人员编号：\n"
        yield "```console"
        yield f"ssh-keygen -Y find-principals -f allowed_signers -s {first}.sig"
        yield (
            f"ssh-keygen -Y verify -f allowed_signers -n shuangshen-decision@v1 -s {first}.sig "
            f'-I "$(ssh-keygen -Y find-principals -f allowed_signers -s {first}.sig)" < {first}.json'
        )
        yield "```\n"
    else:
        yield "本案的决定没有 SSH 签名。\n"
    kept = sorted(name for name in gathered.files if name.startswith(KEPT) and name.endswith(".sig"))
    if kept:
        text = kept[0].partition(".txt")[0] + ".txt"
        yield "检查点的签名（只核对签名本身，公钥是谁的另行核对）：\n"
        yield "```console"
        yield f"ssh-keygen -Y check-novalidate -n shuangshen-checkpoint@v1 -s {kept[0]} < {text}"
        yield "```\n"
    stamped = sorted(name for name in gathered.files if name.startswith(KEPT) and name.endswith(".tsr"))
    if stamped:
        yield "检查点的时间戳（RFC 3161），须另行取得时间戳机构的根证书：\n"
        yield "```text"
        yield f"openssl ts -verify -in {stamped[0]} -data {stamped[0].removesuffix('.tsr')} -CAfile 机构根证书.pem"
        yield "```\n"


def _limits() -> Iterator[str]:
    yield "## 证明什么，不证明什么\n"
    yield "包内各项互相印证，改动、删减、插入、调换任何一处都会被指出。"
    yield "把整包连同检查点一起重做的，从包内看不出来："
    yield "请与纸面的清单摘要或者自己留存的检查点核对（`shuangshen verify 案卷 --checkpoint 文件`）。"
    yield "时间是办理时的本机时间。"
