import threading

import pytest
from PySide6.QtCore import QObject

from gui.background import BackgroundJob


@pytest.fixture
def parent(qapp) -> QObject:
    parent = QObject()
    yield parent
    parent.deleteLater()


def test_result_arrives_on_the_gui_thread(qtbot, parent: QObject) -> None:
    calls = []
    BackgroundJob(
        lambda: threading.current_thread().name,
        lambda result: calls.append(("done", result, threading.current_thread())),
        lambda error: calls.append(("failed", error)),
        parent,
    )
    assert calls == []
    qtbot.waitUntil(lambda: bool(calls))
    assert calls == [("done", "background job", threading.main_thread())]


def test_error_is_handed_over_whole(qtbot, parent: QObject) -> None:
    calls = []
    BackgroundJob(lambda: 1 // 0, lambda result: calls.append(("done", result)), calls.append, parent)
    qtbot.waitUntil(lambda: bool(calls))
    assert len(calls) == 1
    assert isinstance(calls[0], ZeroDivisionError)


def test_the_window_goes_on_meanwhile(qtbot, parent: QObject) -> None:
    go_on, calls = threading.Event(), []
    BackgroundJob(lambda: go_on.wait(5), calls.append, calls.append, parent)
    qtbot.wait(50)
    assert calls == []
    go_on.set()
    qtbot.waitUntil(lambda: calls == [True])


def test_cancelled_job_reports_nothing(qtbot, parent: QObject) -> None:
    go_on, calls = threading.Event(), []
    job = BackgroundJob(lambda: go_on.wait(5), calls.append, calls.append, parent)
    job.cancel()
    go_on.set()
    job.join(2.0)
    qtbot.wait(50)
    assert calls == []


def test_join_waits_for_the_work(qtbot, parent: QObject) -> None:
    finished = []
    job = BackgroundJob(lambda: finished.append(threading.Event().wait(0.05)), lambda _: None, finished.append, parent)
    job.join(2.0)
    assert finished == [False]
    job.cancel()


def test_done_may_start_the_next_job(qtbot, parent: QObject) -> None:
    calls = []

    def first_done(result: int) -> None:
        BackgroundJob(lambda: result + 1, calls.append, calls.append, parent)

    BackgroundJob(lambda: 1, first_done, calls.append, parent)
    qtbot.waitUntil(lambda: calls == [2])
    assert parent.findChildren(BackgroundJob, "") == [] or len(parent.children()) <= 1
