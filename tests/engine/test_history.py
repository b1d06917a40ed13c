from __future__ import annotations

import sys
import threading
import tracemalloc
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from engine.history import BUCKETS, EpochSeries, History
from engine.progress import EpochRecord, Progress
from engine.stopping import StopReason

OFFSETS = tuple((i + 1) / 10 for i in range(len(EpochRecord._fields) - 1))


def progress(costs: NDArray[np.float64], epochs: tuple[EpochRecord, ...] = ()) -> Progress:
    return Progress(
        step=0, epoch=0, examples=0, batch_costs=costs, epochs=epochs, theta=np.zeros(2), seconds=0.0, stop_reason=None
    )


def record(epoch: int) -> EpochRecord:
    """An epoch whose every number can be told from its own and from any other's."""
    return EpochRecord(epoch, *(epoch + offset for offset in OFFSETS))


def filled(values: NDArray[np.float64], chunk_sizes: list[int]) -> History:
    history = History(steps_per_epoch=10)
    for chunk in np.split(values, np.cumsum(chunk_sizes)[:-1]):
        history.append(progress(chunk))
    return history


def brute_force(values: list[float]) -> tuple[list[float], list[float], int]:
    """Lowest and highest of each run of ``stride`` values, the smallest power of two that makes few enough runs."""
    stride = 1
    while len(values) > BUCKETS * stride:
        stride *= 2
    runs = [values[i : i + stride] for i in range(0, len(values), stride)]
    return [min(run) for run in runs], [max(run) for run in runs], stride


chunkings = st.lists(st.one_of(st.integers(0, 5), st.integers(0, 300), st.integers(0, 20_000)), max_size=12)


@settings(max_examples=40)
@given(chunkings, st.integers(0, 2**32 - 1))
@example([BUCKETS], 0)
@example([BUCKETS, 1], 0)
@example([BUCKETS - 1, 2], 0)
@example([1] * 10_000, 0)
@example([9 * BUCKETS + 3], 0)
@example([2 * BUCKETS + 1, 1, 1, 7 * BUCKETS], 0)
def test_envelope_is_the_lowest_and_highest_of_each_run_of_steps(chunk_sizes: list[int], seed: int) -> None:
    values = np.random.default_rng(seed).normal(size=sum(chunk_sizes))
    low, high, stride, n_steps = filled(values, chunk_sizes).steps
    expected_low, expected_high, expected_stride = brute_force(values.tolist())
    assert n_steps == len(values)
    assert stride == expected_stride
    assert low.tolist() == expected_low
    assert high.tolist() == expected_high


def test_every_step_is_exact_while_there_are_few() -> None:
    values = np.random.default_rng(0).normal(size=BUCKETS)
    low, high, stride, _ = filled(values, [1000, 0, BUCKETS - 1000]).steps
    assert stride == 1
    assert low.tolist() == high.tolist() == values.tolist()


