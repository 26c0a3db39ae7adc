"""Checkpoints stamped by an outside authority: a local one made with openssl, asked by file and over loopback."""

from __future__ import annotations

import shutil
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from journey import Counter, Journey

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="needs openssl")

SETTINGS = """
[tsa]
default_tsa = here
[here]
serial = serial
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
accuracy = secs:1
"""


def openssl(folder: Path, *words: str) -> None:
    subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True)


class Authority:
    """A time stamping authority in a folder: `ca.pem` is its root."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.folder = folder
        (folder / "serial").write_text("01\n", encoding="ascii")
        (folder / "tsa.cnf").write_text(SETTINGS, encoding="ascii")
        openssl(folder, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
                "ca.key", "-out", "ca.pem", "-subj", "/CN=root", "-days", "30")  # fmt: skip
        openssl(folder, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
                "tsa.key", "-out", "tsa.pem", "-subj", "/CN=clock", "-days", "30", "-CA", "ca.pem", "-CAkey", "ca.key",
                "-addext", "extendedKeyUsage=critical,timeStamping", "-addext", "basicConstraints=critical,CA:FALSE",
                "-addext", "keyUsage=critical,digitalSignature")  # fmt: skip

    def answer(self, query: bytes) -> bytes:
        (self.folder / "query").write_bytes(query)
        openssl(self.folder, "ts", "-reply", "-config", "tsa.cnf", "-queryfile", "query", "-signer", "tsa.pem",
                "-inkey", "tsa.key", "-out", "answer")  # fmt: skip
        return (self.folder / "answer").read_bytes()


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority") / "tsa")


@pytest.fixture(scope="module")
def address(authority: Authority) -> Iterator[str]:
    """The authority on loopback; /lost leads elsewhere, /deaf answers with nothing of use."""

    class Desk(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            query = self.rfile.read(int(self.headers["Content-Length"]))
            assert self.headers["Content-Type"] == "application/timestamp-query"
            self.send_response(302 if self.path == "/lost" else 200)
            self.send_header("Location", "/")
            self.end_headers()
            self.wfile.write(authority.answer(query) if self.path == "/" else b"<html>")

        def log_message(self, *_: Any) -> None:
            """Silence."""

    with HTTPServer(("127.0.0.1", 0), Desk) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture
def counter(counter: Counter, authority: Authority) -> Counter:
    """Whose profile knows the authority's root, but no address."""
    shutil.copy(authority.folder / "ca.pem", counter.home / "profile" / "timestamp-ca.pem")
    return counter


def configured(counter: Counter, url: str) -> None:
    place = counter.home / "profile" / "practice.toml"
    told = place.read_text(encoding="utf-8")
    place.write_text(told.replace("[practice]\n", f'[practice]\ntimestamp_url = "{url}"\n', 1), encoding="utf-8")


def test_a_stamp_carried_across_an_air_gap(journey: Journey, authority: Authority, tmp_path: Path) -> None:
    counter = journey.counter
    journey.submitted()
    asked = counter("trail", "timestamp", "--request", tmp_path / "query.tsq", "--json")
    assert asked.code == 0, asked.err
    place = Path(asked.json["checkpoint"])
    assert place.name == "000000000001.txt"
    (tmp_path / "reply.tsr").write_bytes(authority.answer((tmp_path / "query.tsq").read_bytes()))
    journey.self_reviewed()
    assert counter("trail", "checkpoint").code == 0  # a later checkpoint does not confuse it
    filed = counter("trail", "timestamp", "--reply", tmp_path / "reply.tsr", "--json")
    assert filed.code == 0, filed.err
    assert (filed.json["checkpoint"], filed.json["file"]) == (str(place), f"{place}.tsr")
    verified = counter("trail", "verify", "--checkpoint", place, "--json").json
    assert verified["timestamp"] == filed.json
    assert "检查点时间戳" in counter("trail", "verify", "--checkpoint", place).out
    again = counter("trail", "timestamp", "--reply", tmp_path / "reply.tsr")
    assert (again.code, "已有时间戳" in again.err) == (5, True)


def test_a_stamp_fetched_from_the_configured_address(journey: Journey, address: str) -> None:
    counter = journey.counter
    journey.submitted()
    ran = counter("trail", "timestamp")
    assert (ran.code, "没有配置时间戳机构" in ran.err, ran.err.count("\n")) == (2, True, 1), ran.err
    configured(counter, f"{address}/")
    ran = counter("trail", "timestamp", "--json")
    assert ran.code == 0, ran.err
    assert Path(ran.json["file"]).is_file()


@pytest.mark.parametrize(
    ("path", "code", "saying"), [("/lost", 75, "没有答复"), ("/deaf", 4, "没有一份"), ("ftp", 2, "不是 http")]
)
def test_an_address_that_is_of_no_use_is_told(
    journey: Journey, address: str, path: str, code: int, saying: str
) -> None:
    journey.submitted()
    configured(journey.counter, f"{address}{path}" if path.startswith("/") else "ftp://127.0.0.1/")
    ran = journey.counter("trail", "timestamp")
    assert (ran.code, saying in ran.err, ran.err.count("\n")) == (code, True, 1), ran.err
    assert not list((journey.counter.home / "checkpoints").glob("*.tsr"))


def test_only_a_sound_stamp_of_this_checkpoint_by_this_authority_counts(
    journey: Journey, authority: Authority, tmp_path: Path
) -> None:
    counter = journey.counter
    journey.submitted()
    query, reply = tmp_path / "query.tsq", tmp_path / "reply.tsr"
    place = Path(counter("trail", "timestamp", "--request", query, "--json").json["checkpoint"])
    sound = authority.answer(query.read_bytes())
    other = Authority(tmp_path / "other").answer(query.read_bytes())
    flipped = sound[:-5] + bytes([sound[-5] ^ 1]) + sound[-4:]
    for data, code, saying in (
        (other, 6, "校验不过"),
        (flipped, 6, "校验不过"),
        (b"", 4, "没有一份"),
        (query.read_bytes(), 6, "不是时间戳回复"),
    ):
        reply.write_bytes(data)
        ran = counter("trail", "timestamp", "--reply", reply)
        assert (ran.code, saying in ran.err, ran.err.count("\n")) == (code, True, 1), ran.err
        assert not place.with_name(place.name + ".tsr").exists()
    reply.write_bytes(sound)
    (counter.home / "profile" / "timestamp-ca.pem").unlink()
    assert "没有时间戳机构的证书" in counter("trail", "timestamp", "--reply", reply).err
    ran = counter("trail", "timestamp", "--reply", reply, "--ca", authority.folder / "ca.pem")
    assert ran.code == 0, ran.err


def test_a_stamp_put_beside_another_checkpoint_is_found(journey: Journey, authority: Authority, tmp_path: Path) -> None:
    counter = journey.counter
    journey.submitted()
    query, reply = tmp_path / "query.tsq", tmp_path / "reply.tsr"
    place = Path(counter("trail", "timestamp", "--request", query, "--json").json["checkpoint"])
    reply.write_bytes(authority.answer(query.read_bytes()))
    assert counter("trail", "timestamp", "--reply", reply).code == 0
    journey.self_reviewed()
    later = Path(counter("trail", "checkpoint", "--json").json["file"])
    assert counter("trail", "verify", "--checkpoint", later).code == 0
    shutil.copy(f"{place}.tsr", f"{later}.tsr")
    ran = counter("trail", "verify", "--checkpoint", later)
    assert (ran.code, "时间戳校验不过" in ran.err) == (6, True), ran.err
