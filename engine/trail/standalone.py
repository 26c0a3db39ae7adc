#!/usr/bin/env python3
"""核验案卷包（文件夹或 zip）或凭证（json、html、二维码扫出的 txt）：只用 Python 标准库和 ssh-keygen（国密签名用
openssl），不联网，不需要本软件。

    python3 -I verify.py 案卷包或凭证 [清单摘要]      退出码 0 完好；6 有问题，指出第一处；2 用法不对

请用另行取得的同一脚本核验，不要轻信包里自带的这一份。依次核对：清单和每个文件的 SHA-256；每条留痕的哈希、次序和到
检查点的包含证明；记录和附件是否都有留痕登记；密钥的登记；每项决定的签名；以前的检查点到现在的一致性证明和签名。
包、清单、检查点一起被换掉的，从包内看不出来，须与纸面或者他处留存的清单摘要、检查点核对。
"""

from __future__ import annotations

import base64
import json
import re
import shutil
import stat
import subprocess
import sys
import tempfile
import zipfile
import zlib
from collections.abc import Callable
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any, TextIO

DECISIONS = {"sign", "conclude", "reject", "accept", "return", "key_add", "key_revoke"}
Files = dict[str, Callable[[], bytes]]
at = ["案卷包"]  # where the reading stands


class Broken(Exception):
    """The first thing that does not hold."""


def need(holds: object, what: str, place: str = "") -> None:
    at[0] = place or at[0]
    if not holds:
        raise Broken(what)


def members(path: Path) -> Files:
    """Every file by name, nothing unpacked to disk; links, escapes, names twice and bombs are refused."""
    if path.is_dir():
        found = [(each.relative_to(path).as_posix(), each.lstat(), each.read_bytes) for each in sorted(path.rglob("*"))]
        rows = [(name, s.st_size, s.st_mode, get) for name, s, get in found if not stat.S_ISDIR(s.st_mode)]
    else:
        archive = zipfile.ZipFile(path)
        rows = [(i.filename, i.file_size, i.external_attr >> 16, partial(archive.read, i)) for i in archive.infolist()]
        odd = [i.filename for i in archive.infolist() if i.flag_bits & 1 or i.compress_type not in (0, 8)]
        need(not odd, "加密或压缩方式不受支持", *odd[:1])
    need(len(rows) <= 20_000 and sum(size for _, size, _, _ in rows) <= 1 << 30, "文件过多或总量过大", path.name)
    files: Files = {}
    for name, size, mode, get in rows:
        safe = len(name) <= 400 and name.isprintable() and not set(name) & set('\\:*?"<>|')
        need(safe and not {"", ".", ".."} & set(name.split("/")), "文件名不安全", ascii(name))
        need(stat.S_IFMT(mode) in (0, stat.S_IFREG), "是链接或特殊文件", name)
        need(name not in files and size <= 128 << 20, "同名文件出现两次，或者文件过大")
        files[name] = get
    return files


