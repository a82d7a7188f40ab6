"""Where the Fetch's description and meshes lie: inside the gymnasium-robotics wheel (MIT).

The package is located, never imported: importing it prints a warning and registers environments.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path

from diarchy.contracts.errors import MissingExtraError


def fetch_assets() -> Path:
    """Return the ``envs/assets`` folder of the installed gymnasium-robotics.

    Raises:
        MissingExtraError: gymnasium-robotics is not installed, or has no Fetch in it.
    """
    found = importlib.util.find_spec("gymnasium_robotics")
    locations = list(found.submodule_search_locations or ()) if found else []
    for location in locations:
        folder = Path(location) / "envs" / "assets"
        if (folder / "fetch" / "robot.xml").is_file():
            return folder
    raise MissingExtraError("the Fetch of the simulated home", "sim")
