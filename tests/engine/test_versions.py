import sys

import PySide6

from engine.versions import version, versions


def test_versions_are_those_in_use() -> None:
    found = versions()
    assert found["Python"] == sys.version.split()[0]
    assert found["PySide6"] == PySide6.__version__
    assert list(found) == ["softmax-lab", "Python", "NumPy", "PySide6", "pyqtgraph"]


def test_what_is_not_installed_is_unknown() -> None:
    assert version("no-such-package-as-this") == "unknown"
