from __future__ import annotations

import io

import numpy as np
import pytest

from engine.progress import EpochRecord, Progress
from engine.stopping import StopReason
from gui.progress_bar import ProgressBar


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def progress(epoch: int, stop_reason: StopReason | None = None) -> Progress:
    record = EpochRecord(epoch, 1.0 / (1 + epoch), 0.5, 0.0, 0.0)
    return Progress(epoch, epoch, 0, np.empty(0), (record,), np.empty(0), 0.5 * epoch, stop_reason)


def test_a_log_gets_a_line_for_every_tenth() -> None:
    log = io.StringIO()
    with ProgressBar(40, log) as bar:
        for epoch in range(41):
            bar.show(progress(epoch))
    lines = log.getvalue().splitlines()
    assert [line.split()[1] for line in lines] == [f"{epoch}/40" for epoch in range(4, 41, 4)]
    assert lines[0] == "epoch 4/40  J 0.2  accuracy 50.0 %  18 s left"
    assert lines[-1] == "epoch 40/40  J 0.02439  accuracy 50.0 %"


def test_a_terminal_gets_one_line_that_is_written_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    terminal = Terminal()
    with ProgressBar(40, terminal) as bar:
        bar.show(progress(20))
        bar.show(progress(21))  # too soon after the last one
        bar.show(progress(22, StopReason.DIVERGED))
    first, second = terminal.getvalue().removesuffix("\n").split("\r")[1:]
    assert first.startswith("[############------------] epoch 20/40  J 0.04762")
    assert second.startswith("[#############-----------] epoch 22/40")
    assert len(first) == len(second) == 59
    assert terminal.getvalue().count("\n") == 1


def test_nothing_is_written_where_nothing_happened() -> None:
    terminal = Terminal()
    with ProgressBar(40, terminal):
        pass
    assert terminal.getvalue() == ""
