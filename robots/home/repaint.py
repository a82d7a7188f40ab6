"""Other colours, materials and light for a compiled home: what randomisation changes of its looks."""

from __future__ import annotations

from typing import Any

import numpy as np

from diarchy.robots.home.looks import FLOORS, STYLES, WALLS

_FURNITURE = (
    "cabinet", "cabinet_face", "fabric", "fabric_light", "rug", "rug_border", "bin", "terracotta",
    "oak", "walnut", "worktop", "denim",
)  # fmt: skip


def retint(model: Any, strength: float, rng: np.random.Generator) -> dict[str, list[float]]:
    """Every paint a little lighter or darker, greyer or stronger: a red stays a red."""
    found = {}
    for i in range(model.nmat):
        name = model.mat(i).name
        if name.startswith("paint_"):
            rgb = np.array(model.mat_rgba[i, :3], dtype=np.float64)
            grey = rgb.mean()
            full = 1.0 + strength * rng.uniform(-0.20, 0.15)
            light = 1.0 + strength * rng.uniform(-0.18, 0.12)
            model.mat_rgba[i, :3] = np.clip((grey + (rgb - grey) * full) * light, 0.02, 1.0)
            found[name.removeprefix("paint_")] = [round(float(v), 3) for v in model.mat_rgba[i, :3]]
    return found


def retexture(model: Any, strength: float, rng: np.random.Generator) -> dict[str, Any]:
    """Other floors, walls and furniture: what stands where stays the same."""
    style = sorted(STYLES)[int(rng.integers(len(STYLES)))]
    for name in _FURNITURE:
        rgba = model.mat_rgba[model.mat(name).id]
        tint = np.array(STYLES[style].get(name, rgba[:3]))
        blend = min(1.0, strength)
        jitter = 1.0 + strength * rng.uniform(-0.10, 0.10, 3)
        rgba[:3] = np.clip(((1.0 - blend) * rgba[:3] + blend * tint) * jitter, 0.02, 1.0)
    for name in (*FLOORS, "oak", "walnut", "worktop"):
        model.mat_texrepeat[model.mat(name).id] *= 1.0 + 0.3 * strength * rng.uniform(-1.0, 1.0)
    swapped: dict[str, str] = {}
    for kind in (FLOORS, WALLS):
        names = {int(model.mat(name).id): name for name in kind}
        order = rng.permutation(len(kind))
        others = {old: kind[int(new)] for old, new in zip(kind, order, strict=True)}
        for geom in range(model.ngeom):
            old = names.get(int(model.geom_matid[geom]))
            if old is not None:
                swapped[old] = others[old]
                model.geom_matid[geom] = model.mat(others[old]).id
    for name in (*FLOORS, *WALLS):
        rgba = model.mat_rgba[model.mat(name).id]
        rgba[:3] = np.clip(rgba[:3] * (1.0 + strength * rng.uniform(-0.08, 0.05, 3)), 0.02, 1.0)
    return {"style": style, "swapped": swapped}


def relight(model: Any, strength: float, rng: np.random.Generator) -> dict[str, Any]:
    """Another hour, another sky: direction and warmth of the light, how many sides it comes from."""
    warmth = strength * rng.uniform(-1.0, 1.0)
    tint = np.array([1.0 + 0.10 * warmth, 1.0, 1.0 - 0.14 * warmth])
    brightness = 1.0 + strength * rng.uniform(-0.25, 0.12)
    head = model.vis.headlight
    head.ambient[:] = np.clip(head.ambient * tint * brightness, 0.05, 0.9)
    head.diffuse[:] = np.clip(head.diffuse * tint * brightness, 0.0, 0.9)
    names = ["sun", *(f"fill_{i}" for i in range(3))]
    dark = f"fill_{int(rng.integers(3))}" if rng.uniform() < 0.5 * strength else ""
    for name in names:
        i = model.light(name).id
        turned = model.light_dir[i] + strength * rng.uniform(-0.25, 0.25, 3) * [1.0, 1.0, 0.3]
        model.light_dir[i] = turned / np.linalg.norm(turned)
        gain = brightness * (1.0 + strength * rng.uniform(-0.25, 0.25))
        model.light_diffuse[i] = model.light_diffuse[i] * tint * gain
        if name == dark:
            model.light_active[i] = 0
    return {
        "warmth": round(float(warmth), 3),
        "brightness": round(float(brightness), 3),
        "sun": [round(float(v), 3) for v in model.light_dir[model.light("sun").id]],
        "off": [dark] if dark else [],
    }
