"""Rules of the house that import-linter cannot check: what a running engine loads, and what the source never says."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SOURCES = sorted(path for package in ("engine", "gui", "assets") for path in (ROOT / package).rglob("*.py"))

UNPICKLERS = {"pickle", "cPickle", "_pickle", "pickletools", "cloudpickle", "dill", "joblib", "marshal", "shelve"}
EVALUATORS = {"eval", "exec"}

LOAD_EVERY_ENGINE_MODULE = """
import importlib, pkgutil, sys
import engine
loaded = [importlib.import_module(module.name) for module in pkgutil.walk_packages(engine.__path__, "engine.")]
forbidden = ("PySide6", "shiboken6", "pyqtgraph", "gui")
print(len(loaded), *(name for name in sys.modules if name.split(".")[0] in forbidden))
"""


def test_no_engine_module_loads_the_window_or_qt() -> None:
    result = subprocess.run(
        [sys.executable, "-c", LOAD_EVERY_ENGINE_MODULE], cwd=ROOT, capture_output=True, text=True, check=True
    )
    n_modules, *forbidden = result.stdout.split()
    assert int(n_modules) >= len(list((ROOT / "engine").glob("*.py"))) - 1
    assert forbidden == []


def unsafe_constructs(source: str) -> Iterator[str]:
    """What in ``source`` could run code that came as data."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.split(".")[0] in UNPICKLERS)
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in UNPICKLERS:
            yield node.module or ""
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in EVALUATORS:
            yield node.func.id
        elif isinstance(node, ast.keyword) and node.arg == "allow_pickle" and ast.unparse(node.value) != "False":
            yield node.arg


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_nothing_is_unpickled_or_evaluated(path: Path) -> None:
    assert list(unsafe_constructs(path.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("import pickle", ["pickle"]),
        ("import os, joblib.memory as m", ["joblib.memory"]),
        ("from pickle import loads", ["pickle"]),
        ("np.load(path, allow_pickle=True)", ["allow_pickle"]),
        ("np.load(path, allow_pickle=choice)", ["allow_pickle"]),
        ("x = [eval(text)]", ["eval"]),
        ("exec(code)", ["exec"]),
        ("np.load(path, allow_pickle=False)", []),
        ("frame.list.eval(polars.element()); app.exec()", []),
        ("'pickle, eval(text), allow_pickle=True'  # eval(text)", []),
    ],
)
def test_unsafe_constructs_are_found_in_code_and_not_in_prose(source: str, found: list[str]) -> None:
    assert list(unsafe_constructs(source)) == found
