from __future__ import annotations

import threading
from collections.abc import Callable, Generator

import pytest
import shiboken6
from PySide6.QtCore import QCoreApplication, QEvent, QObject

from gui.stream_job import StreamJob


class Listener:
    def __init__(self) -> None:
        self.items: list[int] = []
        self.threads: set[threading.Thread] = set()
        self.ends: list[Exception | None] = []

    def take(self, items: list[int]) -> None:
        self.items += items
        self.threads.add(threading.current_thread())

    def end(self, error: Exception | None) -> None:
        self.ends.append(error)


def jobs() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "stream job"]


@pytest.fixture
def listener() -> Listener:
    return Listener()


@pytest.fixture
def parent(qapp) -> Generator[QObject, None, None]:
    parent = QObject()
    yield parent
    if shiboken6.isValid(parent):
        parent.deleteLater()


@pytest.fixture
def start(parent: QObject, listener: Listener) -> Callable[..., StreamJob[int]]:
    return lambda make: StreamJob(make, listener.take, listener.end, parent)


def endless() -> Generator[int, None, None]:
    number = 0
    while True:
        yield number
        number += 1


def once() -> Generator[int, None, None]:
    yield 1


def test_everything_arrives_in_order_on_the_gui_thread(start, listener: Listener, qtbot) -> None:
    start(lambda: (n for n in range(200)))
    qtbot.waitUntil(lambda: bool(listener.ends))
    assert listener.items == list(range(200))
    assert listener.threads == {threading.main_thread()}
    assert listener.ends == [None]


def test_an_error_comes_after_what_was_before_it(start, listener: Listener, qtbot) -> None:
    def failing() -> Generator[int, None, None]:
        yield 1
        raise ValueError("no more")

    start(failing)
    qtbot.waitUntil(lambda: bool(listener.ends))
    assert listener.items == [1]
    assert str(listener.ends[0]) == "no more"


def test_cancel_ends_the_thread_and_closes_the_generator(start, listener: Listener, qtbot) -> None:
    closed: list[str] = []

    def careful() -> Generator[int, None, None]:
        try:
            yield from endless()
        finally:
            closed.append(threading.current_thread().name)

    job = start(careful)
    qtbot.waitUntil(lambda: bool(listener.items))
    job.cancel(2.0)
    assert not jobs()
    assert closed == ["stream job"]
    seen = len(listener.items)
    QCoreApplication.processEvents()
    assert len(listener.items) == seen
    assert listener.ends == []


def test_cancel_without_patience_does_not_wait_for_the_item_in_hand(start, listener: Listener, qtbot) -> None:
    begun, release = threading.Event(), threading.Event()

    def held() -> Generator[int, None, None]:
        begun.set()
        release.wait(5)
        yield 1

    job = start(held)
    assert begun.wait(5)
    job.cancel()
    assert jobs()
    release.set()
    qtbot.waitUntil(lambda: not jobs())
    assert listener.items == listener.ends == []


def test_nothing_at_all_ends_with_nothing(start, listener: Listener, qtbot) -> None:
    start(lambda: (n for n in ()))
    qtbot.waitUntil(lambda: listener.ends == [None])
    assert listener.items == []


def test_cancelled_when_it_is_over_nothing_happens(start, listener: Listener, qtbot) -> None:
    job = start(once)
    qtbot.waitUntil(lambda: listener.ends == [None])
    qtbot.wait(20)
    job.cancel(1.0)
    assert listener.items == [1]
    assert listener.ends == [None]


def test_it_may_be_cancelled_by_what_it_brings(parent: QObject, listener: Listener, qtbot) -> None:
    def take(items: list[int]) -> None:
        listener.take(items)
        job.cancel()

    job = StreamJob(once, take, listener.end, parent)
    qtbot.waitUntil(lambda: bool(listener.items))
    QCoreApplication.processEvents()
    assert listener.ends == []


def test_it_ends_with_its_parent(start, parent: QObject, listener: Listener, qtbot) -> None:
    start(endless)
    qtbot.waitUntil(lambda: bool(listener.items))
    parent.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    qtbot.waitUntil(lambda: not jobs())
