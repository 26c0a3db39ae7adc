#!/usr/bin/env python3
"""核验案卷包（文件夹或 zip）或凭证（json、html、二维码扫出的 txt）：只用 Python 标准库和 ssh-keygen（国密签名用
openssl），不联网，不需要本软件。

    python3 -I verify.py 案卷包或凭证 [清单摘要]      退出码 0 完好；6 有问题，指出第一处；2 用法不对

请用另行取得的同一脚本核验，不要轻信包里自带的这一份。分六部分，可以各自读：一、清单和每个文件的 SHA-256；二、每条
留痕的哈希、次序和到检查点的包含证明；三、记录和附件都有留痕登记；四、密钥的登记和每项决定的签名；五、以前的检查点到
现在的一致性证明和签名；六、凭证。只想知道留痕有没有被改过，读前三部分就够。
包、清单、检查点一起被换掉的，从包内看不出来，须与纸面或者他处留存的清单摘要、检查点核对。
"""

# ruff: noqa: E401, I001
from __future__ import annotations

import base64, json, re, shutil, stat, subprocess, sys, tempfile, zipfile, zlib
from collections.abc import Callable
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

Told = dict[str, Any]
Files = dict[str, Callable[[], bytes]]
DECISIONS = {"sign", "conclude", "reject", "accept", "return", "key_add", "key_revoke"}
at = ["案卷包"]  # where the reading stands


class Broken(Exception):
    """The first thing that does not hold."""


def need(holds: object, what: str, place: str = "") -> None:
    at[0] = place or at[0]
    if not holds:
        raise Broken(what)


# 一、清单与文件
def members(path: Path) -> Files:
    """Every file by name, nothing unpacked to disk; links, escapes, names twice and bombs are refused."""
    if path.is_dir():
        found = [(each, each.lstat()) for each in sorted(path.rglob("*")) if each.is_symlink() or not each.is_dir()]
        rows = [(each.relative_to(path).as_posix(), s.st_size, s.st_mode, each.read_bytes) for each, s in found]
    else:
        archive = zipfile.ZipFile(path)
        rows = [(i.filename, i.file_size, i.external_attr >> 16, partial(archive.read, i)) for i in archive.infolist()]
        odd = [i.filename for i in archive.infolist() if i.flag_bits & 1 or i.compress_type not in (0, 8)]
        need(not odd, "加密或压缩方式不受支持", *odd[:1])
    need(len(rows) <= 20_000 and sum(row[1] for row in rows) <= 1 << 30, "文件过多或总量过大", path.name)
    files: Files = {}
    for name, size, mode, get in rows:
        safe = len(name) <= 400 and name.isprintable() and not set(name) & set('\\:*?"<>|')
        need(safe and not {"", ".", ".."} & set(name.split("/")), "文件名不安全", ascii(name))
        need(stat.S_IFMT(mode) in (0, stat.S_IFREG), "是链接或特殊文件", name)
        need(name not in files and size <= 128 << 20, "同名文件出现两次，或者文件过大")
        files[name] = get
    return files


def read(files: Files, name: str) -> bytes:
    need(name in files, "缺少该文件", name)
    return files[name]()


def under(files: Files, folder: str, ending: str = "") -> list[str]:
    return sorted(name for name in files if name.startswith(folder) and name.endswith(ending))


