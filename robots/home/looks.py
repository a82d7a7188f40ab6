"""Colours, textures and light: what makes a picture of the home a pleasure."""

from __future__ import annotations

from typing import Any

import numpy as np

Rgba = tuple[float, float, float, float]

COLOURS: dict[str, Rgba] = {
    "red": (0.80, 0.12, 0.10, 1.0),
    "blue": (0.13, 0.30, 0.72, 1.0),
    "green": (0.25, 0.58, 0.22, 1.0),
    "yellow": (0.95, 0.77, 0.18, 1.0),
    "orange": (0.93, 0.49, 0.13, 1.0),
    "white": (0.93, 0.92, 0.88, 1.0),
    "black": (0.09, 0.09, 0.10, 1.0),
    "brown": (0.56, 0.37, 0.20, 1.0),
    "grey": (0.58, 0.60, 0.62, 1.0),
    "purple": (0.47, 0.24, 0.58, 1.0),
}

# name: (first colour, second colour, builtin pattern, repeats per metre, specular)
_TEXTURED: dict[str, tuple[tuple[float, ...], tuple[float, ...], str, float, float]] = {
    "tiles": ((0.82, 0.81, 0.77), (0.74, 0.73, 0.69), "checker", 1.25, 0.3),
    "stone": ((0.36, 0.37, 0.38), (0.36, 0.37, 0.38), "flat", 2.0, 0.4),
    "dark_tiles": ((0.40, 0.43, 0.45), (0.34, 0.37, 0.39), "checker", 1.0, 0.3),
    "terracotta_tiles": ((0.71, 0.45, 0.34), (0.64, 0.39, 0.29), "checker", 1.6, 0.1),
    "chess_tiles": ((0.88, 0.87, 0.84), (0.42, 0.46, 0.48), "checker", 1.25, 0.3),
}
_PLAIN: dict[str, tuple[Rgba, float]] = {
    "wall_warm": ((0.93, 0.89, 0.81, 1.0), 0.0),
    "wall_sage": ((0.77, 0.82, 0.75, 1.0), 0.0),
    "wall_blue": ((0.74, 0.81, 0.87, 1.0), 0.0),
    "wall_sand": ((0.89, 0.81, 0.68, 1.0), 0.0),
    "wall_rose": ((0.89, 0.77, 0.73, 1.0), 0.0),
    "wall_mint": ((0.75, 0.86, 0.80, 1.0), 0.0),
    "wall_grey": ((0.80, 0.80, 0.80, 1.0), 0.0),
    "wall_ochre": ((0.88, 0.74, 0.49, 1.0), 0.0),
    "carpet_grey": ((0.62, 0.62, 0.60, 1.0), 0.0),
    "carpet_blue": ((0.43, 0.51, 0.59, 1.0), 0.0),
    "trim": ((0.97, 0.96, 0.94, 1.0), 0.1),
    "cabinet": ((0.33, 0.44, 0.45, 1.0), 0.15),
    "cabinet_face": ((0.38, 0.50, 0.51, 1.0), 0.2),
    "enamel": ((0.90, 0.92, 0.93, 1.0), 0.5),
    "enamel_inside": ((0.97, 0.98, 0.99, 1.0), 0.2),
    "steel": ((0.66, 0.68, 0.70, 1.0), 0.8),
    "dark": ((0.13, 0.14, 0.15, 1.0), 0.2),
    "bin": ((0.28, 0.36, 0.33, 1.0), 0.2),
    "fabric": ((0.36, 0.45, 0.54, 1.0), 0.0),
    "fabric_light": ((0.45, 0.54, 0.63, 1.0), 0.0),
    "rug": ((0.70, 0.38, 0.28, 1.0), 0.0),
    "rug_border": ((0.86, 0.76, 0.62, 1.0), 0.0),
    "window": ((0.72, 0.87, 0.97, 1.0), 0.3),
    "leaf": ((0.22, 0.45, 0.20, 1.0), 0.05),
    "terracotta": ((0.72, 0.40, 0.28, 1.0), 0.05),
    "skin": ((0.86, 0.66, 0.53, 1.0), 0.05),
    "denim": ((0.22, 0.28, 0.42, 1.0), 0.0),
    "basin": ((0.74, 0.77, 0.79, 1.0), 0.6),
    "linen": ((0.94, 0.93, 0.90, 1.0), 0.0),
    # These two are lit by the state of their device.
    "oven_glass": ((0.10, 0.11, 0.13, 1.0), 0.6),
    "lamp_shade": ((0.88, 0.84, 0.74, 1.0), 0.0),
}
_WOODS: dict[str, tuple[tuple[float, ...], tuple[float, ...]]] = {
    "wood_floor": ((0.66, 0.48, 0.31), (0.57, 0.40, 0.25)),
    "oak": ((0.72, 0.53, 0.34), (0.67, 0.48, 0.30)),
    "walnut": ((0.45, 0.30, 0.20), (0.40, 0.26, 0.17)),
    "worktop": ((0.80, 0.65, 0.46), (0.75, 0.60, 0.41)),
    "pale_floor": ((0.80, 0.70, 0.56), (0.74, 0.63, 0.49)),
    "dark_floor": ((0.42, 0.29, 0.20), (0.35, 0.24, 0.16)),
}
DECOR_CLASSES = ("Rug", "RoundRug", "Window", "Curtains", "Picture", "Mirror", "Clock", "Pendant")
FLOORS = (
    "tiles", "dark_tiles", "terracotta_tiles", "chess_tiles", "wood_floor", "pale_floor",
    "dark_floor", "carpet_grey", "carpet_blue",
)  # fmt: skip
WALLS = (
    "wall_warm", "wall_sage", "wall_blue", "wall_sand", "wall_rose", "wall_mint", "wall_grey",
    "wall_ochre",
)  # fmt: skip

