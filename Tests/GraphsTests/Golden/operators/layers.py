"""Convolutions and poolings."""
import numpy as np

from .registry import cases


def window(g, rank, places, dilates=True, strides=True):
    """Attributes of a sliding window over `places`, which are large enough for it."""
    kernel = [g.count(1, 3) for _ in range(rank)]
    attributes = {"kernel_shape": kernel}
    if strides and g.chance(0.6):
        attributes["strides"] = [g.count(1, 3) for _ in range(rank)]
    if dilates and g.chance(0.3):
        attributes["dilations"] = [g.count(1, 2) for _ in range(rank)]
    padding = g.choose("none", "pads", "pads", "SAME_UPPER", "SAME_LOWER", "VALID", "NOTSET")
    if padding in ("pads", "NOTSET"):
        attributes["pads"] = [g.count(0, k - 1) for k in kernel * 2]
    if padding not in ("none", "pads"):
        attributes["auto_pad"] = padding
    return attributes


def places(g, rank):
    return [g.count(6, 11) if rank == 1 else g.count(5, 8) if rank == 2 else 5 for _ in range(rank)]


@cases("Conv", 84)
def convolution(g):
    rank = g.choose(1, 1, 2, 2, 2, 3) if g.chance(0.3) else g.choose(1, 2)
    groups = g.choose(1, 1, 2, 3)
    each, filters = g.count(1, 3), groups * g.count(1, 3)
    if g.chance(0.2):
        each, groups = 1, g.count(2, 5)
        filters = groups * g.choose(1, 1, 2)
    size = places(g, rank)
    attributes = window(g, rank, size)
    x = g.input(g.real(g.count(1, 2), each * groups, *size))
    w = g.operand(g.real(filters, each, *attributes["kernel_shape"], low=-1, high=1))
    b = g.operand(g.real(filters)) if g.chance() else None
    if g.chance(0.3):
        del attributes["kernel_shape"]
    g.node("Conv", [x, w, b], group=groups if groups > 1 or g.chance(0.3) else None, **attributes)


@cases("Conv", 8)
def convolution_activated(g):
    """With what is usually fused behind it."""
    x = g.input(g.real(2, 3, 6, 5))
    y = g.node("Conv", [x, g.operand(g.real(4, 3, 3, 3, low=-1, high=1))], pads=[1, 1, 1, 1])
    g.node(g.choose("Relu", "Sigmoid", "Tanh", "Elu", "HardSigmoid", "Softplus", "LeakyRelu"), [y])


@cases("ConvTranspose", 64)
def transposed(g):
    rank = g.choose(1, 2, 2)
    groups = g.choose(1, 1, 2, 3)
    each, filters = g.count(1, 3), g.count(1, 3)
    size = [g.count(3, 5) for _ in range(rank)]
    attributes = window(g, rank, size)
    strides = attributes.get("strides", [1] * rank)
    dilations = attributes.get("dilations", [1] * rank)
    if attributes.get("auto_pad", "") == "NOTSET":
        del attributes["auto_pad"]
    form = g.choose("plain", "plain", "output_padding", "output_shape")
    if form == "output_padding":
        attributes["output_padding"] = [g.count(0, max(s, d) - 1) for s, d in zip(strides, dilations)]
    elif form == "output_shape":
        attributes.pop("pads", None)
        full = [s * (n - 1) + (k - 1) * d + 1 for s, n, k, d in zip(strides, size, attributes["kernel_shape"], dilations)]
        attributes["output_shape"] = [max(1, f - g.count(0, 2)) for f in full]
    x = g.input(g.real(g.count(1, 2), each * groups, *size))
    w = g.operand(g.real(each * groups, filters, *attributes["kernel_shape"], low=-1, high=1))
    b = g.operand(g.real(filters * groups)) if g.chance() else None
    g.node("ConvTranspose", [x, w, b], group=groups if groups > 1 else None, **attributes)


def _pool(kind, count, options):
    @cases(kind, count)
    def make(g):
        rank = g.choose(1, 2, 2, 3) if g.chance(0.3) else g.choose(1, 2)
        size = places(g, rank)
        dilates = g.opset >= {"MaxPool": 10, "AveragePool": 19, "LpPool": 18}[kind]
        attributes = window(g, rank, size, dilates=dilates)
        if attributes.get("auto_pad", "").startswith("SAME"):
            # ONNX Runtime pads for a kernel that is not dilated.
            attributes.pop("dilations", None)
        if kind == "LpPool" and g.opset < 18 or g.opset < 10:
            pass
        elif g.chance(0.4):
            attributes["ceil_mode"] = g.count(0, 1)
        x = g.input(g.real(g.count(1, 2), g.count(1, 3), *size))
        g.node(kind, [x], **attributes, **options(g))


_pool("MaxPool", 48, lambda g: {"storage_order": 0} if g.opset >= 8 and g.chance(0.2) else {})
_pool("AveragePool", 52, lambda g: {"count_include_pad": g.count(0, 1)} if g.chance(0.6) else {})
_pool("LpPool", 24, lambda g: {"p": g.choose(1, 2, 3)} if g.chance(0.8) else {})


@cases("MaxPool", 8, opsets=[range(8, 10), range(10, 11), range(11, 12), range(12, 22)])
def places_of_maxima(g):
    g.node("MaxPool", [g.input(g.real(2, 2, 5, 6))], "11", kernel_shape=[2, 3], strides=[g.count(1, 2)] * 2)


def _global(kind):
    @cases(kind, 7)
    def make(g):
        g.node(kind, [g.input(g.real(*g.shape(3, 5)))], **({"p": g.count(1, 3)} if "Lp" in kind and g.chance(0.7) else {}))


for kind in ("GlobalMaxPool", "GlobalAveragePool", "GlobalLpPool"):
    _global(kind)
