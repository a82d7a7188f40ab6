from __future__ import annotations

import pytest

from diarchy.robots.home import gl


@pytest.mark.parametrize(
    ("chosen", "display", "loads", "expected"),
    [
        (None, None, True, "egl"),
        (None, None, False, "disabled"),
        (None, ":0", True, None),
        ("osmesa", None, True, "osmesa"),
        ("egl", None, False, "disabled"),
    ],
)
def test_the_back_end_is_egl_only_where_nobody_chose_and_it_loads(
    monkeypatch: pytest.MonkeyPatch,
    chosen: str | None,
    display: str | None,
    loads: bool,
    expected: str | None,
) -> None:
    for name, value in (("MUJOCO_GL", chosen), ("DISPLAY", display), ("WAYLAND_DISPLAY", None)):
        if value is None:
            monkeypatch.delenv(name, raising=False)
        else:
            monkeypatch.setenv(name, value)
    monkeypatch.setattr(gl.sys, "platform", "linux")
    monkeypatch.setattr(gl, "_egl_loads", lambda: loads)
    gl.choose_backend()
    assert gl.os.environ.get("MUJOCO_GL") == expected