def canonical(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def strict(data: bytes, place: str) -> Told:
    """The object these bytes are the one canonical spelling of."""
    need(True, "", place)
    value: Told = json.loads(data)
    need(isinstance(value, dict) and canonical(value) == data, "不是规范的 JSON 对象")
    return value


def judge(files: Files, printed: str) -> str:
    """What holds of the bundle, in words."""
    raw = read(files, "manifest.json")
    manifest, digest = strict(raw, "manifest.json"), sha256(raw).hexdigest()
    need(digest == (printed.strip().lower() or digest), f"清单摘要是 {digest}，与所给的不符")
    case, sums, redacted = manifest["case"], manifest["files"], manifest["redacted"]
    need(manifest["schema"] == "shuangshen.bundle/2" and len(manifest) == 4, "版本或字段不认识")
    need(redacted in (True, False) and case.isprintable(), "案件编号不可打印，或者版本不认识")
    for name in sorted(files.keys() ^ {*sums, "manifest.json"}):
        need(False, "清单里有，包里没有" if name in sums else "包里有，清单里没有", name)
    for name in sorted(sums):
        need(sha256(files[name]()).hexdigest() == sums[name], "内容与清单记载的 SHA-256 不符", name)
    listed = "".join(f"{sums[name]}  {name}\n" for name in sorted(sums) if name != "SHA256SUMS")
    need(read(files, "SHA256SUMS") == listed.encode(), "与清单所列的不同")
    origin, size, root = checkpoint(read(files, "checkpoint.txt"), "checkpoint.txt")
    number, events = trail(files, case, redacted, size, root)
    keys, counted = list[Told](), ""
    if not redacted:
        registered(sums, events)
        keys = roster(files, size, root)
        counted = decisions(files, events, keys)
    kept = grown(files, keys, origin, size, root)
    return (
        f"完好。案件 {case}：{number} 个动作，{len(sums)} 个文件。\n总流水 {size} 条，根哈希 {root.hex()}\n"
        f"清单摘要 {digest}（请与纸质文书上的核对）\n{counted}由以前的 {kept} 份检查点增长而来。"
    )


# 二、留痕
def lines(files: Files, name: str) -> list[bytes]:
    rows = read(files, name).split(b"\n")
    need(rows.pop() == b"" and rows, "没有内容或末行不完整")
    return rows


def checkpoint(data: bytes, place: str) -> tuple[str, int, bytes]:
    """Origin, number of events and Merkle root; signatures after the empty line are not judged."""
    need(True, "", place)
    origin, size, root = data.partition(b"\n\n")[0].decode().split("\n")
    told = (origin, int(size), base64.b64decode(root, validate=True))
    text = f"{origin}\n{told[1]}\n{base64.b64encode(told[2]).decode()}\n\n".encode()
    need(data.startswith(text) and told[1] >= 0 and len(told[2]) == 32, "检查点写法不对")
    return told


def node(left: bytes, right: bytes) -> bytes:
    return sha256(b"\1" + left + right).digest()


def half(size: int) -> int:
    """How many of `size` leaves are under the left branch. Source: RFC 6962 2.1."""
    return 1 << (size - 1).bit_length() - 1


def root_with(leaf: bytes, index: int, size: int, path: list[bytes]) -> bytes:
    """The root of a tree of `size` leaves with this one at `index`, if this is its path. Source: RFC 6962 2.1.1."""
    if size == 1:
        need(not path, "包含证明过长")
        return leaf
    left, rest, sibling = half(size), path[:-1], path[-1]
    if index < left:
        return node(root_with(leaf, index, left, rest), sibling)
    return node(sibling, root_with(leaf, index - left, size - left, rest))


def proven(entry: Told, size: int, root: bytes) -> Told:
    """The event of this entry, empty if withheld; its hash is in the log where it says."""
    event: Told = {}
    if "payload" in entry:
        event = strict(entry["payload"].encode(), at[0])
        need(sha256(b"\0" + entry["payload"].encode()).hexdigest() == entry["hash"], "内容与哈希不符")
        need((event["v"], event["seq"]) == (1, entry["seq"]), "内容里的版本或流水号不符")
    need(0 < entry["seq"] <= size, "流水号超出检查点")
    leaf, path = bytes.fromhex(entry["hash"]), [bytes.fromhex(step) for step in entry["proof"]]
    need(root_with(leaf, entry["seq"] - 1, size, path) == root, "包含证明通不到检查点的根哈希")
    return event


def trail(files: Files, case: str, redacted: bool, size: int, root: bytes) -> tuple[int, list[Told]]:
    """How many events of the case are in the log, in order, none left out; those told in full, not withheld."""
    rows, events, seqs, last = lines(files, "trail.jsonl"), list[Told](), [0], "0" * 64
    for number, row in enumerate(rows, 1):
        entry, withheld = strict(row, f"trail.jsonl 第 {number} 行"), redacted and number < len(rows)
        event = proven(entry, size, root)
        need((entry.keys() == {"seq", "hash", "proof"}) is withheld, "内容缺失或多出")
        need(entry["seq"] > seqs[-1], "与前一条接不上")
        if not withheld:
            need((event["case"], event["revision"]) == (case, number), f"不是案件 {case} 的第 {number} 个动作")
            need(redacted or entry["seq"] > seqs[-1] + 1 or event["prev"] == last, "与前一条接不上")
            events.append(event)
        last = entry["hash"]
        seqs.append(entry["seq"])
    if redacted:
        need(events[0]["act"] == "export", "不是脱密导出的留痕")
        table, told = lines(files, "fields.jsonl"), sha256(read(files, "fields.jsonl")).hexdigest()
        need((told, len(table)) == (events[0]["facts"]["fields"], len(rows) - 1), "与导出时登记的摘要或条数不符")
        for number, row in enumerate(table, 1):
            shown = strict(row, f"fields.jsonl 第 {number} 行")
            named = [shown["fields"][name]["value"] for name in ("seq", "case", "revision")]
            need([shown["seq"], *named] == [seqs[number]] * 2 + [case, number], f"不是案件 {case} 的第 {number} 个动作")
    return len(rows), events


# 三、记录与附件
def registered(sums: dict[str, str], events: list[Told]) -> None:
    """State, records and contents are exactly those the events list."""
    promised = {"state.json": events[-1]["state"]}
    promised |= {f"records/{r['id']}-{r['kind']}.json": r["digest"] for e in events for r in e["records"]}
    for name in sorted({*promised, *(name for name in sums if name.startswith("records/"))}):
        need(name in promised and sums.get(name) == promised[name], "与流水记载不符", name)
    contents = {digest for event in events for digest in event["contents"]}
    carried = {name: sums[name] for name in sorted(sums) if name.startswith("contents/")}
    for name, digest in [*carried.items(), *((f"contents/{digest}", digest) for digest in sorted(contents))]:
        need(digest in contents and digest in carried.values(), "与流水记载不符", name)


# 四、密钥与签名
def roster(files: Files, size: int, root: bytes) -> list[Told]:
    """The events by which keys came and went, in order; OpenSSH's list of signers says the same."""
    keys, told = list[Told](), ""
    for number, row in enumerate(lines(files, "keys.jsonl") if "keys.jsonl" in files else (), 1):
        event = proven(strict(row, f"keys.jsonl 第 {number} 行"), size, root)
        ordered, facts = not keys or keys[-1]["seq"] < event["seq"], event["facts"]
        need(event["act"] in ("key_add", "key_revoke") and ordered, "不是登记或注销密钥的动作，或者次序不对")
        keys.append(event)
        if event["act"] == "key_add" and not facts["public_key"].startswith("sm2 "):
            name = facts["officer" if re.fullmatch(r"[A-Za-z0-9._@-]+", facts["officer"]) else "fingerprint"]
            told += f'{name} namespaces="shuangshen-decision@v1,shuangshen-checkpoint@v1" {facts["public_key"]}\n'
    need(files.get("allowed_signers", bytes)() == told.encode(), "与密钥登记不符", "allowed_signers")
    return keys


def decisions(files: Files, events: list[Told], keys: list[Told]) -> str:
    """Every signed decision lies there as a pair of files, signed with a key that was then its officer's."""
    attested = [event for event in events if event["attested"] is True]
    pairs = {f"signatures/{event['seq']}.json": decided(event) for event in attested}
    pairs |= {f"signatures/{event['seq']}.sig": event["signature"].encode() for event in attested}
    for name in sorted({*pairs, *under(files, "signatures/")}):
        need(name in files and pairs.get(name) == files[name](), "与流水所载的决定和签名不符", name)
    held = [check(event, keys) for event in attested]
    unsigned = sum(event["act"] in DECISIONS for event in events if event["attested"] is not True)
    skipped = f"，未校验签名 {held.count(None)} 项（本机没有 ssh-keygen 或 openssl）" if None in held else ""
    return f"决定中已签名并校验 {held.count(True)} 项，未签名 {unsigned} 项{skipped}。\n"


def decided(event: Told) -> bytes:
    """What an officer signs of an act."""
    told = ("act", "actor", "unit", "at", "case", "command", "facts", "text")
    records = [record["digest"] for record in event["records"]]
    return canonical({**{name: event[name] for name in told}, "records": records})


def check(event: Told, keys: list[Told]) -> bool | None:
    """Whether the signature holds, by a key then in the roster; None when it could not be computed."""
    need(True, "", f"流水号 {event['seq']}")
    known: Told = {}
    for each in (each for each in keys if each["seq"] < event["seq"]):
        known[each["facts"]["fingerprint"]] = each["facts"] if each["act"] == "key_add" else {}
    key = known.get(event["key"]) or {}
    need(key, f"签名所用的密钥 {event['key']} 当时没有登记，或者已经注销")
    need(key["officer"] == event["actor"], "签名所用的密钥不在经办人名下")
    held = signed(decided(event), event["signature"], key["public_key"], "shuangshen-decision@v1")
    need(held is not False, "签名与这项决定不符")
    return held


def signed(data: bytes, armour: str, key: str, purpose: str) -> bool | None:
    """Whether this key made this signature; None when this machine lacks the tool to tell."""
    with tempfile.TemporaryDirectory() as folder:
        keys, sig = Path(folder, "key"), Path(folder, "sig")
        if key.startswith("sm2 "):
            keys.write_text(f"-----BEGIN PUBLIC KEY-----\n{key[4:]}\n-----END PUBLIC KEY-----\n")
            sig.write_bytes(base64.b64decode(armour.split("Signature: ")[1].split("\n")[0]))
            tool, data = shutil.which("openssl"), f"{purpose}\n".encode() + data
            words = ["dgst", "-sm3", "-sigopt", "distid:1234567812345678", "-verify", str(keys), "-signature", str(sig)]
        else:
            keys.write_text(f"signer {key}\n")
            sig.write_text(armour)
            tool = shutil.which("ssh-keygen")
            words = ["-Y", "verify", "-f", str(keys), "-I", "signer", "-n", purpose, "-s", str(sig)]
        return subprocess.run([tool, *words], input=data, capture_output=True).returncode == 0 if tool else None


# 五、以前的检查点
def both_roots(old: bytes, first: int, size: int, path: list[bytes], whole: bool = True) -> tuple[bytes, bytes]:
    """The roots of the `first` leaves and of all `size`; the former is given while `whole`. Source: RFC 6962 2.1.2."""
    if first == size:
        need(len(path) == (not whole), "一致性证明过长")
        return (old, old) if whole else (path[0], path[0])
    left, rest, sibling = half(size), path[:-1], path[-1]
    if first <= left:
        then, now = both_roots(old, first, left, rest, whole)
        return then, node(now, sibling)
    then, now = both_roots(old, first - left, size - left, rest, False)
    return node(sibling, then), node(sibling, now)


def grown(files: Files, keys: list[Told], origin: str, size: int, root: bytes) -> int:
    """How many earlier checkpoints the log grew from; whatever a known key signed beside one is that checkpoint."""
    kept = list[str]()
    for number, row in enumerate(lines(files, "consistency.jsonl") if "consistency.jsonl" in files else (), 1):
        place = f"consistency.jsonl 第 {number} 行"
        entry = strict(row, place)
        kept.append(f"checkpoints/{entry['size']:012d}.txt")
        need(kept[-1] in files, f"包里没有 {kept[-1]}", place)
        old = checkpoint(files[kept[-1]](), kept[-1])
        need(old[:2] == (origin, entry["size"]), "检查点的来源或条数不符")
        need(0 < old[1] <= size, "一致性证明不成立", place)
        path = [bytes.fromhex(step) for step in entry["proof"]]
        need(both_roots(old[2], old[1], size, path) == (old[2], root), "一致性证明不成立")
    need(kept == sorted(set(kept)), "检查点次序不对或者重复", "consistency.jsonl")
    for name in under(files, "checkpoints/", ".txt"):
        need(name in kept, "没有相应的一致性证明", name)
    known = [each["facts"]["public_key"] for each in keys if each["act"] == "key_add"]
    if "instance.pub" in files:
        known += [" ".join(read(files, "instance.pub").decode().split()[:2])]
        base64.b64decode(known[-1].split()[1], validate=True)
    for name in under(files, "checkpoints/", ".sig"):
        text, armour = f"{name.partition('.txt')[0]}.txt", files[name]().decode()
        need(text in files, "没有它所签的检查点", name)
        for key in (key for key in known if by(armour, key)):
            need(signed(files[text](), armour, key, "shuangshen-checkpoint@v1") is not False, "不是该检查点的签名")
    return len(kept)


def by(armour: str, key: str) -> bool:
    """Whether the signature says that it is by this key."""
    if key.startswith("sm2 ") or "SM2" in armour:
        return key[4:] in armour
    return base64.b64decode(key.split()[1]) in base64.b64decode("".join(armour.split("\n")[1:-2]))


# 六、凭证
def carried(path: Path) -> bytes:
    """The certificate in a page, in the texts scanned from its codes, or as it is."""
    data = path.read_bytes()
    if path.suffix.lower() == ".html":
        (found,) = re.findall(rb'<script type="text/plain" id="certificate">([A-Za-z0-9+/=]*)</script>', data)
        return base64.b64decode(found)
    if path.suffix.lower() == ".txt":
        codes = [code.split("/") for code in "".join(data.decode().split()).split("SSC1/")[1:]]
        parts = {int(number.split("-")[0]): part for _, number, part in codes}
        need(sorted(parts) == list(range(1, int(codes[0][1].split("-")[1]) + 1)), "二维码不齐")
        text = "".join(parts[number] for number in sorted(parts))
        return zlib.decompressobj().decompress(base64.b32decode(text + "=" * (-len(text) % 8)), 4 << 20)
    return data


def certificate(path: Path) -> str:
    """What a certificate proves: two events in the log, what the decision filed, its signature."""
    told = strict(carried(path), path.name)
    _, size, root = checkpoint(told["checkpoint"].encode(), path.name)
    for entry in told["events"]:
        entry.setdefault("seq", json.loads(entry["payload"])["seq"])
        entry.setdefault("hash", sha256(b"\0" + entry["payload"].encode()).hexdigest())
    opening, decision = (proven(entry, size, root) for entry in told["events"])
    opened = opening["act"] in ("submit", "transfer_in") and opening["case"] == decision["case"]
    need(opened and decision["act"] in DECISIONS, "应有同一案件的报送和决定两条留痕")
    bodies = [record if isinstance(record, str) else record["body"] for record in told["records"]]
    digests = [sha256(body.encode()).hexdigest() for body in bodies]
    need(digests == [record["digest"] for record in decision["records"]], "所附的记录与留痕登记的摘要不符")
    facts, held = opening["facts"], ""
    if "words" in facts:
        digest = sha256(told["words"].encode()).hexdigest()
        need(digest == opening["records"][-1]["digest"], "所附的报送文字与留痕登记的摘要不符")
        facts = strict(told["words"].encode(), path.name)
    if decision["attested"] is True and "keys" in told:
        verdict = check(decision, [proven(entry, size, root) for entry in told["keys"]])
        held = "，签名已校验" if verdict else "，签名未校验（本机没有 ssh-keygen 或 openssl）"
    words = [decision["act"], decision["facts"]["outcome"], *(decision[name] for name in ("actor", "unit", "at"))]
    return f"凭证完好。《{facts['title']}》  {'  '.join(words)}{held}\n总流水 {size} 条，根哈希 {root.hex()}"


def main(words: list[str]) -> int:
    code, told = 2, "用法：python3 -I verify.py 案卷包或凭证 [清单摘要]"
    if 1 <= len(words) <= 2 and Path(words[0]).exists():
        path = Path(words[0])
        at[0], single = path.name, path.suffix.lower() in (".json", ".html", ".txt") and path.is_file()
        try:
            code, told = 0, certificate(path) if single else judge(members(path), "".join(words[1:]))
        except Exception as error:  # whatever a bundle can contain, it is a finding, not a crash
            what = str(error) if isinstance(error, Broken) else "写法不对，或者已损坏"
            code, told = 6, f"不可信。第一处问题：{at[0]}：{what}"
    shown = "".join(each if each.isprintable() or each == "\n" else "?" for each in told)  # nobody plays with terminals
    stream = sys.stderr if code else sys.stdout
    stream.buffer.write(f"{shown}\n".encode(stream.encoding or "utf-8", "backslashreplace"))
    stream.flush()
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