STYLES: dict[str, dict[str, tuple[float, float, float]]] = {
    "classic": {},
    "coast": {
        "cabinet": (0.84, 0.86, 0.86), "cabinet_face": (0.90, 0.91, 0.90),
        "fabric": (0.24, 0.42, 0.55), "fabric_light": (0.34, 0.53, 0.66),
        "rug": (0.32, 0.50, 0.62), "rug_border": (0.90, 0.88, 0.80), "bin": (0.30, 0.40, 0.48),
        "worktop": (0.86, 0.90, 0.93),
    },
    "forest": {
        "cabinet": (0.26, 0.36, 0.28), "cabinet_face": (0.31, 0.42, 0.33),
        "fabric": (0.40, 0.45, 0.30), "fabric_light": (0.50, 0.55, 0.39),
        "rug": (0.45, 0.50, 0.36), "rug_border": (0.83, 0.79, 0.66), "bin": (0.33, 0.30, 0.26),
    },
    "rust": {
        "cabinet": (0.60, 0.33, 0.22), "cabinet_face": (0.68, 0.39, 0.27),
        "fabric": (0.68, 0.40, 0.26), "fabric_light": (0.77, 0.50, 0.35),
        "rug": (0.33, 0.38, 0.44), "rug_border": (0.88, 0.80, 0.68), "bin": (0.30, 0.30, 0.32),
        "oak": (0.95, 0.86, 0.78),
    },
    "ink": {
        "cabinet": (0.15, 0.19, 0.27), "cabinet_face": (0.19, 0.24, 0.33),
        "fabric": (0.62, 0.60, 0.57), "fabric_light": (0.72, 0.70, 0.67),
        "rug": (0.20, 0.25, 0.36), "rug_border": (0.80, 0.78, 0.74), "bin": (0.22, 0.22, 0.24),
        "oak": (0.72, 0.66, 0.62), "worktop": (0.92, 0.92, 0.92),
    },
    "berry": {
        "cabinet": (0.93, 0.91, 0.87), "cabinet_face": (0.96, 0.94, 0.91),
        "fabric": (0.52, 0.28, 0.40), "fabric_light": (0.63, 0.38, 0.50),
        "rug": (0.60, 0.36, 0.44), "rug_border": (0.90, 0.83, 0.76), "bin": (0.46, 0.30, 0.36),
        "walnut": (0.80, 0.72, 0.70),
    },
}  # fmt: skip
"""Sets of colours for the furniture of a flat; woods are tinted by theirs."""

LIGHTING: dict[str, tuple[tuple[float, float, float], float]] = {
    "day": ((1.0, 0.98, 0.94), 1.12),
    "evening": ((1.0, 0.86, 0.70), 0.95),
    "dim": ((0.95, 0.92, 1.0), 0.55),
}


def colour(name: str) -> Rgba:
    """Return the colour of that name; the scene loader has checked that it exists."""
    return COLOURS[name]


