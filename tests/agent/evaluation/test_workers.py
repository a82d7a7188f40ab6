from __future__ import annotations

import sys

import pytest

from diarchy.agent.evaluation import workers
from diarchy.contracts.errors import MissingExtraError


def test_without_ray_the_error_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(MissingExtraError, match="ray"):
        list(workers.in_parallel([], workers=2))
