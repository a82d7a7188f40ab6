"""The loopback server as a fixture; its module lives beside the tests under a name of its own."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

sys.path.append(str(Path(__file__).parent))

if TYPE_CHECKING:
    from vlm_server import Server


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    from vlm_server import running

    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.delenv("DIARCHY_API_KEY", raising=False)
    with running() as started:
        yield started
