from __future__ import annotations

from itertools import combinations

import pytest
from driving import click_button, find
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication, QDockWidget

from gui.main_window import MainWindow
from gui.plot_catalogue import STACKS
from gui.plots.base import Plot


@pytest.fixture
def window(own_window: MainWindow) -> MainWindow:
    QApplication.processEvents()
    return own_window


def in_front(window: MainWindow) -> list[Plot]:
    """The plots that can be seen."""
    return [plot for plot in window.plots if not plot.visibleRegion().isEmpty()]


def test_at_first_one_plot_of_each_stack_is_in_front_and_none_covers_another(window: MainWindow) -> None:
    shown = in_front(window)
    assert len(shown) == len(STACKS) == 4
    for one, other in combinations(shown, 2):
        assert (
            not one.rect()
            .translated(one.mapTo(window, one.rect().topLeft()))
            .intersects(other.rect().translated(other.mapTo(window, other.rect().topLeft())))
        )
    widths, heights = ([size(plot) for plot in shown] for size in (Plot.width, Plot.height))
    assert max(widths) - min(widths) <= 8
    assert max(heights) - min(heights) <= 40  # where there are tabs, they take their height


def test_as_tabs_one_plot_fills_the_area_and_as_tiles_all_are_back(window: MainWindow) -> None:
    find(window, "plots_as_tabs", QAction).trigger()
    QApplication.processEvents()
    (only,) = in_front(window)
    assert only.width() > 0.9 * window.plot_area.width()
    window.plot_area.bring_forward(window.plots[2])
    QApplication.processEvents()
    assert in_front(window) == [window.plots[2]]
    find(window, "plots_as_tiles", QAction).trigger()
    QApplication.processEvents()
    assert len(in_front(window)) == 4


def test_a_plot_can_be_hidden_and_shown_from_the_menu(window: MainWindow) -> None:
    toggle = find(window, "accuracy_dock_toggle", QAction)
    assert toggle.isChecked()
    toggle.trigger()
    assert not find(window, "accuracy").isVisible()
    toggle.trigger()
    assert find(window, "accuracy_dock").isVisible()


def test_a_plot_in_its_own_window_comes_back_when_that_is_closed(window: MainWindow) -> None:
    dock = find(window, "cost_dock", QDockWidget)
    click_button(window, "cost_own_window")
    QApplication.processEvents()
    assert dock.isFloating()
    assert dock.isWindow()
    assert dock.windowTitle() == "Cost"
    assert find(window, "cost").isVisible()
    dock.close()
    QApplication.processEvents()
    assert not dock.isFloating()
    assert find(window, "cost").isVisible()
    assert find(window, "cost").window() is window


@pytest.mark.parametrize("plot", ["cost", "decision_regions", "accuracy", "probabilities"])
def test_a_window_of_its_own_lies_on_the_screen_whole(window: MainWindow, plot: str) -> None:
    dock = find(window, f"{plot}_dock", QDockWidget)
    click_button(window, f"{plot}_own_window")
    QApplication.processEvents()
    assert dock.screen().availableGeometry().contains(dock.geometry())
    assert dock.width() > 500
    assert dock.height() > 400


def test_the_button_brings_it_back_too(window: MainWindow) -> None:
    dock = find(window, "cost_dock", QDockWidget)
    click_button(window, "cost_own_window")
    QApplication.processEvents()
    click_button(dock, "cost_own_window")
    QApplication.processEvents()
    assert not dock.isFloating()


def test_closing_the_window_closes_the_windows_of_plots(window: MainWindow) -> None:
    click_button(window, "cost_own_window")
    QApplication.processEvents()
    window.close()
    assert not find(window, "cost_dock").isVisible()
