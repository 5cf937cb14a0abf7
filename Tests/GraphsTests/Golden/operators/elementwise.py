"""Functions of one number, of two, and of several."""
import numpy as np

from .registry import cases

# The range from which the argument is drawn, and the attributes.
UNARY = {
    "Abs": (-2, 2), "Neg": (-2, 2), "Exp": (-2, 2), "Log": (0.1, 4), "Sqrt": (0.1, 4), "Reciprocal": (0.3, 3),
    "Sin": (-4, 4), "Cos": (-4, 4), "Tan": (-1.3, 1.3), "Asin": (-0.9, 0.9), "Acos": (-0.9, 0.9), "Atan": (-3, 3),
    "Sinh": (-3, 3), "Cosh": (-3, 3), "Asinh": (-3, 3), "Acosh": (1.1, 4), "Atanh": (-0.9, 0.9), "Erf": (-2, 2),
    "Floor": (-4, 4), "Ceil": (-4, 4), "Round": (-4, 4), "Sign": (-2, 2), "Relu": (-2, 2), "Sigmoid": (-4, 4),
    "Tanh": (-3, 3), "Softplus": (-4, 4), "Softsign": (-4, 4), "HardSwish": (-5, 5), "Mish": (-4, 4),
    "Identity": (-2, 2),
}
ATTRIBUTES = {
    "Elu": ("alpha",), "Celu": ("alpha",), "LeakyRelu": ("alpha",), "ThresholdedRelu": ("alpha",),
    "Selu": ("alpha", "gamma"), "HardSigmoid": ("alpha", "beta"), "Shrink": ("lambd", "bias"),
}


def _unary(kind, low, high):
    @cases(kind, 9)
    def make(g):
        g.node(kind, [g.input(g.real(*g.shape(), low=low, high=high))])


for kind, (low, high) in UNARY.items():
    _unary(kind, low, high)


def _parametric(kind, names):
    @cases(kind, 10)
    def make(g):
        values = {n: float(np.float32(g.random.uniform(0.15, 1.5))) for n in names if g.chance(0.7)}
        g.node(kind, [g.input(g.real(*g.shape(), low=-4, high=4))], **values)


for kind, names in ATTRIBUTES.items():
    _parametric(kind, names)


@cases("Gelu", 12)
def gelu(g):
    g.node("Gelu", [g.input(g.real(*g.shape(), low=-4, high=4))], approximate=g.choose("none", "tanh", None))


def _whole(kind):
    @cases(kind, 2)
    def make(g):
        g.node(kind, [g.input(g.whole(*g.shape(), dtype=g.choose(np.int64, np.int32)))])


for kind in ("Abs", "Neg", "Sign"):
    _whole(kind)


@cases("Round", 3)
def halves(g):
    """Halves go to the even neighbour."""
    g.differentiable = False
    g.node("Round", [g.input(g.whole(*g.shape(), low=-7, high=7).astype(np.float32) / 2)])


def _gate(kind):
    @cases(kind, 2)
    def make(g):
        """What is constant nearly everywhere still scales what flows past it."""
        x = g.input(g.real(*g.shape(1, 3)))
        g.node("Mul", [g.node(kind, [x]), x])


for kind in ("Floor", "Ceil", "Round", "Sign"):
    _gate(kind)


@cases("PRelu", 16)
def prelu(g):
    shape = g.shape(2, 4)
    slope = g.choose(shape, [shape[1]] + [1] * (len(shape) - 2), [1], [shape[-1]])
    g.node("PRelu", [g.input(g.real(*shape)), g.operand(g.real(*slope, low=-0.5, high=1))])


@cases("Clip", 24)
def clip(g):
    low, high = np.float32(g.random.uniform(-1.5, 0)), np.float32(g.random.uniform(0.1, 1.5))
    bounds = g.choose("low", "high", "both", "none", "both")
    low, high = (low if bounds in ("low", "both") else None), (high if bounds in ("high", "both") else None)
    x = g.input(g.real(*g.shape()))
    if g.opset < 11:
        g.node("Clip", [x], min=None if low is None else float(low), max=None if high is None else float(high))
    else:
        g.node("Clip", [x, *(None if b is None else g.constant(b) for b in (low, high))])


