"""The installed program, away from its source: what the wheel forgets, only this finds."""

import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest
from plots import WITHOUT_A_WINDOW


def test_the_installed_command_works_in_another_folder(tmp_path: Path) -> None:
    try:
        metadata.version("softmax-lab")
    except metadata.PackageNotFoundError:
        pytest.skip("softmax-lab is not installed here")
    command = [sys.executable, "-m", "gui", "train", "digits", "--epochs", "2", "--out", "out"]
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False)
    assert result.returncode == 0, result.stderr
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        "history.csv", "metrics.json", "model.npz", *(f"{key}.png" for key in WITHOUT_A_WINDOW),
    }  # fmt: skip


def test_every_kind_of_asset_is_installed(tmp_path: Path) -> None:
    code = (
        "from importlib.resources import files; a = files('assets'); "
        "print(*sorted(p.name for d in ('datasets', 'icons', 'fonts', 'theme') for p in (a / d).iterdir()))"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
    )
    if result.returncode != 0 and "No module named" in result.stderr:
        pytest.skip("softmax-lab is not installed here")
    names = set(result.stdout.split())
    source = Path(__file__).parents[1] / "assets"
    expected = {path.name for folder in ("datasets", "icons", "fonts", "theme") for path in (source / folder).iterdir()}
    assert names == expected
