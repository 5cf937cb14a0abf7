"""Numbers brought to few bits and back."""
import numpy as np

from .registry import cases


def _scales(g, shape, since=13):
    """A scale and a zero point, for all elements or for each place of an axis."""
    kind = g.choose(np.uint8, np.int8)
    if g.opset >= since and g.chance():
        axis = g.count(0, len(shape) - 1)
        extents = [shape[axis]]
    else:
        axis, extents = None, []
    scale = g.real(*extents, low=0.05, high=0.3)
    zero = g.whole(*extents, low=0, high=20, dtype=kind) if g.chance(0.7) else None
    return axis, scale, zero, kind


@cases("QuantizeLinear", 20)
def quantize(g):
    g.differentiable = False
    shape = g.shape(1, 3)
    axis, scale, zero, _ = _scales(g, shape)
    operands = [g.input(g.real(*shape, low=-12, high=12)), g.constant(scale), None if zero is None else g.constant(zero)]
    g.node("QuantizeLinear", operands, axis=axis)


@cases("DequantizeLinear", 20)
def dequantize(g):
    shape = g.shape(1, 3)
    axis, scale, zero, kind = _scales(g, shape)
    x = g.whole(*shape, low=0 if kind == np.uint8 else -128, high=127, dtype=kind)
    if zero is None and kind == np.int8 and g.chance(0.3):
        x = x.astype(np.int32)
    operands = [g.input(x), g.constant(scale), None if zero is None else g.constant(zero)]
    g.node("DequantizeLinear", operands, axis=axis)


@cases("DequantizeLinear", 8)
def quantized_weights(g):
    """As quantized models keep their weights."""
    w = g.constant(g.whole(4, 3, low=-100, high=100, dtype=np.int8))
    scale, axis = (g.real(4, low=0.01, high=0.02), 0) if g.opset >= 13 and g.chance() else (np.float32(0.015), None)
    weights = g.node("DequantizeLinear", [w, g.constant(scale)], axis=axis)
    g.node("Gemm", [g.input(g.real(2, 3)), weights], transB=1) if g.opset >= 11 else g.node(
        "Gemm", [g.input(g.real(2, 3)), weights, g.constant(g.real(4))], transB=1)


@cases("QuantizeLinear", 8)
def there_and_back(g):
    g.differentiable = False
    shape = g.shape(1, 3)
    _, scale, zero, _ = _scales(g, shape, since=99)
    scale, zero = g.constant(scale), g.constant(np.uint8(7) if zero is None else zero)
    x = g.input(g.real(*shape, low=-12, high=12))
    g.node("DequantizeLinear", [g.node("QuantizeLinear", [x, scale, zero]), scale, zero])


@cases("DynamicQuantizeLinear", 5)
def dynamic(g):
    g.differentiable = False
    g.node("DynamicQuantizeLinear", [g.input(g.real(*g.shape(2, 3)))], "111")


@cases("ConvInteger", 8)
def integer_convolution(g):
    x, w = g.whole(1, 2, 5, 4, low=0, high=200, dtype=np.uint8), g.whole(3, 2, 2, 3, low=-90, high=90, dtype=np.int8)
    zeros = [g.constant(np.uint8(g.count(0, 9)))] if g.chance() else []
    g.node("ConvInteger", [g.input(x), g.constant(w), *zeros], pads=g.choose(None, [1, 1, 1, 1]))


def _q(g, shape, dtype, low, high):
    scale, zero = np.float32(g.random.uniform(0.02, 0.1)), dtype(g.count(0, 5))
    return g.whole(*shape, low=low, high=high, dtype=dtype), g.constant(scale), g.constant(zero)


@cases("QLinearConv", 8)
def quantized_convolution(g):
    x, xs, xz = _q(g, [1, 2, 5, 4], np.uint8, 0, 200)
    w, ws, _ = _q(g, [3, 2, 2, 3], np.int8, -90, 90)
    wz, yz = g.constant(np.int8(0)), g.constant(np.uint8(90))
    bias = [g.constant(g.whole(3, low=-90, high=90, dtype=np.int32))] if g.chance() else []
    x, w = g.input(x), g.constant(w)
    g.node("QLinearConv", [x, xs, xz, w, ws, wz, g.constant(np.float32(5)), yz, *bias], strides=g.choose(None, [1, 2]))


@cases("QLinearMatMul", 8)
def quantized_product(g):
    a, s, z = _q(g, [3, 4], np.uint8, 0, 200)
    b, t, y = _q(g, [4, 2], np.uint8, 0, 200)
    g.node("QLinearMatMul", [g.input(a), s, z, g.constant(b), t, y, g.constant(np.float32(3)), g.constant(np.uint8(60))])
