import threading
import time
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QObject

from gui.iterated_job import IteratedJob


@pytest.fixture
def parent(qapp) -> Iterator[QObject]:
    parent = QObject()
    yield parent
    parent.deleteLater()


def running() -> bool:
    return any(thread.name == "iterated job" for thread in threading.enumerate())


def slowly(closed: list[threading.Thread], n: int = 10**9) -> Iterator[int]:
    try:
        for value in range(n):
            time.sleep(0.002)
            yield value
    finally:
        closed.append(threading.current_thread())


def test_it_tells_how_far_it_is_and_then_the_last_value_all_on_the_gui_thread(qtbot, parent: QObject) -> None:
    told, done, threads = [], [], set()

    def came(value: int) -> None:
        told.append(value)
        threads.add(threading.current_thread())

    IteratedJob(lambda: slowly([], 60), came, done.append, done.append, parent)
    qtbot.waitUntil(lambda: bool(done))
    assert done == [59]
    assert told == sorted(set(told))
    assert told
    assert threads == {threading.main_thread()}


def test_an_error_is_handed_over_whole(qtbot, parent: QObject) -> None:
    def work() -> Iterator[int]:
        yield 1
        raise ValueError("no more")

    failed: list[Exception] = []
    IteratedJob(work, lambda _: None, lambda _: pytest.fail("it is not done"), failed.append, parent)
    qtbot.waitUntil(lambda: bool(failed))
    assert str(failed[0]) == "no more"


def test_nothing_at_all_is_done_with_nothing(qtbot, parent: QObject) -> None:
    done: list[object] = []
    IteratedJob(lambda: iter(()), lambda _: None, done.append, done.append, parent)
    qtbot.waitUntil(lambda: done == [None])


def test_cancelled_it_is_closed_on_its_own_thread_and_says_nothing_more(qtbot, parent: QObject) -> None:
    closed, told = [], []
    job = IteratedJob(lambda: slowly(closed), told.append, told.append, told.append, parent)
    qtbot.waitUntil(lambda: bool(told))
    job.cancel(2.0)
    before = len(told)
    assert not running()
    assert [thread.name for thread in closed] == ["iterated job"]
    qtbot.wait(50)
    assert len(told) == before


def test_it_ends_with_its_parent(qtbot, qapp) -> None:
    parent = QObject()
    IteratedJob(lambda: slowly([]), lambda _: None, lambda _: None, lambda _: None, parent)
    parent.deleteLater()
    qtbot.waitUntil(lambda: not running())


def test_cancelled_when_it_is_over_nothing_happens(qtbot, parent: QObject) -> None:
    done: list[object] = []
    job = IteratedJob(lambda: iter((1, 2)), lambda _: None, done.append, done.append, parent)
    qtbot.waitUntil(lambda: done == [2])
    qtbot.wait(20)
    job.cancel(1.0)
    assert done == [2]
