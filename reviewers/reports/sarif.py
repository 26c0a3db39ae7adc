"""Findings as SARIF 2.1.0, the form code hosts and review tools read.

Offsets are code points into the extracted text, as the run declares; a result's fingerprint is the finding's id, which
survives renumbering, so a tool can tell an old finding from a new one.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

from engine.standards import Standards
from reviewers.reports import Plain, is_unreadable, readable

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
LEVELS = {"block": "error", "attention": "warning"}
FINGERPRINT = "shuangshenFinding/v1"


def as_sarif(documents: Iterable[Plain], standards: Standards) -> bytes:
    """One run over all documents; unreadable files are its error notifications and make it unsuccessful."""
    told = [plain for plain in documents if "duplicate_of" not in plain]
    screened = readable(told)
    rules = _rules(screened, standards)
    places = {rule["id"]: number for number, rule in enumerate(rules)}
    run = {
        "tool": {"driver": {"name": "shuangshen", "fullName": "公平竞争审查双审", "language": "zh-CN", "rules": rules}},
        "language": "zh-CN",
        "columnKind": "unicodeCodePoints",
        "artifacts": [_artifact(plain) for plain in screened],
        "invocations": [_invocation([plain for plain in told if is_unreadable(plain)])],
        "results": [
            _result(plain, finding, index, places)
            for index, plain in enumerate(screened)
            for finding in plain["findings"]
        ],
        "properties": {
            "packs": sorted({plain["pack"] for plain in screened}),
            **_local(screened),
            "offsets": "code points, half-open, into the text extracted from the artifact",
        },
    }
    return (
        json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, ensure_ascii=False, indent=2) + "\n"
    ).encode()


def _local(screened: Iterable[Plain]) -> dict[str, list[str]]:
    """What a local overlay changed in the rules, when there was one."""
    lines = dict.fromkeys(line for plain in screened for line in plain.get("local", ()))
    return {"localRules": list(lines)} if lines else {}


def _rules(screened: Iterable[Plain], standards: Standards) -> list[dict[str, Any]]:
    cited: dict[str, list[str]] = {}
    for plain in screened:
        for finding in plain["findings"]:
            cited.setdefault(finding["rule"], finding["articles"])
    return [_rule(name, cited[name], standards) for name in sorted(cited)]


def _rule(name: str, articles: list[str], standards: Standards) -> dict[str, Any]:
    citations = [standards.citation(item) for item in articles]
    return {
        "id": name,
        "shortDescription": {
            "text": standards.item(articles[0]).text if articles else "与已知的排除、限制竞争写法相近"
        },
        "help": {"text": "依据：" + "；".join(citations) if citations else "请对照审查标准逐项核对。"},
        "properties": {"articles": articles, "citations": citations},
    }


def _artifact(plain: Plain) -> dict[str, Any]:
    return {
        "location": {"uri": _uri(plain["path"])},
        "hashes": {"sha-256": plain["sha256"]},
        "description": {"text": plain["title"] or plain["path"]},
    }


def _uri(path: str) -> str:
    return ("file://" if path.startswith("/") else "") + quote(path)


def _invocation(unreadable: list[Plain]) -> dict[str, Any]:
    return {
        "executionSuccessful": not unreadable,
        "toolExecutionNotifications": [
            {
                "level": "error",
                "message": {"text": plain["unreadable"]},
                "locations": [{"physicalLocation": {"artifactLocation": {"uri": _uri(plain["path"])}}}],
            }
            for plain in unreadable
        ],
    }


def _result(plain: Plain, finding: Plain, index: int, places: dict[str, int]) -> dict[str, Any]:
    region = {
        "startLine": finding["line"],
        "charOffset": finding["start"],
        "charLength": finding["end"] - finding["start"],
        "snippet": {"text": finding["text"]},
    }
    location: dict[str, Any] = {
        "physicalLocation": {"artifactLocation": {"uri": _uri(plain["path"]), "index": index}, "region": region}
    }
    if finding["clause"]:
        location["logicalLocations"] = [{"fullyQualifiedName": finding["clause"], "kind": "clause"}]
    result: dict[str, Any] = {
        "ruleId": finding["rule"],
        "ruleIndex": places[finding["rule"]],
        "level": LEVELS[finding["level"]],
        "message": {"text": f"{finding['why']}建议：{finding['advice']}"},
        "locations": [location],
        "fingerprints": {FINGERPRINT: finding["id"]},
        "properties": {name: finding[name] for name in ("articles", "confidence", "evidence")},
    }
    if finding.get("patch"):
        result["fixes"] = [_fix(plain, finding["patch"], index)]
    if "examples" in finding:
        result["properties"]["examples"] = finding["examples"]
    return result


def _fix(plain: Plain, patch: Plain, index: int) -> dict[str, Any]:
    region = {"charOffset": patch["start"], "charLength": patch["end"] - patch["start"]}
    replacement = {"deletedRegion": region, "insertedContent": {"text": patch["replacement"]}}
    return {
        "description": {"text": patch["note"] or "改后不再须处理，是否妥当由人判断。"},
        "artifactChanges": [
            {"artifactLocation": {"uri": _uri(plain["path"]), "index": index}, "replacements": [replacement]}
        ],
    }
