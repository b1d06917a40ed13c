"""Background work of one kind, never more than one piece at a time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from gui.run_view import RunView

R = TypeVar("R")


class OneAtATime:
    """Asks a run for work under one key; what is wished meanwhile waits, and of that only the newest.

    A run hands over the result of the newest wish alone. Were every frame a wish, and each took longer than a frame,
    none would ever be drawn.
    """

    def __init__(self, session: RunView, key: str) -> None:
        self._session = session
        self._key = f"{key} {id(self)}"  # two plots of one kind must not take each other's place
        self._under_way: object = None
        self._next: tuple[Callable[[], Any], Callable[[Any], None]] | None = None

    @property
    def busy(self) -> bool:
        """Whether a result is still to come."""
        return self._under_way is not None

    def ask(self, work: Callable[[], R], done: Callable[[R], None]) -> None:
        """Do ``work`` now or after what is under way, then call ``done`` with its result."""
        if self.busy:
            self._next = (work, done)
            return
        piece = self._under_way = object()

        def guarded() -> R:
            try:
                return work()
            except Exception:
                if self._under_way is piece:  # the run says what went wrong; later wishes need not wait for it
                    self._under_way = None
                raise

        def take(result: R) -> None:
            if self._under_way is not piece:
                return
            self._under_way = None
            following, self._next = self._next, None
            done(result)
            if following is not None:
                self.ask(*following)

        self._session.ask(self._key, guarded, take)

    def forget(self) -> None:
        """Let go of what is under way and of what waits: no result of them is handed over."""
        self._under_way = self._next = None
