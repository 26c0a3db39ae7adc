"""The one door to SpiffWorkflow: whose turn it is, and what comes next, over an opaque position.

The store keeps the bytes, the acts call these functions inside one transaction; nothing here knows a database.
"""

from engine.process.bundle import Bundle, bundle_from_bytes, bundle_to_bytes, load_bundle
from engine.process.door import Step, add, complete, open_turns, send, skip, start, to_plain, variables

__all__ = [
    "Bundle",
    "Step",
    "add",
    "bundle_from_bytes",
    "bundle_to_bytes",
    "complete",
    "load_bundle",
    "open_turns",
    "send",
    "skip",
    "start",
    "to_plain",
    "variables",
]
