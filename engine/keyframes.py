"""Moments of a training that are kept, so that one can go back to them: many early ones, few late ones.

Changes come fast at first and ever slower, so the moments lie evenly on a logarithmic scale of steps, as dense as
memory allows. The first, the best and the newest are always there.
"""

from __future__ import annotations

from engine.progress import Best, Moment, Progress

MOST_BYTES = 64 << 20
MOST_MOMENTS = 512
FEWEST_MOMENTS = 4


class Keyframes:
    """The kept moments of one training; ``append`` is called by one thread only, ``moments`` by any.

    Weights take at most ``most_bytes`` in all, unless four times their size is more. What was read stays valid.
    """

    def __init__(self, most_bytes: int = MOST_BYTES, most_moments: int = MOST_MOMENTS) -> None:
        self._most_bytes = most_bytes
        self._most_moments = most_moments
        self._ratio = 1.0  # of the steps of a moment to those of the one before, at least
        self._published: tuple[tuple[Moment, ...], Best | None, Moment | None] = ((), None, None)

    def append(self, progress: Progress) -> None:
        """Keep the moment of ``progress``, at least until the next."""
        kept, _, _ = self._published
        moment = progress.moment
        if not kept or moment.step >= max(kept[-1].step * self._ratio, kept[-1].step + 1):
            kept = self._thinned((*kept, moment))
        self._published = (kept, progress.best, moment)

    @property
    def moments(self) -> tuple[Moment, ...]:
        """All that are kept, from the first to the newest, each step once."""
        kept, best, newest = self._published
        others = [moment for moment in (best.moment if best else None, newest) if moment is not None]
        return tuple(sorted({moment.step: moment for moment in (*kept, *others)}.values(), key=lambda m: m.step))

    @property
    def best(self) -> Best | None:
        """The best check so far."""
        return self._published[1]

    def _thinned(self, kept: tuple[Moment, ...]) -> tuple[Moment, ...]:
        """``kept``, or about half of them at equal ratios of steps where they are too many."""
        room = min(self._most_bytes // max(kept[0].theta.nbytes, 1), self._most_moments)
        most = max(room, FEWEST_MOMENTS) - 2  # the best and the newest have theirs apart
        while len(kept) > most:
            self._ratio = max(self._ratio**2, 1.0 + 1.0 / most)
            kept = _at_ratio(kept, self._ratio)
        return kept


def _at_ratio(moments: tuple[Moment, ...], ratio: float) -> tuple[Moment, ...]:
    kept = [moments[0]]
    for moment in moments[1:]:
        if moment.step >= kept[-1].step * ratio:
            kept.append(moment)
    return tuple(kept)
