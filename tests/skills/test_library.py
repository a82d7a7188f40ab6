from __future__ import annotations

import subprocess
import sys
from importlib.metadata import EntryPoint

import pytest

from diarchy.contracts.errors import BadInputError
from diarchy.contracts.skill import Outcome, SkillSpec
from diarchy.skills import library as library_module
from diarchy.skills.library import SkillLibrary, default_library
from diarchy.skills.specs import BUILTIN


class Wave:
    """A third party's skill."""

    def __init__(self, spec=None, backend="motion", sentence="Wave."):
        self.spec = SkillSpec(name="wave", sentence=sentence)
        self.backend = backend

    def start(self, call, context, proprio):
        return Outcome.done()
        yield


def test_auto_takes_what_was_registered_first_and_builds_it_once():
    library, built = SkillLibrary(), []

    def factory():
        built.append(1)
        return Wave()

    library.register(Wave().spec, "motion", factory)
    library.register(Wave().spec, "vla", lambda: Wave(backend="vla"))
    assert built == []
    assert library.get("wave") is library.get("wave", "motion")
    assert built == [1]
    assert library.get("wave", "vla").backend == "vla"
    assert library.backends("wave") == ("motion", "vla")


def test_an_unknown_skill_names_the_closest():
    with pytest.raises(BadInputError, match="did you mean 'wave'"):
        _with_wave().get("wabe")


def test_an_explicit_backend_is_never_replaced():
    with pytest.raises(BadInputError, match="no 'vla' backend"):
        _with_wave().get("wave", "vla")


def test_the_same_name_with_another_specification_is_refused():
    library = _with_wave()
    with pytest.raises(BadInputError, match="another specification"):
        library.add(Wave(sentence="Wave wildly.", backend="vla"))
    with pytest.raises(BadInputError, match="already"):
        library.add(Wave())


def _with_wave():
    library = SkillLibrary()
    library.add(Wave())
    return library


def test_the_default_library_offers_every_builtin_and_what_is_installed(monkeypatch, caplog):
    good = EntryPoint("wave", "diarchy_wave:Wave", "diarchy.skills")
    bad = EntryPoint("broken", "no_such_module:Nothing", "diarchy.skills")
    monkeypatch.setattr(EntryPoint, "load", lambda self: Wave if self is good else _fail())
    monkeypatch.setattr(library_module, "entry_points", lambda group: [good, bad])
    library = default_library(None)
    assert [s.name for s in library.specs] == [s.name for s in BUILTIN] + ["wave"]
    assert "broken" in caplog.text


def _fail():
    raise ModuleNotFoundError("no_such_module")


def test_building_the_library_imports_nothing_heavy():
    code = (
        "import sys; from diarchy.skills.library import default_library; default_library(None);"
        "sys.exit(any(m in sys.modules for m in ('mujoco', 'torch', 'skimage', 'scipy')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
