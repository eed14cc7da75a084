"""Small fluid runs."""

import math
from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from tonnage.engine.fluid.layout import lay_out
from tonnage.engine.fluid.run import FluidRun
from tonnage.engine.kernels.histogram import FINE_BITS, bucket_edges
from tonnage.engine.model import build
from tonnage.engine.primitives import Primitive
from tonnage.engine.program import Program, Visit


def steady(
    primitives: Mapping[str, Primitive], visit: Visit, rate: float, *, minutes: int = 10, deadline_s: float = 1e9
) -> FluidRun:
    """A run that has settled in its first ten minutes, with the minutes after it counted."""
    program = Program(route="r", share=1.0, entry=visit, deadline_s=deadline_s)
    plain = Program(route="r", share=1.0, entry=Visit(component="r"))
    # The layout is made from programs and primitives alone.
    model = replace(build(primitives, [plain]), programs=(program,))
    run = FluidRun(lay_out(model), minutes)
    run.advance(600.0, rate)
    for k in range(minutes):
        run.advance(600.0 + 60.0 * (k + 1), rate, window=k, left_s=math.inf)
    return run


def mean_response(run: FluidRun) -> float:
    """Mean of the drawn response times."""
    edges = bucket_edges(FINE_BITS)
    shares = run.books.fine[0]
    return float(np.dot(shares, (edges[1:] + edges[:-1]) / 2.0) / shares.sum())


def failed_share(run: FluidRun) -> float:
    """Share of the judged requests that failed."""
    counts = run.books.counts[0].sum(axis=0)
    return float(counts[1] / counts.sum())
