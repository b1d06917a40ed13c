import gc
import threading
import weakref
from collections.abc import Iterator

import pytest

from gui import garbage
from gui.garbage import GuiThreadCollector


class Knot:
    """Garbage that only a cyclic collection can free."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture
def collector(qapp, monkeypatch: pytest.MonkeyPatch) -> Iterator[GuiThreadCollector]:
    monkeypatch.setattr(garbage, "INTERVAL_MS", 5)
    collector = GuiThreadCollector()
    yield collector
    collector.close()
    collector.deleteLater()
    gc.collect()
    gc.freeze()  # as the tests beside this one want it, or each of their collections looks at every module
    gc.disable()


@pytest.fixture
def collections() -> Iterator[list[threading.Thread]]:
    """The threads on which garbage was collected."""
    threads: list[threading.Thread] = []

    def note(phase: str, _info: dict[str, int]) -> None:
        if phase == "start":
            threads.append(threading.current_thread())

    gc.callbacks.append(note)
    yield threads
    gc.callbacks.remove(note)


def allocate_much() -> None:
    for _ in range(20_000):
        Knot()


def test_another_thread_never_collects(collector, collections: list[threading.Thread]) -> None:
    worker = threading.Thread(target=allocate_much)
    worker.start()
    worker.join()
    assert collections == []


def test_collects_from_the_event_loop(qtbot, collector, collections: list[threading.Thread]) -> None:
    qtbot.waitUntil(lambda: bool(collections))
    assert set(collections) == {threading.main_thread()}


def test_young_garbage_is_freed(qtbot, collector) -> None:
    trace = weakref.ref(Knot())
    assert trace() is not None
    qtbot.waitUntil(lambda: trace() is None)


def test_garbage_that_lived_long_is_freed_too(qtbot, collector, collections: list[threading.Thread]) -> None:
    knot = Knot()
    trace = weakref.ref(knot)
    qtbot.waitUntil(lambda: len(collections) >= 4)  # by now it is old
    del knot
    qtbot.waitUntil(lambda: trace() is None, timeout=2000)


def test_close_gives_automatic_collection_back(collector, collections: list[threading.Thread]) -> None:
    assert not gc.isenabled()
    collector.close()
    assert gc.isenabled()
    assert gc.get_freeze_count() == 0
    allocate_much()
    assert collections
