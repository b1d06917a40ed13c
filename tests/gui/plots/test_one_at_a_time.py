from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from gui.plots.one_at_a_time import OneAtATime
from gui.run_view import RunView


class Slow(RunView):
    """Does what it is asked for when the test says so."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[tuple[str, Callable[[], Any], Callable[[Any], None]]] = []

    def ask(self, key: str, work: Callable[[], Any], done: Callable[[Any], None]) -> None:
        self.asked.append((key, work, done))

    def do_the_next(self) -> None:
        _, work, done = self.asked.pop(0)
        done(work())


@pytest.fixture
def slow(qapp) -> Slow:
    return Slow()


def test_of_what_is_wished_meanwhile_only_the_newest_comes(slow: Slow) -> None:
    work, results = OneAtATime(slow, "key"), []
    for n in range(5):
        work.ask(lambda n=n: n, results.append)
    assert len(slow.asked) == 1
    slow.do_the_next()
    assert results == [0]
    assert work.busy
    slow.do_the_next()
    assert results == [0, 4]
    assert not work.busy
    assert not slow.asked


def test_two_of_one_kind_do_not_take_each_others_place(slow: Slow) -> None:
    one, other = OneAtATime(slow, "key"), OneAtATime(slow, "key")
    for work in (one, other):
        work.ask(lambda: None, lambda _: None)
    assert len({key for key, _, _ in slow.asked}) == 2


def test_a_run_that_works_at_once_is_never_busy(qapp) -> None:
    work, results = OneAtATime(RunView(), "key"), []
    for n in range(3):
        work.ask(lambda n=n: n, results.append)
        assert not work.busy
    assert results == [0, 1, 2]


def test_what_is_forgotten_is_not_handed_over(slow: Slow) -> None:
    work, results = OneAtATime(slow, "key"), []
    work.ask(lambda: "old", results.append)
    work.ask(lambda: "waiting", results.append)
    work.forget()
    assert not work.busy
    work.ask(lambda: "new", results.append)
    slow.do_the_next()
    assert results == []
    slow.do_the_next()
    assert results == ["new"]


def test_what_fails_does_not_stop_what_comes_later(slow: Slow) -> None:
    work, results = OneAtATime(slow, "key"), []
    work.ask(lambda: 1 // 0, results.append)
    with pytest.raises(ZeroDivisionError):
        slow.do_the_next()
    work.ask(lambda: "later", results.append)
    slow.do_the_next()
    assert results == ["later"]
