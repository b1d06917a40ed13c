from __future__ import annotations

import threading

import numpy as np
import pytest

from engine.fused import ThreadTeam, usable_threads


def names_and_parts(team: ThreadTeam, parts: list[str]) -> list[tuple[int, str]]:
    return team.map(lambda index, part: (index, part), parts)


@pytest.mark.parametrize("size", [1, 2, 3])
@pytest.mark.parametrize("parts", [["a"], ["a", "b"], ["a", "b", "c"]])
def test_results_come_in_the_order_of_the_parts(size: int, parts: list[str]) -> None:
    with ThreadTeam(size) as team:
        assert names_and_parts(team, parts[:size]) == list(enumerate(parts[:size]))


def test_all_parts_are_worked_on_at_once() -> None:
    barrier = threading.Barrier(3)
    with ThreadTeam(3) as team:
        arrivals = team.map(lambda *_: barrier.wait(timeout=10), ["a", "b", "c"])
    assert sorted(arrivals) == [0, 1, 2]


def test_the_first_part_is_the_callers_own() -> None:
    with ThreadTeam(2) as team:
        threads = team.map(lambda *_: threading.current_thread(), ["a", "b"])
    assert threads[0] is threading.current_thread()
    assert threads[1] is not threads[0]


def test_threads_live_from_the_first_shared_work_until_the_team_closes() -> None:
    before = threading.active_count()
    team = ThreadTeam(3)
    names_and_parts(team, ["a"])
    assert threading.active_count() == before
    names_and_parts(team, ["a", "b", "c"])
    assert before < threading.active_count() <= before + 2
    team.close()
    assert threading.active_count() == before


def test_threads_end_where_work_fails() -> None:
    before = threading.active_count()

    def fail_elsewhere(index: int, _: str) -> None:
        if index:
            raise ValueError("part b")

    with pytest.raises(ValueError, match="part b"), ThreadTeam(2) as team:
        team.map(fail_elsewhere, ["a", "b"])
    assert threading.active_count() == before


def test_the_callers_error_state_holds_for_all_parts() -> None:
    """NumPy keeps it for each thread; callers silence overflow for the work, whoever does it."""
    with ThreadTeam(2) as team:
        for expected in ("ignore", "raise"):
            with np.errstate(over=expected, invalid=expected, divide=expected):
                states = team.map(lambda *_: np.geterr(), ["a", "b"])
            for kind in ("over", "invalid", "divide"):
                assert [state[kind] for state in states] == [expected] * 2


class TestUsableThreads:
    @pytest.fixture(autouse=True)
    def four_cores(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("os.sched_getaffinity", lambda _: set(range(4)), raising=False)
        monkeypatch.delenv("OPENBLAS_NUM_THREADS", raising=False)
        monkeypatch.delenv("OMP_NUM_THREADS", raising=False)

    def test_is_1_where_numpy_has_threads_of_its_own(self) -> None:
        assert usable_threads() == 1

    @pytest.mark.parametrize(
        ("openblas", "omp", "threads"),
        [
            ("1", None, 4),
            (None, "1", 4),
            ("1", "1", 4),
            ("1", "4", 4),
            ("4", "1", 1),
            ("2", None, 1),
            (None, "2", 1),
            ("", "1", 4),
        ],
    )
    def test_follows_the_variables_that_openblas_reads(
        self, monkeypatch: pytest.MonkeyPatch, openblas: str | None, omp: str | None, threads: int
    ) -> None:
        for name, value in (("OPENBLAS_NUM_THREADS", openblas), ("OMP_NUM_THREADS", omp)):
            if value is not None:
                monkeypatch.setenv(name, value)
        assert usable_threads() == threads

    @pytest.mark.parametrize(("cores", "threads"), [(1, 1), (2, 2), (8, 8), (9, 8), (192, 8)])
    def test_is_one_a_core_up_to_8(self, monkeypatch: pytest.MonkeyPatch, cores: int, threads: int) -> None:
        monkeypatch.setenv("OPENBLAS_NUM_THREADS", "1")
        monkeypatch.setattr("os.sched_getaffinity", lambda _: set(range(cores)), raising=False)
        assert usable_threads() == threads

    @pytest.mark.parametrize(("cores", "threads"), [(None, 1), (3, 3)])
    def test_counts_all_cores_where_the_system_does_not_say_which_are_ours(
        self, monkeypatch: pytest.MonkeyPatch, cores: int | None, threads: int
    ) -> None:
        monkeypatch.setenv("OPENBLAS_NUM_THREADS", "1")
        monkeypatch.delattr("os.sched_getaffinity", raising=False)
        monkeypatch.setattr("os.cpu_count", lambda: cores)
        assert usable_threads() == threads
