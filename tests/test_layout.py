"""The house rules that a linter does not know: links, floors, names, and text that is never executed."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "diarchy"
FLOORS = (
    "contracts",
    "robots",
    "perception",
    "memory",
    "skills",
    "safety",
    "planners",
    "agent",
)
"""Lowest first. A folder imports from its own floor and from those below it."""
LINKED = FLOORS[1:]
BLIND = ("perception", "memory", "skills", "safety", "planners")
"""These work on any robot, so they must not know the simulated home."""

Import = tuple[str, int]


def sources(folder: Path) -> list[Path]:
    return sorted(p for p in folder.rglob("*.py") if "__pycache__" not in p.parts)


def imports(path: Path) -> Iterator[Import]:
    """Every module that a file imports, at its top or inside a function, with the line."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield from ((f"{node.module}.{alias.name}", node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield ("." * node.level + (node.module or ""), node.lineno)


def folder_of(floor: str) -> Path:
    return PACKAGE / "contracts" if floor == "contracts" else ROOT / floor


def show(path: Path, line: int) -> str:
    return f"{path.relative_to(ROOT)}:{line}"


@pytest.mark.parametrize("name", LINKED)
def test_a_link_in_the_package_leads_to_the_real_folder(name: str) -> None:
    link = PACKAGE / name
    assert link.is_symlink(), (
        f"diarchy/{name} is no symbolic link: ln -s ../{name} diarchy/{name} "
        "(on Windows: git config core.symlinks true, then check out again)"
    )
    assert link.readlink() == Path("..") / name
    assert (ROOT / name / "__init__.py").is_file()


def test_every_folder_with_python_in_it_is_a_package() -> None:
    bare = sorted(
        str(path.parent.relative_to(ROOT))
        for floor in FLOORS
        for path in sources(folder_of(floor))
        if not (path.parent / "__init__.py").is_file() and path.parent.name != "contracts"
    )
    assert not bare, f"add an __init__.py, or wheels leave these out: {sorted(set(bare))}"


@pytest.mark.parametrize("floor", FLOORS)
def test_a_floor_imports_only_from_itself_and_below(floor: str) -> None:
    above = FLOORS[FLOORS.index(floor) + 1 :]
    wrong = [
        f"{show(path, line)} imports {module}"
        for path in sources(folder_of(floor))
        for module, line in imports(path)
        if module.split(".")[:1] == ["diarchy"] and module.split(".")[1] in above
    ]
    assert not wrong, f"{floor} must not know the floors above it: {wrong}"


@pytest.mark.parametrize("floor", BLIND)
def test_no_floor_between_knows_the_simulated_home(floor: str) -> None:
    wrong = [
        f"{show(path, line)} imports {module}"
        for path in sources(folder_of(floor))
        for module, line in imports(path)
        if module.startswith("diarchy.robots.home")
    ]
    assert not wrong, f"take what you need from diarchy.contracts: {wrong}"


def test_the_conformance_kits_know_the_contracts_alone() -> None:
    wrong = [
        f"{show(path, line)} imports {module}"
        for path in sources(PACKAGE / "testing")
        for module, line in imports(path)
        if module.split(".")[0] in ("diarchy", "pytest", "hypothesis")
        and module.split(".")[1:2] not in (["contracts"], ["testing"])
    ]
    assert not wrong, f"third parties run the kits without the rest of diarchy: {wrong}"


@pytest.mark.parametrize(
    "folder",
    [*(folder_of(f) for f in FLOORS), PACKAGE / "testing", ROOT / "tests", ROOT / "examples"],
)
def test_nothing_is_imported_by_its_bare_folder_name(folder: Path) -> None:
    wrong = [
        f"{show(path, line)} imports {module}"
        for path in sources(folder)
        for module, line in imports(path)
        if module.split(".")[0] in LINKED or module.startswith(".")
    ]
    assert not wrong, f"write 'from diarchy.X import ...', never a bare or relative name: {wrong}"


@pytest.mark.parametrize("floor", FLOORS)
def test_no_text_is_executed_and_no_error_is_swallowed_blindly(floor: str) -> None:
    wrong = []
    for path in sources(folder_of(floor)):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                if node.func.id in ("eval", "exec"):
                    wrong.append(f"{show(path, node.lineno)} calls {node.func.id}")
            elif isinstance(node, ast.ExceptHandler) and node.type is None:
                wrong.append(f"{show(path, node.lineno)} has a bare except")
    assert not wrong, wrong
