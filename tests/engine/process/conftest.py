"""The shipped bundle as the store gives it back, and a fresh case under it."""

from __future__ import annotations

import pytest
from process_walk import Walk

from engine.process import Bundle, bundle_from_bytes, bundle_to_bytes, load_bundle


@pytest.fixture(scope="session")
def bundle() -> Bundle:
    return bundle_from_bytes(bundle_to_bytes(load_bundle()))


@pytest.fixture
def case(bundle: Bundle) -> Walk:
    return Walk(bundle)
