"""The fast path: the cost and gradient of ``SoftmaxObjective`` without its temporaries, the same to rounding.

Everything here is about memory. Examples go through in blocks that stay in the processor's cache from the forward to
the backward pass; every intermediate result has its buffer; and arrays lie class-major, (C, B) for B rows, so that sums
over classes run along whole rows.
"""

from engine.fused.objective import FusedBatch, FusedObjective
from engine.fused.threads import ThreadTeam, checked_threads, usable_threads

__all__ = ["FusedBatch", "FusedObjective", "ThreadTeam", "checked_threads", "usable_threads"]
