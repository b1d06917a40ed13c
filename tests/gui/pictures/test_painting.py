from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import QObject

from gui.pictures.painting import Painting, Shot
from gui.run_view import RunView
from gui.session import Session


class Busy(RunView):
    """A view that is at work until told otherwise."""

    at_work = False

    @property
    def is_working(self) -> bool:
        return self.at_work


@pytest.fixture
def parent(qapp) -> QObject:
    return QObject()


def shots(events: list[str], n: int, view: Busy | None = None) -> list[Shot[int]]:
    def shot(k: int) -> Shot[int]:
        def prepare() -> None:
            events.append(f"prepare {k}")
            if view is not None:
                view.at_work = True

        def take() -> int:
            events.append(f"take {k}")
            return k

        return Shot(prepare, take)

    return [shot(k) for k in range(n)]


def test_one_after_another_and_the_window_lives_in_between(parent: QObject, qtbot) -> None:
    events: list[str] = []
    results: list[list[int]] = []
    painting = Painting(Busy(), shots(events, 3), results.append, pytest.fail, parent, lambda: events.append("end"))
    painting.taken.connect(lambda n: events.append(f"taken {n}"))
    assert events == []
    qtbot.waitUntil(lambda: bool(results))
    assert results == [[0, 1, 2]]
    assert events == [f"{word} {n + (word == 'taken')}" for n in range(3) for word in ("prepare", "take", "taken")] + [
        "end"
    ]


def test_it_waits_for_the_work_that_a_picture_needs(parent: QObject, qtbot) -> None:
    view, events, results = Busy(), [], []
    Painting(view, shots(events, 1, view), results.append, pytest.fail, parent)
    qtbot.waitUntil(lambda: events == ["prepare 0"])
    qtbot.wait(30)
    assert events == ["prepare 0"]
    view.at_work = False
    qtbot.waitUntil(lambda: results == [[0]])


def test_cancelled(parent: QObject, qtbot) -> None:
    events: list[str] = []
    painting = Painting(Busy(), shots(events, 500), pytest.fail, pytest.fail, parent, lambda: events.append("end"))
    qtbot.waitUntil(lambda: "take 0" in events)
    painting.cancel()
    painting.cancel()
    assert events[-1] == "end"
    assert events.count("end") == 1
    before = list(events)
    qtbot.wait(30)
    assert events == before


def test_finished_at_once(parent: QObject) -> None:
    view, events, results = Busy(), [], []
    painting = Painting(view, shots(events, 3, view), results.append, pytest.fail, parent)
    painting.finish()
    assert results == [[0, 1, 2]]
    assert events == ["take 0", "take 1", "take 2"]


@pytest.mark.parametrize("stage", ["prepare", "take"])
def test_an_error_ends_it(parent: QObject, qtbot, stage: str) -> None:
    def fail() -> int:
        raise ValueError("no")

    nothing: Callable[[], None] = lambda: None  # noqa: E731 - two of a kind
    shot = Shot(fail, lambda: 1) if stage == "prepare" else Shot(nothing, fail)
    errors: list[Exception] = []
    ended: list[bool] = []
    Painting(Busy(), [shot], pytest.fail, errors.append, parent, lambda: ended.append(True))
    qtbot.waitUntil(lambda: bool(errors))
    assert str(errors[0]) == "no"
    assert ended == [True]


class TestAtOnce:
    def test_what_a_picture_needs_is_there_at_once(self, iris_session: Session) -> None:
        done: list[str] = []
        with iris_session.working_at_once():
            iris_session.ask("a", lambda: "now", done.append)
            assert done == ["now"]
        iris_session.ask("a", lambda: "later", done.append)
        assert done == ["now"]
        assert iris_session.is_working

    def test_an_older_wish_does_not_come_after_it(self, iris_session: Session, qtbot) -> None:
        done: list[str] = []
        iris_session.ask("a", lambda: "old", done.append)
        with iris_session.working_at_once():
            iris_session.ask("a", lambda: "new", done.append)
        qtbot.waitUntil(lambda: not iris_session.is_working)
        qtbot.wait(30)
        assert done == ["new"]

    def test_an_error_is_told_and_the_picture_taken(self, iris_session: Session, qtbot) -> None:
        with qtbot.waitSignal(iris_session.failed) as failed, iris_session.working_at_once():
            iris_session.ask("a", lambda: 1 / 0, pytest.fail)
        assert "ZeroDivisionError" in failed.args[0]
