"""The memory: cases, what is filed in them, whose turn it is, and the trail, written together or not at all.

`open_store(path).work()` is the only way to write; `engine.store.reads` answers the quick questions. Names are loaded
on first use, so that reading a queue never pays for the ORM.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.store.acts import Act, Receipt, Taken
    from engine.store.bundle import Bundle, write_bundle
    from engine.store.opening import Store, create_store, open_store
    from engine.store.verify import verify_store
    from engine.store.work import UnitOfWork

__all__ = [
    "Act",
    "Bundle",
    "Receipt",
    "Store",
    "Taken",
    "UnitOfWork",
    "create_store",
    "open_store",
    "verify_store",
    "write_bundle",
]

_HOMES = {
    "Act": "acts",
    "Bundle": "bundle",
    "Receipt": "acts",
    "Store": "opening",
    "Taken": "acts",
    "UnitOfWork": "work",
    "create_store": "opening",
    "open_store": "opening",
    "verify_store": "verify",
    "write_bundle": "bundle",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
