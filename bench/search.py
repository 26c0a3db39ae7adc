"""How long a search takes over many passages: `python bench/search.py [--passages 100000] [--postgresql]`.

The passages are opinions of some sixty characters made of common phrases, each of which stands in every second passage;
a seldom word stands in one of four thousand. They are filed as the store files them, only past the acts; a search is
asked for as the command asks for it, the opening of the database included.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from pages import UNITS, fill, milliseconds

from engine.store import create_store, open_store
from engine.store.passages import file_passages
from engine.store.place import is_remote
from engine.store.search import Asked, search

CASES = 2_000
OFTEN = (
    "本条要求经营者在本地设立分支机构", "对外地企业设置不同的准入条件", "给予本地企业税收返还",
    "限定使用指定单位的服务", "没有法律法规依据增设审批", "招标文件以本地业绩作为加分条件",
    "补贴与缴纳税收挂钩", "要求提供与履约无关的证明",
)  # fmt: skip
SELDOM = ("氢能装备", "跨境冷链", "低空飞行", "算力券")


def opinion(number: int, chance: Random) -> str:
    """Text of one opinion; every thousandth has one of four seldom words."""
    said = "，".join(chance.sample(OFTEN, 4))
    about = f"，涉及{SELDOM[number // 1000 % 4]}" if number % 1000 == 7 else ""
    return f"第{number % 40 + 1}条：{said}{about}，建议修改。"


def filled(place: Path, count: int) -> float:
    """Seconds to put so many opinions into the index."""
    fill(place, CASES)
    chance, start = Random(1), time.perf_counter()
    with open_store(place).work() as work:
        for number in range(count):
            said = {"clause": str(number % 40 + 1), "version": 1, "reason": opinion(number, chance)}
            file_passages(work.connection, f"2026-{number % CASES:07d}", number + 1, [("review", said)], {})
        work.saved = True
    if is_remote(place):
        from engine.store import postgres

        connection = postgres.connect(place)
        connection.execute("VACUUM ANALYZE")
        connection.close()
    return time.perf_counter() - start


def questions(place: Path, count: int) -> dict[str, Callable[[], object]]:
    """The searches people make, by name."""
    ask = partial(search, place)
    middle = (count // 2) << 20
    return {
        "one character in every other passage (税)": lambda: ask(Asked(["税"])),
        "two characters in every other passage (税收)": lambda: ask(Asked(["税收"])),
        "a phrase in every other passage (税收返还)": lambda: ask(Asked(["税收返还"])),
        "the same, half-way down": lambda: ask(Asked(["税收返还"]), after=middle),
        "the same in one department": lambda: ask(Asked(["税收返还"], unit=UNITS[7])),
        "two phrases together (税收返还, 准入条件)": lambda: ask(Asked(["税收返还", "准入条件"])),
        "a seldom word (氢能)": lambda: ask(Asked(["氢能"])),
        "a seldom and an often word (氢能, 税收)": lambda: ask(Asked(["氢能", "税收"])),
        "a word in no passage (深海采矿)": lambda: ask(Asked(["深海采矿"])),
        "often characters, never together (税地)": lambda: ask(Asked(["税地"])),
    }


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--passages", type=int, default=100_000)
    arguments.add_argument("--repeat", type=int, default=21)
    arguments.add_argument("--postgresql", action="store_true")
    asked = arguments.parse_args()
    with ExitStack() as stack:
        room = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        url = ""
        if asked.postgresql:
            from postgresql_server import server

            url = stack.enter_context(server(durable=True)).url()
        place = create_store(room / ("shuangshen.url" if url else "shuangshen.db"), url).path
        print(f"{asked.passages} passages filled in {filled(place, asked.passages):.0f} s")
        for name, ask in questions(place, asked.passages).items():
            median, best, worked = milliseconds(ask, asked.repeat)
            print(f"{name}: {median:.2f} ms (best {best:.2f}, processor here {worked:.2f})")


if __name__ == "__main__":
    main()
