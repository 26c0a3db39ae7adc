"""What looks over the whole trail does so in both databases: how decisions are signed, and the head by SM3."""

from __future__ import annotations

from databases import Database
from store_cases import two_cases

from engine.store.second_head import require_second_head, second_head
from engine.store.signing import verify_signatures


def test_unsigned_decisions_are_counted(database: Database) -> None:
    path = two_cases(database.new_store())
    assert verify_signatures(path) == (0, 2, 0)


def test_the_head_by_sm3_is_the_same_when_read_again(database: Database) -> None:
    path = two_cases(database.new_store())
    head = second_head(path)
    require_second_head(path, head)
    assert (head.size, second_head(path, 3).root == head.root) == (5, False)
