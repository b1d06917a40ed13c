from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtGui import QColor

from gui.plots.colour_scale import amounts, diverging, ink_on
from gui.theme import DARK, LIGHT, PAPER, Theme

THEMES = pytest.mark.parametrize("theme", [LIGHT, DARK, PAPER], ids=lambda theme: theme.name)


def luminance(rgba: np.ndarray) -> np.ndarray:
    channels = rgba[..., :3] / 255.0
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return linear @ np.array([0.2126, 0.7152, 0.0722])


@THEMES
def test_zero_is_the_ground(theme: Theme) -> None:
    card = QColor(theme.card)
    for rgba in (amounts(0.0, theme), diverging(0.0, theme)):
        np.testing.assert_allclose(rgba[:3].astype(int), [card.red(), card.green(), card.blue()], atol=1)


@THEMES
def test_more_stands_out_more_on_both_sides(theme: Theme) -> None:
    steps = np.linspace(0.0, 1.0, 21)
    for side in (1.0, -1.0):
        contrast = np.abs(luminance(diverging(side * steps, theme)) - luminance(diverging(0.0, theme)))
        assert (np.diff(contrast) > -1e-3).all()
        assert contrast[-1] > 0.25


@THEMES
def test_the_two_signs_differ_in_blue_against_red(theme: Theme) -> None:
    positive, negative = diverging(1.0, theme).astype(int), diverging(-1.0, theme).astype(int)
    assert positive[2] - positive[0] > 80
    assert negative[0] - negative[2] > 80


def test_what_is_no_number_is_transparent_and_what_is_too_much_the_end() -> None:
    found = diverging([np.nan, np.inf, -np.inf, 7.0], LIGHT)
    assert found[:, 3].tolist() == [0, 255, 255, 255]
    np.testing.assert_array_equal(found[1], diverging(1.0, LIGHT))
    np.testing.assert_array_equal(found[2], diverging(-1.0, LIGHT))
    np.testing.assert_array_equal(found[3], diverging(1.0, LIGHT))


@given(st.tuples(*[st.integers(0, 255)] * 3))
def test_ink_can_be_read_on_any_colour(colour: tuple[int, int, int]) -> None:
    """WCAG 2.1 asks for a contrast of 4.5 to 1."""
    rgba = np.array([*colour, 255], dtype=np.uint8)
    ink, ground = 1.0 if ink_on(rgba) == QColor("#ffffff") else 0.0, float(luminance(rgba))
    lighter, darker = max(ink, ground), min(ink, ground)
    assert (lighter + 0.05) / (darker + 0.05) >= 4.4