@cases("Clip", 3, opsets=[range(12, 22)])
def clip_whole(g):
    g.node("Clip", [g.input(g.whole(2, 5)), g.constant(np.int64(-3)), g.constant(np.int64(g.count(0, 5)))])


def broadcast_pair(g, low=1, high=4):
    """Two shapes that broadcast together, in all ways."""
    full = g.shape(low, high, most=4)
    a = [1 if g.chance(0.2) else e for e in full]
    b = [1 if g.chance(0.3) else e for e in full][g.choose(0, 0, 1, 2, 4):]
    return (a, b) if g.chance() else (b, a)


def _pair(g, a, b):
    """Two operands, at least one of them fed."""
    if g.chance():
        return g.input(a), g.operand(b)
    return g.operand(a), g.input(b)


def _binary(kind, count, low=-2, high=2):
    @cases(kind, count)
    def make(g):
        a, b = broadcast_pair(g)
        sign = g.choose(1, -1) if kind == "Div" else 1
        g.node(kind, _pair(g, g.real(*a, low=low, high=high), sign * g.real(*b, low=low, high=high)))


_binary("Add", 20)
_binary("Sub", 20)
_binary("Mul", 20)
_binary("Div", 20, 0.3, 2)
_binary("Pow", 12, 0.3, 2)


def _binary_whole(kind):
    @cases(kind, 4)
    def make(g):
        a, b = broadcast_pair(g)
        dtype = g.choose(np.int64, np.int32)
        divisor = g.whole(*b, low=1, high=4, dtype=dtype) * g.choose(1, -1)
        g.node(kind, _pair(g, g.whole(*a, low=-20, high=20, dtype=dtype), divisor.astype(dtype)))


for kind in ("Add", "Sub", "Mul", "Div"):
    _binary_whole(kind)


@cases("Add", 3)
def twice(g):
    x = g.input(g.real(*g.shape()))
    g.node(g.choose("Add", "Mul"), [x, x])


@cases("Div", 2)
def itself(g):
    x = g.input(g.real(*g.shape(), low=0.3, high=2))
    y = g.node("Exp", [x])
    g.node("Div", g.choose([y, x], [x, y]))


@cases("Pow", 8)
def power(g):
    """Constant exponents, and negative bases with whole ones."""
    exponent = g.choose(2.0, 3.0, 1.0, 0.0, -1.0, -2.0)
    base = g.real(*g.shape(), low=0.3, high=2) * g.choose(1, -1)
    g.node("Pow", [g.input(base), g.constant(np.float32(exponent) if g.chance() else np.float32([exponent]))])


@cases("Pow", 6, opsets=[range(15, 22), range(13, 15), range(12, 13)])
def power_whole(g):
    """A base and an exponent of two types: the result is of the base's."""
    shape = g.shape()
    if g.chance():
        g.node("Pow", [g.input(g.real(*shape, low=0.4, high=2)), g.constant(g.whole(low=-2, high=3))])
    else:
        g.node("Pow", [g.input(g.whole(*shape, low=-4, high=4)), g.constant(g.whole(low=0, high=3))])


@cases("Mod", 10)
def modulo(g):
    a, b = broadcast_pair(g)
    if g.chance():
        dtype = g.choose(np.int64, np.int32)
        divisor = (g.whole(*b, low=1, high=5) * g.whole(*b, low=0, high=1) * 2 + 1).astype(dtype)
        g.node("Mod", _pair(g, g.whole(*a, low=-20, high=20, dtype=dtype), divisor), fmod=g.choose(None, 0, 1))
    else:
        g.node("Mod", _pair(g, g.real(*a, low=-4, high=4), g.real(*b, low=0.7, high=2)), fmod=1)


def _several(kind):
    @cases(kind, 18)
    def make(g):
        shapes = [*broadcast_pair(g)]
        if g.chance():
            shapes.append(g.choose(shapes[0], shapes[1], [1]))
        if g.chance(0.2):
            shapes = shapes[:1]
        if g.opset < 8:
            shapes = [shapes[0]] * len(shapes)
        values = [g.real(*s) for s in shapes]
        g.node(kind, [g.input(values[0]), *map(g.operand, values[1:])])