def add_materials(spec: Any, style: str = "classic") -> None:
    """Add every texture and material to a `mujoco.MjSpec`; ``style`` is one of `STYLES`."""
    import mujoco

    spec.add_texture(
        name="sky",
        type=mujoco.mjtTexture.mjTEXTURE_SKYBOX,
        builtin=mujoco.mjtBuiltin.mjBUILTIN_GRADIENT,
        rgb1=[0.80, 0.88, 0.95],
        rgb2=[0.96, 0.95, 0.92],
        width=64,
        height=384,
    )
    for name, (first, second, pattern, repeat, specular) in _TEXTURED.items():
        builtin = {
            "checker": mujoco.mjtBuiltin.mjBUILTIN_CHECKER,
            "flat": mujoco.mjtBuiltin.mjBUILTIN_FLAT,
        }[pattern]
        spec.add_texture(
            name=name,
            type=mujoco.mjtTexture.mjTEXTURE_2D,
            builtin=builtin,
            rgb1=first,
            rgb2=second,
            width=256,
            height=256,
        )
        _material(spec, name, (1.0, 1.0, 1.0, 1.0), specular, texture=name, repeat=repeat)
    tints: dict[str, Rgba] = {n: (*rgb, 1.0) for n, rgb in STYLES[style].items()}
    for name, (first, second) in _WOODS.items():
        _wood(spec, name, first, second, tints.get(name, (1.0, 1.0, 1.0, 1.0)))
    for name, (rgba, specular) in _PLAIN.items():
        _material(spec, name, tints.get(name, rgba), specular)
    for name, rgba in COLOURS.items():
        _material(spec, f"paint_{name}", rgba, 0.35)


def _material(
    spec: Any,
    name: str,
    rgba: Rgba,
    specular: float,
    *,
    texture: str | None = None,
    repeat: float = 1.0,
) -> None:
    import mujoco

    material = spec.add_material(
        name=name, rgba=rgba, specular=specular, shininess=0.3, reflectance=0.0
    )
    if texture is not None:
        material.textures[mujoco.mjtTextureRole.mjTEXROLE_RGB] = texture
        material.texuniform = True
        material.texrepeat = [repeat, repeat]


def _wood(
    spec: Any, name: str, first: tuple[float, ...], second: tuple[float, ...], tint: Rgba
) -> None:
    """Boards: stripes of slightly different tones with fine grain, the same on every machine."""
    import mujoco

    size, boards = 256, 8
    rng = np.random.default_rng(7)
    image = np.empty((size, size, 3))
    board = size // boards
    for i in range(boards):
        rows = slice(i * board, (i + 1) * board)
        offset = int(rng.integers(size))
        for half in range(2):
            columns = (np.arange(size // 2) + offset + half * size // 2) % size
            blend = rng.uniform(0.0, 1.0)
            tone = np.array(first) * (1 - blend) + np.array(second) * blend
            image[rows, columns] = tone
            image[rows, columns[0]] *= 0.80
        image[i * board] *= 0.80
    grain = rng.normal(0.0, 1.0, (size, 1, 1)) + 0.35 * rng.normal(0.0, 1.0, (size, size, 1))
    image = np.clip(image + 0.012 * grain, 0.0, 1.0)
    texture = spec.add_texture(name=name, type=mujoco.mjtTexture.mjTEXTURE_2D)
    texture.width, texture.height, texture.nchannel = size, size, 3
    texture.data = (image * 255).astype(np.uint8).tobytes()
    _material(spec, name, tint, 0.12, texture=name, repeat=0.8)


def add_lights(spec: Any, centre: tuple[float, float], lighting: str) -> None:
    """Light the home: one sun that can cast shadows, and soft fill from the sides."""
    import mujoco

    tint, strength = LIGHTING[lighting]
    spec.visual.headlight.ambient = [0.46 * strength * c for c in tint]
    spec.visual.headlight.diffuse = [0.14 * strength * c for c in tint]
    spec.visual.headlight.specular = [0.0, 0.0, 0.0]
    spec.worldbody.add_light(
        name="sun",
        type=mujoco.mjtLightType.mjLIGHT_DIRECTIONAL,
        pos=[centre[0] - 2.0, centre[1] - 2.5, 6.0],
        dir=[0.22, 0.36, -0.90],
        diffuse=[0.26 * strength * c for c in tint],
        specular=[0.15, 0.15, 0.15],
        castshadow=True,
    )
    # Large faces are lit at their corners only, so lamps inside rooms would leave the walls dark.
    for i, direction in enumerate(([0.85, -0.15, -0.35], [-0.85, -0.15, -0.35], [0.1, 0.9, -0.3])):
        spec.worldbody.add_light(
            name=f"fill_{i}",
            type=mujoco.mjtLightType.mjLIGHT_DIRECTIONAL,
            pos=[*centre, 3.0],
            dir=direction,
            diffuse=[0.20 * strength * c for c in tint],
            specular=[0.0, 0.0, 0.0],
            castshadow=False,
        )
