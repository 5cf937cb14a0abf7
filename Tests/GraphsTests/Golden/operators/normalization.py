"""Normalizations, over channels, groups, rows and neighbours."""
import numpy as np

from .registry import cases


def channels_first(g, least=2):
    return [g.count(2, 3), g.count(least, 6), *(g.count(2, 5) for _ in range(g.choose(0, 1, 2)))]


@cases("BatchNormalization", 36)
def batch(g):
    shape = channels_first(g)
    c = shape[1]
    constants = [g.real(c), g.real(c), g.real(c), g.real(c, low=0.2, high=2)]
    if g.chance(0.35):
        operands = [g.operand(v) for v in constants]
    else:
        operands = [g.constant(v) for v in constants]
    attributes = {"epsilon": float(np.float32(g.choose(1e-5, 1e-3, 0.1)))} if g.chance(0.7) else {}
    if g.opset < 9 and g.chance():
        attributes["spatial"] = 1
    if g.opset >= 14 and g.chance():
        attributes["training_mode"] = 0
    g.node("BatchNormalization", [g.input(g.real(*shape)), *operands], **attributes)


@cases("BatchNormalization", 4)
def folded(g):
    """Behind a convolution, into which it can be folded."""
    x = g.input(g.real(2, 3, 7))
    y = g.node("Conv", [x, g.constant(g.real(4, 3, 3))])
    g.node("BatchNormalization", [y, *(g.constant(g.real(4)) for _ in range(3)), g.constant(g.real(4, low=0.2))])


@cases("InstanceNormalization", 24)
def instance(g):
    shape = [g.count(1, 3), g.count(1, 4), *(g.count(3, 6) for _ in range(g.count(1, 2)))]
    scale, bias = g.operand(g.real(shape[1])), g.operand(g.real(shape[1]))
    g.node("InstanceNormalization", [g.input(g.real(*shape)), scale, bias], epsilon=g.choose(None, 1e-3, 0.1))


@cases("LayerNormalization", 36)
def layer(g):
    shape = g.shape(2, 4)
    shape[-1] = g.count(3, 6)
    axis = g.count(-len(shape), len(shape) - 1) if g.chance(0.7) else None
    inner = shape[-1 if axis is None else axis:] if axis is None or axis < 0 else shape[axis:]
    b = g.operand(g.real(*inner)) if g.chance(0.7) else None
    attributes = {"axis": axis, "epsilon": g.choose(None, 1e-3, 0.1)}
    outputs = g.choose(1, 1, "111") if g.chance(0.3) else 1
    g.node("LayerNormalization", [g.input(g.real(*shape)), g.operand(g.real(*inner)), b], outputs, **attributes)


@cases("GroupNormalization", 20, opsets=[range(21, 22), range(18, 21)])
def group(g):
    groups, each = g.count(1, 3), g.count(1, 3)
    shape = [g.count(1, 2), groups * each, *(g.count(3, 5) for _ in range(g.count(1, 2)))]
    of = groups if g.opset < 21 else groups * each
    g.node(
        "GroupNormalization", [g.input(g.real(*shape)), g.operand(g.real(of)), g.operand(g.real(of))],
        num_groups=groups, epsilon=g.choose(None, 1e-3, 0.1))


@cases("LRN", 24)
def neighbours(g):
    shape = [g.count(1, 2), g.count(3, 6), g.count(2, 4), g.count(1, 3)]
    g.node(
        "LRN", [g.input(g.real(*shape))], size=g.choose(1, 3, 5), alpha=g.choose(None, 0.5, 0.1),
        beta=g.choose(None, 0.5, 1.0), bias=g.choose(None, 2.0))


@cases("LpNormalization", 12)
def lp(g):
    shape = g.shape(1, 4)
    shape[-1] += 1
    g.node(
        "LpNormalization", [g.input(g.real(*shape))], p=g.choose(None, 1, 2),
        axis=g.choose(None, g.count(-len(shape), len(shape) - 1)))


@cases("MeanVarianceNormalization", 8)
def mean_variance(g):
    g.node("MeanVarianceNormalization", [g.input(g.real(2, 3, 3, 4))], axes=g.choose(None, [0, 2, 3], [2, 3], [1]))


def _softmax(kind, count):
    @cases(kind, count)
    def make(g):
        shape = g.shape(1, 4)
        low = -len(shape) if g.opset >= 11 else 0
        axis = g.count(low, len(shape) - 1) if g.chance(0.8) or len(shape) < 2 else None
        g.node(kind, [g.input(g.real(*shape, low=-4, high=4))], axis=axis)


_softmax("Softmax", 30)
_softmax("LogSoftmax", 30)
