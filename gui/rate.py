"""How fast something counts up."""

from __future__ import annotations

from collections import deque


class RateMeter:
    """The rate of a counter over the last ``window`` seconds."""

    def __init__(self, window: float = 1.0) -> None:
        self._window = window
        self._seen: deque[tuple[float, float]] = deque()

    def clear(self) -> None:
        """Forget everything."""
        self._seen.clear()

    def add(self, count: float, now: float) -> None:
        """Note the counter at time ``now`` in seconds."""
        self._seen.append((now, count))
        while len(self._seen) > 2 and now - self._seen[0][0] > self._window:
            self._seen.popleft()

    @property
    def per_second(self) -> float | None:
        """Counts a second; None before there are two different times."""
        if len(self._seen) < 2 or self._seen[-1][0] <= self._seen[0][0]:
            return None
        (t0, n0), (t1, n1) = self._seen[0], self._seen[-1]
        return (n1 - n0) / (t1 - t0)
