"""The nearest valid choice, for messages about a name that is not one."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

LIKENESS = 0.75  # of the letters: "irsi" and "iris"
SHORTEST_BEGINNING = 3


def did_you_mean(name: str, choices: Iterable[str]) -> str:
    """Return " Did you mean Species?" for the nearest of ``choices``, whatever its case; "" where none is near.

    Near is a slip of the keys, or the beginning of one choice only; an ending in common, ".csv", makes none near.
    """
    by_lower = {choice.lower(): choice for choice in choices}
    name = name.lower()
    near = [choice for choice in difflib.get_close_matches(name, by_lower, cutoff=LIKENESS) if _is_slip(name, choice)]
    begun = [choice for choice in by_lower if choice.startswith(name)] if len(name) >= SHORTEST_BEGINNING else []
    found = near or (begun if len(begun) == 1 else [])
    return f" Did you mean {by_lower[found[0]]}?" if found else ""


def _is_slip(name: str, choice: str) -> bool:
    stem, _, ending = name.rpartition(".")
    other, _, other_ending = choice.rpartition(".")
    return ending != other_ending or not stem or difflib.SequenceMatcher(None, stem, other).ratio() >= LIKENESS
