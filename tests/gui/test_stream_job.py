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
    closed = threading.Event()

    def careful() -> Generator[int, None, None]:
        try:
            yield from endless()
        finally:
            closed.set()

    job = start(careful)
    qtbot.waitUntil(lambda: bool(listener.items))
    job.cancel()
    assert not jobs()
    assert closed.is_set()
    seen = len(listener.items)
    QCoreApplication.processEvents()
    assert len(listener.items) == seen
    assert listener.ends == []


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