def canonical(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def strict(data: bytes, place: str) -> dict[str, Any]:
    """The object these bytes are the one canonical spelling of."""
    need(True, "", place)
    value: dict[str, Any] = json.loads(data)
    need(isinstance(value, dict) and canonical(value) == data, "不是规范的 JSON 对象")
    return value


def lines(files: Files, name: str) -> list[tuple[str, dict[str, Any]]]:
    rows = files[name]().split(b"\n") if name in files else [b"", b""]
    need(rows.pop() == b"" and rows, "没有内容或末行不完整", name)
    return [(f"{name} 第 {n} 行", strict(row, f"{name} 第 {n} 行")) for n, row in enumerate(rows, 1) if name in files]


def checkpoint(data: bytes, place: str) -> tuple[str, int, bytes]:
    """Origin, number of events and Merkle root; signatures after the empty line are not judged."""
    need(True, "", place)
    origin, size, root = data.partition(b"\n\n")[0].decode().split("\n")
    told = (origin, int(size), base64.b64decode(root, validate=True))
    text = f"{origin}\n{told[1]}\n{base64.b64encode(told[2]).decode()}\n\n".encode()
    need(data.startswith(text) and told[1] >= 0 and len(told[2]) == 32, "检查点写法不对")
    return told


def climb(index: int, last: int, path: list[bytes], old: bytes, new: bytes) -> tuple[bytes, bytes]:
    """Where a path leads: `old` joined with left siblings only, `new` with all. Source: RFC 9162 2.1.3.2, 2.1.4.2."""
    for step in path:
        need(last, "证明过长")
        if index & 1 or index == last:
            old, new = (sha256(b"\1" + step + each).digest() for each in (old, new))
            while index and not index & 1:
                index, last = index >> 1, last >> 1
        else:
            new = sha256(b"\1" + new + step).digest()
        index, last = index >> 1, last >> 1
    return (old, new) if last == 0 else (b"", b"")


def included(entry: dict[str, Any], size: int, root: bytes) -> None:
    leaf, path = bytes.fromhex(entry["hash"]), [bytes.fromhex(step) for step in entry["proof"]]
    need(0 < entry["seq"] <= size, "流水号超出检查点")
    need(climb(entry["seq"] - 1, size - 1, path, leaf, leaf)[1] == root, "包含证明通不到检查点的根哈希")


def proven(entry: dict[str, Any], size: int, root: bytes) -> dict[str, Any]:
    """The event of this entry, which is in the log where it says."""
    payload = entry["payload"].encode()
    need(sha256(b"\0" + payload).hexdigest() == entry["hash"], "内容与哈希不符")
    event = strict(payload, at[0])
    need((event["v"], event["seq"]) == (1, entry["seq"]), "内容里的版本或流水号不符")
    included(entry, size, root)
    return event


def grew(size: int, old: bytes, now: int, root: bytes, path: list[bytes]) -> bool:
    """Whether the log of `now` events began with the log of `size` events."""
    if not 0 < size < now:
        return size == now and not path and old == root
    index, last = size - 1, now - 1
    while index & 1:
        index, last = index >> 1, last >> 1
    first, rest = (path[0], path[1:]) if size & (size - 1) else (old, path)
    return climb(index, last, rest, first, first) == (old, root)


def signed(data: bytes, armour: str, key: str, purpose: str) -> bool | None:
    """Whether this key made this signature; None when this machine lacks the tool to tell."""
    tool = shutil.which("openssl" if key.startswith("sm2 ") else "ssh-keygen")
    with tempfile.TemporaryDirectory() as folder:
        keys, sig = Path(folder, "key"), Path(folder, "sig")
        if key.startswith("sm2 "):
            keys.write_text(f"-----BEGIN PUBLIC KEY-----\n{key[4:]}\n-----END PUBLIC KEY-----\n")
            sig.write_bytes(base64.b64decode(armour.split("Signature: ")[1].split("\n")[0]))
            words = ["dgst", "-sm3", "-sigopt", "distid:1234567812345678", "-verify", str(keys), "-signature", str(sig)]
            data = f"{purpose}\n".encode() + data
        else:
            keys.write_text(f"signer {key}\n")
            sig.write_text(armour)
            words = ["-Y", "verify", "-f", str(keys), "-I", "signer", "-n", purpose, "-s", str(sig)]
        return subprocess.run([tool, *words], input=data, capture_output=True).returncode == 0 if tool else None


def named(armour: str, key: str) -> bool:
    """Whether the signature says that it is by this key."""
    if key.startswith("sm2 ") or "SM2" in armour:
        return key[4:] in armour
    return base64.b64decode(key.split()[1]) in base64.b64decode("".join(armour.split("\n")[1:-2]))


def judge(files: Files, printed: str) -> str:
    """What holds of the bundle, in words."""
    need("manifest.json" in files, "缺少该文件", "manifest.json")
    raw = files["manifest.json"]()
    manifest, digest = strict(raw, "manifest.json"), sha256(raw).hexdigest()
    need(digest == (printed.strip().lower() or digest), f"清单摘要是 {digest}，与所给的不符")
    need(manifest.keys() == {"schema", "case", "redacted", "files"}, "字段不认识")
    need(manifest["schema"] == "shuangshen.bundle/2" and manifest["redacted"] in (True, False), "版本不认识")
    case, sums, redacted = manifest["case"], manifest["files"], manifest["redacted"]
    need(case.isprintable(), "案件编号不可打印")
    for name in ("SHA256SUMS", "checkpoint.txt", "trail.jsonl", "fields.jsonl" if redacted else "state.json"):
        need(name in files, "缺少该文件", name)
    for name in sorted(files.keys() ^ {*sums, "manifest.json"}):
        need(False, "清单里有，包里没有" if name in sums else "包里有，清单里没有", name)
    for name in sorted(sums):
        need(sha256(files[name]()).hexdigest() == sums[name], "内容与清单记载的 SHA-256 不符", name)
    listed = "".join(f"{sums[name]}  {name}\n" for name in sorted(sums) if name != "SHA256SUMS")
    need(files["SHA256SUMS"]() == listed.encode(), "与清单所列的不同", "SHA256SUMS")
    head = checkpoint(files["checkpoint.txt"](), "checkpoint.txt")
    events = trail(files, case, redacted, *head[1:])
    keys, counted = ([], "") if redacted else vouched(files, sums, events, *head[1:])
    kept = grown(files, keys, *head)
    return (
        f"完好。案件 {case}：{len(lines(files, 'trail.jsonl'))} 个动作，{len(sums)} 个文件。\n总流水 {head[1]} 条，"
        f"根哈希 {head[2].hex()}\n清单摘要 {digest}（请与纸质文书上的核对）\n{counted}{kept}"
    )


def trail(files: Files, case: str, redacted: bool, size: int, root: bytes) -> list[dict[str, Any]]:
    """The events told in full; all are in the log, in order, none of the case left out, withheld ones included."""
    rows, events = lines(files, "trail.jsonl"), list[dict[str, Any]]()
    last: dict[str, Any] = {"seq": 0, "hash": "0" * 64}
    for number, (place, entry) in enumerate(rows, 1):
        need(True, "", f"{place}（流水号 {entry['seq']}）")
        if redacted and number < len(rows):
            need(
                entry.keys() == {"seq", "hash", "proof"} and entry["seq"] > last["seq"], "与前一条接不上，或者多出内容"
            )
            included(entry, size, root)
        else:
            event = proven(entry, size, root)
            need((event["case"], event["revision"]) == (case, number), f"不是案件 {case} 的第 {number} 个动作")
            follows = redacted or entry["seq"] > last["seq"] + 1 or event["prev"] == last["hash"]
            need(entry["seq"] > last["seq"] and follows, "与前一条接不上")
            events.append(event)
        last = entry
    if redacted:
        need(events[0]["act"] == "export", "不是脱密导出的留痕")
        need(events[0]["facts"]["fields"] == sha256(files["fields.jsonl"]()).hexdigest(), "摘要不符", "fields.jsonl")
        table = lines(files, "fields.jsonl")
        need(len(table) == len(rows) - 1, "行数与留痕条数不符", "fields.jsonl")
        for number, ((place, told), (_, entry)) in enumerate(zip(table, rows), 1):  # noqa: B905
            shown = [told["seq"], *(told["fields"][name]["value"] for name in ("seq", "case", "revision"))]
            need(shown == [entry["seq"], entry["seq"], case, number], f"不是案件 {case} 的第 {number} 个动作", place)
    return events


def vouched(files: Files, sums: dict[str, str], events: list[dict[str, Any]], size: int, root: bytes) -> Any:
    """Records, contents and state are those the events list; every signature is by a key then in the roster."""
    promised = {"state.json": events[-1]["state"]}
    promised |= {f"records/{r['id']}-{r['kind']}.json": r["digest"] for e in events for r in e["records"]}
    contents = {digest for event in events for digest in event["contents"]}
    for name in sorted({*promised, *(name for name in sums if name.startswith("records/"))}):
        need(name in promised and sums.get(name) == promised[name], "与流水记载不符", name)
    carried = {name: sums[name] for name in sorted(sums) if name.startswith("contents/")}
    for name, digest in [*carried.items(), *((f"contents/{digest}", digest) for digest in sorted(contents))]:
        need(digest in contents and digest in carried.values(), "与流水记载不符", name)
    keys: list[dict[str, Any]] = []
    for place, entry in lines(files, "keys.jsonl"):
        need(True, "", f"{place}（流水号 {entry['seq']}）")
        event = proven(entry, size, root)
        ordered = not keys or keys[-1]["seq"] < event["seq"]
        need(event["act"] in ("key_add", "key_revoke") and ordered, "不是登记或注销密钥的动作，或者次序不对")
        keys.append(event)
    added = [event["facts"] for event in keys if event["act"] == "key_add"]
    told = ""
    for each in (each for each in added if not each["public_key"].startswith("sm2 ")):
        name = each["officer"] if re.fullmatch(r"[A-Za-z0-9._@-]+", each["officer"]) else each["fingerprint"]
        told += f'{name} namespaces="shuangshen-decision@v1,shuangshen-checkpoint@v1" {each["public_key"]}\n'
    need(files.get("allowed_signers", bytes)() == told.encode(), "与密钥登记不符", "allowed_signers")
    attested = [event for event in events if event["attested"] is True]
    pairs = {f"signatures/{event['seq']}.json": decided(event) for event in attested}
    pairs |= {f"signatures/{event['seq']}.sig": event["signature"].encode() for event in attested}
    for name in sorted({*pairs, *(name for name in files if name.startswith("signatures/"))}):
        need(name in files and pairs.get(name) == files[name](), "与流水所载的决定和签名不符", name)
    held = [check(event, decided(event), keys) for event in attested]
    unsigned = sum(event["act"] in DECISIONS for event in events if event["attested"] is not True)
    skipped = f"，未校验签名 {held.count(None)} 项（本机没有 ssh-keygen 或 openssl）" if None in held else ""
    return keys, f"决定中已签名并校验 {held.count(True)} 项，未签名 {unsigned} 项{skipped}。\n"


def decided(event: dict[str, Any]) -> bytes:
    """What an officer signs of an act."""
    told = ("act", "actor", "unit", "at", "case", "command", "facts", "text")
    records = [record["digest"] for record in event["records"]]
    return canonical({**{name: event[name] for name in told}, "records": records})


def check(event: dict[str, Any], text: bytes, keys: list[dict[str, Any]]) -> bool | None:
    need(True, "", f"流水号 {event['seq']}")
    known: dict[str, dict[str, Any]] = {}
    for each in keys:
        if each["seq"] < event["seq"]:
            known[each["facts"]["fingerprint"]] = each["facts"] if each["act"] == "key_add" else {}
    key = known.get(event["key"])
    need(key, f"签名所用的密钥 {event['key']} 当时没有登记，或者已经注销")
    need(key and key["officer"] == event["actor"], "签名所用的密钥不在经办人名下")
    held = signed(text, event["signature"], key["public_key"] if key else "", "shuangshen-decision@v1")
    need(held is not False, "签名与这项决定不符")
    return held


def grown(files: Files, keys: list[dict[str, Any]], origin: str, size: int, root: bytes) -> str:
    """The log grew from every earlier checkpoint in the bundle; signatures by known keys are of that checkpoint."""
    kept = []
    for place, entry in lines(files, "consistency.jsonl"):
        name = f"checkpoints/{entry['size']:012d}.txt"
        need(name in files, f"包里没有 {name}", place)
        old = checkpoint(files[name](), name)
        need(old[:2] == (origin, entry["size"]), "检查点的来源或条数不符")
        need(True, "", place)
        path = [bytes.fromhex(step) for step in entry["proof"]]
        need(grew(old[1], old[2], size, root, path), "一致性证明不成立", place)
        kept.append(name)
    need(kept == sorted(set(kept)), "检查点次序不对或者重复", "consistency.jsonl")
    for name in sorted(name for name in files if name.startswith("checkpoints/") and name.endswith(".txt")):
        need(name in kept, "没有相应的一致性证明", name)
    known = [each["facts"]["public_key"] for each in keys if each["act"] == "key_add"]
    if "instance.pub" in files:
        need(True, "", "instance.pub")
        known += [" ".join(files["instance.pub"]().decode().split()[:2])]
        base64.b64decode(known[-1].split()[1], validate=True)
    for name in sorted(name for name in files if name.startswith("checkpoints/") and name.endswith(".sig")):
        need(f"{name.partition('.txt')[0]}.txt" in files, "没有它所签的检查点", name)
        armour, data = files[name]().decode(), files[f"{name.partition('.txt')[0]}.txt"]()
        for key in (key for key in known if named(armour, key)):
            need(signed(data, armour, key, "shuangshen-checkpoint@v1") is not False, "不是该检查点的签名")
    return f"由以前的 {len(kept)} 份检查点增长而来。"


def certificate(path: Path) -> str:
    """What a certificate proves: two events in the log, what the decision filed, its signature."""
    data = path.read_bytes()
    if path.suffix.lower() == ".txt":
        codes = [code.split("/") for code in "".join(data.decode().split()).split("SSC1/")[1:]]
        parts = {int(number.split("-")[0]): part for _, number, part in codes}
        need(sorted(parts) == list(range(1, int(codes[0][1].split("-")[1]) + 1)), "二维码不齐", path.name)
        text = "".join(parts[number] for number in sorted(parts))
        data = zlib.decompressobj().decompress(base64.b32decode(text + "=" * (-len(text) % 8)), 4 << 20)
    elif path.suffix.lower() == ".html":
        (found,) = re.findall(rb'<script type="text/plain" id="certificate">([A-Za-z0-9+/=]*)</script>', data)
        data = base64.b64decode(found)
    told = strict(data, path.name)
    _, size, root = checkpoint(told["checkpoint"].encode(), path.name)
    for entry in told["events"]:
        entry.setdefault("seq", json.loads(entry["payload"])["seq"])
        entry.setdefault("hash", sha256(b"\0" + entry["payload"].encode()).hexdigest())
    opening, decision = (proven(entry, size, root) for entry in told["events"])
    opened = opening["act"] in ("submit", "transfer_in")
    need(opened and decision["act"] in DECISIONS, "应有报送和决定两条留痕", path.name)
    need(opening["case"] == decision["case"], "两条留痕不是同一案件的")
    bodies = [record if isinstance(record, str) else record["body"] for record in told["records"]]
    digests = [sha256(body.encode()).hexdigest() for body in bodies]
    need(digests == [record["digest"] for record in decision["records"]], "所附的记录与留痕登记的摘要不符")
    words, beside = told.get("words", ""), "words" in opening["facts"]
    same = not beside or sha256(words.encode()).hexdigest() == opening["records"][-1]["digest"]
    need(same, "所附的报送文字与留痕登记的摘要不符")
    title = (strict(words.encode(), path.name) if beside else opening["facts"])["title"]
    held = ""
    if decision["attested"] is True and "keys" in told:
        verdict = check(decision, decided(decision), [proven(entry, size, root) for entry in told["keys"]])
        held = "，签名已校验" if verdict else "，签名未校验（本机没有 ssh-keygen 或 openssl）"
    facts = [decision["act"], decision["facts"]["outcome"], *(decision[name] for name in ("actor", "unit", "at"))]
    return f"凭证完好。《{title}》  {'  '.join(facts)}{held}\n总流水 {size} 条，根哈希 {root.hex()}"


def tell(text: str, stream: TextIO) -> None:
    """Prints it without what a bundle may have put in to play with the terminal."""
    told = "".join(each if each.isprintable() or each == "\n" else "?" for each in text)
    stream.buffer.write(f"{told}\n".encode(stream.encoding or "utf-8", "backslashreplace"))
    stream.flush()


def main(words: list[str]) -> int:
    if not 1 <= len(words) <= 2 or not Path(words[0]).exists():
        tell("用法：python3 -I verify.py 案卷包或凭证 [清单摘要]", sys.stderr)
        return 2
    path, printed = Path(words[0]), "".join(words[1:])
    at[0] = path.name
    try:
        single = path.suffix.lower() in (".json", ".html", ".txt") and path.is_file()
        told = certificate(path) if single else judge(members(path), printed)
    except Exception as error:  # whatever a bundle can contain, it is a finding, not a crash
        what = str(error) if isinstance(error, Broken) else "写法不对，或者已损坏"
        tell(f"不可信。第一处问题：{at[0]}：{what}", sys.stderr)
        return 6
    tell(told, sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
