"""Fingers that press on a round thing stay outside of it, however it stands between them."""

from __future__ import annotations

from typing import Any

import mujoco
import numpy as np
import pytest

from diarchy.robots.home.fetch_data import FINGER_CONTACT, FINGERS
from diarchy.robots.home.objects import OBJECT_CLASSES
from diarchy.robots.home.parts import add_part

DEEPEST = 0.002
"""m: a light thing between two fingers of 60 N gives way by less than a millimetre."""
ROUND = ("SaltShaker", "SodaCan", "GlassBottle", "TeddyBear")


def between_fingers(cls: str, gravity: tuple[float, float, float] = (0.0, 0.0, 0.0)) -> Any:
    """A model of two sliding fingers, as the Fetch's, with a thing of a class between them."""
    contact = " ".join(f'{k}="{v}"' for k, v in FINGER_CONTACT.items())
    finger = (
        '<body name="{0}" pos="0 {1} 0"><joint name="{0}" type="slide" axis="0 {2} 0" armature="2" damping="20"/>'
        f'<geom type="box" size=".0135 .007 .0385" mass=".2" {contact}/></body>'
    )
    spec = mujoco.MjSpec.from_string(
        '<mujoco><option timestep="0.0025" integrator="implicitfast" cone="elliptic" impratio="50"/>'
        f"<worldbody>{finger.format('left', 0.055, 1)}{finger.format('right', -0.055, -1)}</worldbody>"
        "<actuator>"
        + "".join(
            f'<general joint="{j}" biastype="affine" biasprm="-{FINGERS.force}"/>'
            for j in ("left", "right")
        )
        + "</actuator></mujoco>"
    )
    spec.option.gravity = gravity
    kind = OBJECT_CLASSES[cls]
    for name in {p.material for p in kind.parts(kind.colors[0])}:
        spec.add_material(name=name)
    body = spec.worldbody.add_body(name="thing")
    body.add_freejoint()
    parts = kind.parts(kind.colors[0])
    for i, part in enumerate(parts):
        mass = kind.mass / sum(p.solid for p in parts)
        add_part(spec, body, part, f"thing/{i}", contact=kind.contact, mass=mass)
    return spec.compile()


def deepest(model: Any, height: float, rng: np.random.Generator) -> float:
    """Close the fingers on it somewhere, a little aslant; returns how deep (m) they are in it after half a second."""
    data = mujoco.MjData(model)
    turn = np.zeros(4)
    tilt = rng.uniform(-0.15, 0.15, 2)
    mujoco.mju_euler2Quat(turn, np.array([*tilt, rng.uniform(0.0, 2.0 * np.pi)]), "xyz")
    at = [rng.uniform(-0.008, 0.008), rng.uniform(-0.003, 0.003), -height * rng.uniform(0.4, 0.8)]
    data.qpos[2:9] = [*at, *turn]
    for _ in range(200):
        mujoco.mj_step(model, data)
    assert data.ncon > 0
    return -float(data.contact.dist.min())


@pytest.mark.parametrize("cls", ROUND)
def test_fingers_do_not_sink_into_what_is_round(cls: str) -> None:
    model, rng = between_fingers(cls), np.random.default_rng(3)
    depths = [deepest(model, OBJECT_CLASSES[cls].extent[2], rng) for _ in range(12)]
    assert max(depths) < DEEPEST


def test_only_fingers_touch_the_flat_sides() -> None:
    model = between_fingers("SaltShaker")
    facets = [g for g in range(model.ngeom) if "/facet" in model.geom(g).name]
    body = next(
        g for g in range(model.ngeom) if model.geom_type[g] == mujoco.mjtGeom.mjGEOM_CYLINDER
        and model.geom_contype[g]
    )  # fmt: skip
    finger = next(g for g in range(model.ngeom) if model.geom_priority[g] == 1)
    others = 1

    def touch(first: tuple[int, int], second: tuple[int, int]) -> bool:
        return bool(first[0] & second[1] or second[0] & first[1])

    def bits(geom: int) -> tuple[int, int]:
        return int(model.geom_contype[geom]), int(model.geom_conaffinity[geom])

    assert facets
    assert all(model.geom(g).group[0] == 3 and touch(bits(g), bits(finger)) for g in facets)
    assert not any(touch(bits(g), (others, others)) or touch(bits(g), bits(body)) for g in facets)
    assert not touch(bits(body), bits(finger))
    assert touch(bits(body), (others, others))
    assert touch(bits(body), bits(body))
    assert touch(bits(finger), (others, others))


def test_a_mug_hangs_on_its_handle_without_turning() -> None:
    model = between_fingers("Mug", gravity=(-9.81, 0.0, 0.0))
    data = mujoco.MjData(model)
    # Its upright bar lies along the width of the fingers, its body is below their tips.
    mug = np.column_stack([(0.0, 0.0, 1.0), (0.0, -1.0, 0.0), (1.0, 0.0, 0.0)])
    turn, bar = np.zeros(4), np.array([0.065, 0.0, 0.049])
    mujoco.mju_mat2Quat(turn, mug.ravel())
    stands = [*(np.array([0.0, 0.0, -0.0265]) - mug @ bar), *turn]
    for _ in range(200):
        data.qpos[2:9], data.qvel[2:8] = stands, 0.0
        mujoco.mj_step(model, data)
    assert data.contact.pos[:, 2].max() > -0.033, "the fingers are on the handle, not on the body"
    for _ in range(800):
        mujoco.mj_step(model, data)
    turned = np.arccos((np.trace(mug.T @ data.body("thing").xmat.reshape(3, 3)) - 1.0) / 2.0)
    assert np.degrees(turned) < 3.0
    assert np.linalg.norm(data.qpos[2:5] - stands[:3]) < 0.003
