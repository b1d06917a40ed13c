import itertools

import numpy as np
import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor

from gui.plots.class_style import class_colours, marker_path

SHAPES = 8
# Viénot, Brettel and Mollon (1999), doi:10.1002/(SICI)1520-6378(199908)24:4<243::AID-COL5>3.0.CO;2-3, on linear RGB.
BLIND = {
    "normal": np.eye(3),
    "protan": np.array([[0.11238, 0.88762, 0.0], [0.11238, 0.88762, 0.0], [0.00401, -0.00401, 1.0]]),
    "deutan": np.array([[0.29275, 0.70725, 0.0], [0.29275, 0.70725, 0.0], [-0.02234, 0.02234, 1.0]]),
}
_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])


def lab(colour: QColor, seen: np.ndarray) -> np.ndarray:
    rgb = np.array([colour.redF(), colour.greenF(), colour.blueF()])
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    xyz = _XYZ @ (seen @ linear).clip(0, 1) / np.array([0.9505, 1.0, 1.089])
    f = np.where(xyz > 216 / 24389, np.cbrt(xyz), (24389 / 27 * xyz + 16) / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("n", [2, 3, 7, 8, 10, 11, 26])
def test_one_colour_a_class(n: int) -> None:
    names = [colour.name() for colour in class_colours(n)]
    assert len(names) == n
    assert len(set(names)) == n
    assert "#000000" not in names
    assert "#ffffff" not in names


def test_beyond_26_colours_and_markers_together_still_differ() -> None:
    colours = class_colours(100)
    assert len(colours) == 100
    assert len({(colour.name(), i % SHAPES) for i, colour in enumerate(colours)}) == 100


@pytest.mark.parametrize("eyes", BLIND)
@pytest.mark.parametrize(("n", "least"), [(7, 15.0), (10, 8.0), (26, 4.0)])
def test_colour_blind_eyes_tell_them_apart(eyes: str, n: int, least: float) -> None:
    seen = [lab(colour, BLIND[eyes]) for colour in class_colours(n)]
    assert min(np.linalg.norm(a - b) for a, b in itertools.combinations(seen, 2)) > least


def test_eight_shapes_come_round() -> None:
    paths = [marker_path(i) for i in range(2 * SHAPES)]
    for a, b in itertools.combinations(range(SHAPES), 2):
        assert paths[a] != paths[b]
    for i in range(SHAPES):
        assert paths[i] == paths[i + SHAPES]


@pytest.mark.parametrize("index", range(SHAPES))
def test_markers_are_alike_in_size_and_place(index: int) -> None:
    path = marker_path(index)
    bounds = path.boundingRect()
    assert QRectF(-0.6, -0.6, 1.2, 1.2).contains(bounds)
    assert min(bounds.width(), bounds.height()) > 0.75
    assert abs(bounds.center().x()) < 0.1
    assert abs(bounds.center().y()) < 0.1
    assert path.contains(bounds.center())