for kind in ("Min", "Max", "Mean", "Sum"):
    _several(kind)


def _extremes(kind):
    @cases(kind, 3, opsets=[range(12, 13), range(13, 22)])
    def make(g):
        a, b = broadcast_pair(g)
        g.node(kind, [g.input(g.whole(*a)), g.operand(g.whole(*b))])


for kind in ("Min", "Max"):
    _extremes(kind)


def _comparison(kind):
    @cases(kind, 9)
    def make(g):
        a, b = broadcast_pair(g)
        if g.chance(0.3) and (g.opset >= 9 or kind == "Equal"):
            g.node(kind, _pair(g, g.whole(*a, low=-2, high=2), g.whole(*b, low=-2, high=2)))
        elif kind == "Equal" and g.opset < 11:
            g.node(kind, _pair(g, g.whole(*a, low=0, high=1, dtype=np.int32), g.whole(*b, low=0, high=1, dtype=np.int32)))
        else:
            g.node(kind, _pair(g, g.coarse(*a), g.coarse(*b)))


for kind in ("Equal", "Greater", "Less", "GreaterOrEqual", "LessOrEqual"):
    _comparison(kind)


def _logical(kind):
    @cases(kind, 6)
    def make(g):
        a, b = broadcast_pair(g)
        g.node(kind, _pair(g, g.truth(*a), g.truth(*b)))


for kind in ("And", "Or", "Xor"):
    _logical(kind)


@cases("Not", 5)
def negation(g):
    g.node("Not", [g.input(g.truth(*g.shape()))])


@cases("Where", 18)
def where(g):
    a, b = broadcast_pair(g)
    c, _ = broadcast_pair(g) if g.chance(0.1) else (g.choose(a, b), None)
    kind = g.choose("real", "real", "whole")
    values = [g.real(*s) if kind == "real" else g.whole(*s) for s in (a, b)]
    g.node("Where", [g.operand(g.truth(*c)), *_pair(g, *values)])


@cases("Where", 4)
def where_compared(g):
    """The condition is made by a comparison of floats."""
    shape = g.shape(1, 3)
    x = g.input(g.real(*shape))
    condition = g.node(g.choose("Less", "Greater"), [x, g.constant(np.float32(0.1))])
    g.node("Where", [condition, g.node("Mul", [x, x]), g.operand(g.real(*shape))])


def _check(kind):
    @cases(kind, 4)
    def make(g):
        g.differentiable = False
        x = g.real(*g.shape(2, 3))
        for value in (np.nan, np.inf, -np.inf):
            x.reshape(-1)[g.random.integers(x.size)] = value
        signs = {}
        if kind == "IsInf" and g.chance():
            signs = dict(detect_negative=g.count(0, 1), detect_positive=g.count(0, 1))
        g.node(kind, [g.input(x)], **signs)


for kind in ("IsNaN", "IsInf"):
    _check(kind)


@cases("Cast", 14)
def cast(g):
    shape = g.shape()
    kind = g.choose("float", "float", "int", "bool")
    x = g.real(*shape, low=-5, high=5) if kind == "float" else g.whole(*shape) if kind == "int" else g.truth(*shape)
    g.node("Cast", [g.input(x)], to=int(g.choose(1, 6, 7, 9, 11)))


@cases("Cast", 4)
def cast_between(g):
    """Fractions are cut off before the sum."""
    x = g.input(g.real(*g.shape(), low=-5, high=5))
    whole = g.node("Cast", [x], to=7)
    g.node("Add", [x, g.node("Cast", [whole], to=1)])


@cases("CastLike", 6)
def cast_like(g):
    like = g.choose(np.float32(0), np.int64(0), np.int32(0))
    g.node("CastLike", [g.input(g.choose(g.real(2, 3, high=5), g.whole(2, 3))), g.constant(like)])


@cases("Dropout", 12)
def dropout(g):
    x = g.input(g.real(*g.shape()))
    if g.opset < 12:
        g.node("Dropout", [x], ratio=g.choose(None, 0.3))
    else:
        ratio = g.constant(np.float32(0.3)) if g.chance() else None
        training = g.constant(np.array(False)) if g.chance(0.4) else None
        g.node("Dropout", [x, ratio, training])
