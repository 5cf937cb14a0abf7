"""Sums, means and extremes over axes."""
import numpy as np

from .registry import cases

OPERAND_SINCE = {"ReduceSum": 13}


def _reduce(kind, count, low=-2, high=2):
    @cases(kind, count)
    def make(g):
        shape = g.shape(1, 4, most=4)
        rank = len(shape)
        axes = sorted(g.random.choice(rank, g.count(1, rank), replace=False).tolist())
        if g.opset >= 11:
            axes = [a - rank if g.chance(0.3) else a for a in axes]
        if g.chance(0.25):
            axes = None
        x = g.input(g.real(*shape, low=low, high=high))
        keep = g.choose(None, 0, 0, 1)
        if g.opset < OPERAND_SINCE.get(kind, 18):
            g.node(kind, [x], axes=axes, keepdims=keep)
        else:
            noop = g.count(0, 1) if g.chance(0.3) else None
            form = [] if axes is None and g.chance() else [g.constant(np.array(axes or [], np.int64))]
            g.node(kind, [x, *form], keepdims=keep, noop_with_empty_axes=noop)


for kind in ("ReduceSum", "ReduceMean", "ReduceMax", "ReduceMin"):
    _reduce(kind, 20)
for kind in ("ReduceL1", "ReduceL2", "ReduceLogSumExp", "ReduceSumSquare"):
    _reduce(kind, 16)
_reduce("ReduceLogSum", 16, 0.2, 2)
_reduce("ReduceProd", 16)


def _whole(kind):
    @cases(kind, 3)
    def make(g):
        x = g.input(g.whole(*g.shape(2, 3), dtype=g.choose(np.int64, np.int32)))
        axes = [g.count(0, 1)]
        if g.opset < OPERAND_SINCE.get(kind, 18):
            g.node(kind, [x], axes=axes, keepdims=g.count(0, 1))
        else:
            g.node(kind, [x, g.constant(np.array(axes))], keepdims=g.count(0, 1))


for kind in ("ReduceSum", "ReduceMax", "ReduceMin", "ReduceProd"):
    _whole(kind)


def _arg(kind):
    @cases(kind, 16)
    def make(g):
        shape = g.shape(1, 4)
        low = -len(shape) if g.opset >= 11 else 0
        ties = g.chance(0.4)
        last = g.count(0, 1) if g.opset >= 12 and ties else None
        g.node(
            kind, [g.input(g.coarse(*shape) if ties else g.real(*shape))], select_last_index=last,
            axis=g.choose(None, g.count(low, len(shape) - 1)), keepdims=g.choose(None, 0, 1))


_arg("ArgMax")
_arg("ArgMin")


@cases("TopK", 24)
def top(g):
    shape = g.shape(1, 3)
    axis = g.count(0, len(shape) - 1)
    k = g.count(1, shape[axis])
    if g.opset >= 11 and g.chance(0.3):
        axis -= len(shape)
    g.differentiable = g.chance(0.8)
    x = g.input(g.real(*shape) if g.differentiable else g.coarse(*shape))
    if g.opset < 10:
        g.node("TopK", [x], "11", axis=axis, k=k)
    else:
        largest = g.choose(None, 0, 1) if g.opset >= 11 else None
        g.node("TopK", [x, g.constant(np.array([k]))], "11", axis=axis, largest=largest)


@cases("TopK", 3)
def top_used(g):
    x = g.input(g.real(2, 5))
    k = {"k": 3} if g.opset < 10 else {}
    values, places = g.node("TopK", [x] + ([] if k else [g.constant(np.array([3]))]), "11", **k)
    g.node("Mul", [values, g.node("Cast", [places], to=1)])


@cases("CumSum", 16)
def cumulative(g):
    shape = g.shape(1, 4)
    axis = g.constant(np.array(g.count(-len(shape), len(shape) - 1), g.choose(np.int64, np.int32)))
    g.node("CumSum", [g.input(g.real(*shape)), axis], exclusive=g.choose(None, 0, 1), reverse=g.choose(None, 0, 1))


@cases("Hardmax", 9)
def hardmax(g):
    shape = g.shape(1, 4)
    axis = g.choose(None, *range(len(shape)), *((-1, -len(shape)) if g.opset >= 11 else ()))
    if axis is None and g.opset < 13 and len(shape) < 2:
        axis = 0
    g.node("Hardmax", [g.input(g.real(*shape))], axis=axis)
