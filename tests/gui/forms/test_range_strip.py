import numpy as np
import pytest
from driving import pixels

from gui.forms.range_strip import RangeStrip


@pytest.fixture
def strip(qtbot) -> RangeStrip:
    strip = RangeStrip()
    qtbot.addWidget(strip)
    strip.resize(200, strip.sizeHint().height())
    strip.show()
    return strip


def tinted(strip: RangeStrip) -> float:
    """The share of the strip that is neither the track's colour nor the ground's, along its middle."""
    row = pixels(strip)[strip.height() // 2].astype(int)
    return float(np.mean(np.ptp(row, axis=1) > 25))


def test_the_safe_part_ends_at_the_bound(strip: RangeStrip) -> None:
    strip.show_range(0.1, 1.0, certain=True, tip="up to 1")
    assert strip.share(1.0) == pytest.approx(0.8)  # of 1e-4 to 10
    assert tinted(strip) == pytest.approx(0.8, abs=0.03)
    assert strip.toolTip() == strip.accessibleDescription() == "up to 1"


def test_a_guide_is_paler_than_a_promise(strip: RangeStrip) -> None:
    shades = []
    for certain in (True, False):
        strip.show_range(5.0, 1.0, certain=certain, tip="")
        shades.append(np.ptp(pixels(strip)[strip.height() // 2, 60].astype(int)))
    assert shades[0] > shades[1] > 0


def test_the_tick_moves_with_the_value(strip: RangeStrip) -> None:
    pictures = []
    for value in (0.001, 0.01, 5.0):
        strip.show_range(value, 1.0, certain=True, tip="")
        pictures.append(pixels(strip))
    assert not np.array_equal(pictures[0], pictures[1])
    assert not np.array_equal(pictures[1], pictures[2])


@pytest.mark.parametrize("bound", [None, float("nan"), float("inf"), 0.0])
def test_without_a_bound_nothing_is_tinted(strip: RangeStrip, bound: float | None) -> None:
    strip.show_range(0.1, bound, certain=True, tip="")
    assert tinted(strip) == 0.0


@pytest.mark.parametrize(("value", "bound"), [(1e6, 1e-12), (1e-300, 1e300), (5e-324, 1.0), (0.1, 0.1)])
def test_the_scale_grows_to_hold_both(strip: RangeStrip, value: float, bound: float) -> None:
    strip.show_range(value, bound, certain=False, tip="")
    assert 0.0 <= strip.share(min(value, bound)) <= strip.share(max(value, bound)) <= 1.0
    assert pixels(strip).size


def test_it_can_be_very_narrow(strip: RangeStrip) -> None:
    strip.show_range(0.1, 1.0, certain=True, tip="")
    strip.resize(3, 3)
    assert pixels(strip).size
