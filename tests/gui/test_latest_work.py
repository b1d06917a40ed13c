from __future__ import annotations

import threading
from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import QObject

from gui.latest_work import LatestWork


@pytest.fixture
def errors() -> list[Exception]:
    return []


@pytest.fixture
def work(qapp, errors: list[Exception]) -> Iterator[LatestWork]:
    parent = QObject()
    work = LatestWork(errors.append, parent)
    yield work
    work.close()
    parent.deleteLater()


class Gate:
    """Work that tells when it begins, and ends when it is let go."""

    def __init__(self, result: object) -> None:
        self.begun, self.go = threading.Event(), threading.Event()
        self._result = result

    def __call__(self) -> object:
        self.begun.set()
        assert self.go.wait(5)
        return self._result


def test_the_result_arrives_on_the_gui_thread(work: LatestWork, qtbot) -> None:
    here, found = threading.get_ident(), []
    work.ask("a", threading.get_ident, lambda result: found.append((result, threading.get_ident())))
    qtbot.waitUntil(lambda: len(found) == 1)
    ((result, told_on),) = found
    assert result != here
    assert told_on == here
    assert not work.is_waiting("a")


def test_of_wishes_that_have_not_begun_only_the_newest_is_done(work: LatestWork, qtbot) -> None:
    gate, done, found = Gate(None), [], []
    work.ask("other", gate, lambda _: None)
    assert gate.begun.wait(5)
    for number in range(5):
        work.ask("a", lambda number=number: done.append(number), lambda _, number=number: found.append(number))
    gate.go.set()
    qtbot.waitUntil(lambda: bool(found))
    assert done == found == [4]


def test_a_result_that_has_been_overtaken_is_not_handed_over(work: LatestWork, qtbot) -> None:
    gate, found = Gate("old"), []
    work.ask("a", gate, found.append)
    assert gate.begun.wait(5)
    work.ask("a", lambda: "new", found.append)
    gate.go.set()
    qtbot.waitUntil(lambda: bool(found))
    qtbot.wait(30)
    assert found == ["new"]


def test_askers_do_not_disturb_each_other(work: LatestWork, qtbot) -> None:
    found = set()
    for key in "abcde":
        work.ask(key, lambda key=key: key, found.add)
    qtbot.waitUntil(lambda: found == set("abcde"))


def test_what_is_forgotten_never_arrives(work: LatestWork, qtbot) -> None:
    gate, found = Gate("late"), []
    work.ask("a", gate, found.append)
    assert gate.begun.wait(5)
    work.forget("a")
    gate.go.set()
    work.ask("b", lambda: "b", found.append)
    qtbot.waitUntil(lambda: bool(found))
    assert found == ["b"]


def test_an_error_is_told_and_the_next_wish_is_done(work: LatestWork, errors: list[Exception], qtbot) -> None:
    found = []
    work.ask("a", lambda: 1 // 0, found.append)
    qtbot.waitUntil(lambda: bool(errors))
    assert isinstance(errors[0], ZeroDivisionError)
    assert not work.is_waiting("a")
    work.ask("a", lambda: 7, found.append)
    qtbot.waitUntil(lambda: found == [7])


def test_overflow_in_the_background_is_no_warning(work: LatestWork, errors: list[Exception], qtbot) -> None:
    found = []
    work.ask("a", lambda: np.float32(1e30) * np.float32(1e30), found.append)
    qtbot.waitUntil(lambda: bool(found))
    assert np.isinf(found[0])
    assert errors == []


def test_close_ends_the_thread_and_hands_over_nothing_more(work: LatestWork, qtbot) -> None:
    gate, found = Gate("late"), []
    work.ask("a", gate, found.append)
    assert gate.begun.wait(5)
    threading.Timer(0.05, gate.go.set).start()
    work.close()
    qtbot.wait(30)
    assert found == []
    assert "plot work" not in [thread.name for thread in threading.enumerate()]
