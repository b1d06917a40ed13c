from __future__ import annotations

from collections.abc import Callable

import pytest
from finished import blobs, finished
from PySide6.QtWidgets import QWidget

from gui.plots.part import PartBox
from gui.plots.part_result import PartResult
from gui.run_view import FinishedRunView


class Desk:
    """A result of a part, and the work for it, which is done when the test says so."""

    def __init__(self, view: FinishedRunView, parent: QWidget, monkeypatch: pytest.MonkeyPatch) -> None:
        self.waiting: list[tuple[Callable[[], object], Callable[[object], None]]] = []
        self.tellings = 0
        self.parent = parent
        view.ask_predictions()
        monkeypatch.setattr(view, "ask", lambda key, work, done: self.waiting.append((work, done)))
        self.box = PartBox(view, "part", lambda: None, parent)
        self.result = PartResult(view, "count", self.box, lambda part: len(part.y), self._told)

    def _told(self) -> None:
        self.tellings += 1

    def choose(self, part: str) -> None:
        self.box.setCurrentIndex(self.box.findData(part))

    def do(self, index: int = 0) -> None:
        work, done = self.waiting.pop(index)
        done(work())


@pytest.fixture
def desk(qtbot, monkeypatch: pytest.MonkeyPatch) -> Desk:
    parent = QWidget()
    qtbot.addWidget(parent)
    return Desk(finished(blobs(3, 50), epochs=1), parent, monkeypatch)


def test_each_part_is_worked_out_once(desk: Desk) -> None:
    for part, count in (("all", 50), ("validation", 10), ("training", 40)):
        desk.choose(part)
        desk.result.bring_up()
        desk.result.bring_up()
        assert len(desk.waiting) == 1
        desk.do()
        assert desk.result.value == count
        desk.result.bring_up()
        assert desk.waiting == []
    assert desk.tellings == 3


def test_another_part_does_not_wait_for_the_last(desk: Desk) -> None:
    desk.choose("all")
    desk.result.bring_up()
    desk.choose("training")
    desk.result.bring_up()
    desk.do(1)
    desk.do(0)  # too late
    assert desk.result.value == 40
    assert desk.tellings == 1


def test_what_is_forgotten_does_not_come_back(desk: Desk) -> None:
    desk.result.bring_up()
    desk.result.forget()
    desk.do()
    assert desk.result.value is None
    assert desk.tellings == 0