def test_a_single_spike_is_never_lost() -> None:
    values = np.ones(50_000)
    values[31_234] = 1e9
    _, high, stride, _ = filled(values, [777] * 64 + [50_000 - 777 * 64]).steps
    assert np.flatnonzero(high == 1e9).tolist() == [31_234 // stride]


def test_epochs_are_exact_beyond_several_doublings() -> None:
    history = History(steps_per_epoch=1)
    n_epochs, epoch = 10_000, 0
    for size in np.random.default_rng(0).integers(0, 40, size=1000).tolist():
        history.append(progress(np.array([]), tuple(record(e) for e in range(epoch, min(epoch + size, n_epochs)))))
        epoch = min(epoch + size, n_epochs)
    assert epoch == n_epochs
    for column, offset in zip(history.epochs, (0.0, *OFFSETS), strict=True):
        assert column.tolist() == [e + offset for e in range(n_epochs)]


def test_one_progress_may_bring_more_epochs_than_a_doubling_holds() -> None:
    history = History(steps_per_epoch=1)
    history.append(progress(np.array([]), tuple(record(e) for e in range(5000))))
    assert history.epochs.train_accuracy.tolist() == [e + 0.2 for e in range(5000)]


def test_a_series_has_a_column_for_every_field_of_a_record() -> None:
    assert EpochSeries._fields == EpochRecord._fields
    history = History(steps_per_epoch=1)
    history.append(progress(np.array([]), (record(0), record(5), record(7))))
    for name in EpochRecord._fields:
        assert getattr(history.epochs, name).tolist() == [getattr(record(e), name) for e in (0, 5, 7)]


def test_what_a_record_does_not_say_is_nan() -> None:
    history = History(steps_per_epoch=1)
    history.append(progress(np.array([]), (EpochRecord(0, 1.0, 0.5, 1.5, 0.25),)))
    assert [column.tolist() for column in history.epochs[:5]] == [[0.0], [1.0], [0.5], [1.5], [0.25]]
    assert np.isnan(history.epochs[5:]).all()


def test_a_new_history_is_empty() -> None:
    history = History(steps_per_epoch=7)
    assert history.steps_per_epoch == 7
    assert history.latest is None
    assert [len(column) for column in history.epochs] == [0] * 9
    assert (len(history.steps.low), len(history.steps.high), history.steps.n_steps) == (0, 0, 0)


def test_latest_is_the_last_progress() -> None:
    history = History(steps_per_epoch=1)
    reports = [progress(np.array([1.0])), progress(np.array([]))]
    for report in reports:
        history.append(report)
        assert history.latest is report


def test_readers_cannot_write() -> None:
    history = filled(np.ones(10), [10])
    for array in (*history.epochs, history.steps.low, history.steps.high):
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 0.0


def test_what_a_reader_holds_keeps_its_complete_runs_whatever_comes_later() -> None:
    history = filled(np.arange(10_000.0), [10_000])
    history.append(progress(np.array([]), (record(0), record(1))))
    held, held_epochs = history.steps, history.epochs
    before = [array.tolist() for array in (held.low, held.high, *held_epochs)]
    history.append(progress(np.full(100_000, -1.0), tuple(record(e) for e in range(2, 3000))))
    complete = held.n_steps // held.stride
    assert held.low[:complete].tolist() == before[0][:complete]
    assert held.high[:complete].tolist() == before[1][:complete]
    assert [column.tolist() for column in held_epochs] == before[2:]


def test_memory_does_not_grow_with_steps() -> None:
    costs = np.linspace(0.0, 1.0, 50_000)
    history = filled(costs, [50_000])
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        for _ in range(60):
            history.append(progress(costs))
        after = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    assert history.steps.n_steps == 61 * 50_000
    assert len(history.steps.low) <= BUCKETS
    assert after - before < 4 * BUCKETS * 8


@pytest.fixture
def _threads_switch_often() -> Iterator[None]:
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(interval)


@pytest.mark.usefixtures("_threads_switch_often")
def test_a_reader_never_sees_half_a_record() -> None:
    """Step i costs i and epoch e is ``record(e)``, so every look at the history can be judged by itself."""
    history = History(steps_per_epoch=10)
    done = threading.Event()
    mistakes: list[str] = []
    looks = 0

    def read() -> None:
        nonlocal looks
        while not done.is_set() and not mistakes:
            mistakes.extend(inconsistencies(history))
            looks += 1

    readers = [threading.Thread(target=read, name=f"reader {i}") for i in range(2)]
    for reader in readers:
        reader.start()
    sizes = np.random.default_rng(0).integers(0, 150, size=1500).cumsum().tolist()
    for i, (start, end) in enumerate(zip([0, *sizes], sizes, strict=False)):
        history.append(
            progress(np.arange(start, end, dtype=np.float64), tuple(record(e) for e in range(3 * i, 3 * i + 3)))
        )
    done.set()
    for reader in readers:
        reader.join()
    assert mistakes == []
    assert looks > 20
    assert history.steps.n_steps == sizes[-1] > 16 * BUCKETS
    assert len(history.epochs.epoch) == 4500


def inconsistencies(history: History) -> list[str]:
    """What contradicts itself in ``history`` as it looks now, where step i costs i."""
    low, high, stride, n_steps = history.steps
    epochs = history.epochs
    runs = np.arange(len(low))
    complete = n_steps // stride
    checks = {
        "number of runs": len(low) == len(high) == -(-n_steps // stride) <= BUCKETS,
        "lowest": np.array_equal(low, runs * stride),
        "highest": np.array_equal(high[:complete], (runs[:complete] + 1) * stride - 1),
        "highest of the unfinished run": not n_steps or high[-1] >= n_steps - 1,
        "epoch numbers": np.array_equal(epochs.epoch, np.arange(len(epochs.epoch))),
        "epoch columns": all(
            np.array_equal(column, epochs.epoch + offset) for column, offset in zip(epochs[1:], OFFSETS, strict=True)
        ),
    }
    return [name for name, holds in checks.items() if not holds]


def test_inconsistencies_are_seen() -> None:
    assert inconsistencies(filled(np.arange(10_000.0), [10_000])) == []
    assert inconsistencies(filled(np.arange(10_000.0) + 1, [10_000])) == ["lowest", "highest"]


class TestManyChecks:
    def test_beyond_the_limit_every_other_one_is_let_go_and_memory_stays(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("engine.history.MOST_CHECKS", 2048)
        history = History(steps_per_epoch=1)
        for start in range(0, 50_000, 7):
            history.append(progress(np.empty(0), tuple(record(n) for n in range(start, start + 7))))
            assert len(history.epochs.epoch) <= 2048
        kept = history.epochs.epoch
        gap = kept[1] - kept[0]
        assert kept[0] == 0
        assert len(kept) > 1000
        np.testing.assert_array_equal(np.diff(kept), gap)
        np.testing.assert_array_equal(history.epochs.train_cost, kept + OFFSETS[0])

    def test_the_last_one_is_kept_in_any_case(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("engine.history.MOST_CHECKS", 2048)
        history = History(steps_per_epoch=1)
        for n in range(9001):
            history.append(progress(np.empty(0), (record(n),)))
        last = replace(progress(np.empty(0), (record(9001),)), stop_reason=StopReason.EPOCHS_REACHED)
        history.append(last)
        assert history.epochs.epoch[-1] == 9001
