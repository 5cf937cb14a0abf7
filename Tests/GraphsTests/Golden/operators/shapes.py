"""Constants, and what is computed from shapes."""
import numpy as np
from onnx import helper, numpy_helper

from .registry import cases


@cases("Shape", 12)
def shape(g):
    bounds = dict(start=g.choose(None, 0, 1, -2), end=g.choose(None, -1, 2, 9)) if g.opset >= 15 else {}
    g.node("Shape", [g.input(g.real(*g.shape(2, 4)))], **bounds)


@cases("Shape", 18)
def reshaped_by_arithmetic(g):
    """As exporters write `x.reshape(x.shape[0], -1)`."""
    x = g.input(g.real(*g.shape(3, 4)))
    s = g.node("Shape", [x])
    first = g.node("Gather", [s, g.constant(np.int64(0))])
    if g.opset < 13:
        first = g.node("Unsqueeze", [first], axes=[0])
    else:
        first = g.node("Unsqueeze", [first, g.constant(np.array([0]))])
    target = g.node("Concat", [first, g.constant(np.array([-1]))], axis=0)
    g.node("Reshape", [x, target])


@cases("Shape", 8)
def filled(g):
    """A mask as large as the input."""
    x = g.input(g.real(*g.shape(1, 3)))
    if g.opset < 9:
        ones = g.node("Expand", [g.constant(np.float32([2])), g.node("Shape", [x])]) if g.opset == 8 else x
    else:
        ones = g.node("ConstantOfShape", [g.node("Shape", [x])], value=numpy_helper.from_array(np.float32([3])))
    g.node("Mul", [x, ones])


@cases("Size", 8)
def size(g):
    x = g.input(g.real(*g.shape(1, 3)))
    count = g.node("Cast", [g.node("Size", [x])], to=1)
    if g.chance(0.7):
        g.node("Div", [x, count])


@cases("Constant", 12)
def constant(g):
    x = g.input(g.real(2, 3))
    forms = [{"value": numpy_helper.from_array(g.real(2, 3))}]
    if g.opset >= 12:
        forms += [{"value_float": 1.5}, {"value_floats": [0.5, 1.5, 2.5]}]
    c = g.node("Constant", [], **g.choose(*forms))
    g.node("Add", [x, c])


@cases("ConstantOfShape", 12)
def constant_of_shape(g):
    x = g.input(g.real(2, 3))
    target = g.constant(np.array(g.choose([2, 3], [3], [4, 1, 1], [2, 2, 3])))
    value = g.choose(None, np.float32([1.5]), np.float32([-2]))
    c = g.node("ConstantOfShape", [target], value=None if value is None else numpy_helper.from_array(value))
    g.node("Add", [x, c])


@cases("Range", 12)
def ranges(g):
    x = g.input(g.real(2, 1))
    start, delta = g.choose(0, 1, -2), g.choose(1, 2, 3)
    dtype = g.choose(np.int64, np.float32)
    if g.chance():
        start, delta = start + 9, -delta
    limit = start + delta * g.count(1, 5) + g.choose(0, 1)
    r = g.node("Range", [g.constant(dtype(v)) for v in (start, limit, delta)])
    if dtype == np.int64:
        r = g.node("Cast", [r], to=1)
    g.node("Mul", [x, r])


@cases("Range", 4)
def positions(g):
    """A number for each place of the last axis."""
    x = g.input(g.real(2, g.count(2, 5)))
    n = g.node("Gather", [g.node("Shape", [x]), g.constant(np.int64(1))])
    r = g.node("Range", [g.constant(np.int64(0)), n, g.constant(np.int64(1))])
    g.node("Add", [x, g.node("Cast", [r], to=1)])


def _body(name, nodes, inputs, outputs):
    def info(n, kind, shape):
        return helper.make_tensor_value_info(n, kind, shape)
    return helper.make_graph(nodes, name, [info(*i) for i in inputs], [info(*o) for o in outputs])


@cases("If", 16)
def conditional(g):
    """A condition that is a constant, or follows from the input's shape; branches that read tensors outside."""
    x = g.input(g.real(2, 3))
    form = g.choose("constant", "shape", "shape")
    if form == "constant":
        condition = g.constant(np.array(g.chance()))
    else:
        n = g.node("Gather", [g.node("Shape", [x]), g.constant(np.int64(1))])
        if g.opset >= 9 and g.chance():
            condition = g.node("Greater", [n, g.constant(np.int64(g.choose(2, 5)))])
        else:
            condition = g.node("Equal", [n, g.constant(np.int64(g.choose(3, 5)))])
    a = _body("a", [helper.make_node("Exp", [x], ["e"]), helper.make_node("Mul", ["e", x], ["a"])], [], [("a", 1, [2, 3])])
    b = _body("b", [helper.make_node("Tanh", [x], ["e"])], [], [("e", 1, [2, 3])])
    y = g.node("If", [condition], then_branch=a, else_branch=b)
    if g.chance():
        g.node("Add", [x, y])


@cases("Loop", 20)
def loop(g):
    """A known number of rounds: what is carried along, and what is collected."""
    x = g.input(g.real(2, 3))
    w = g.operand(g.real(3))
    form = g.choose("carried", "collected", "counted")
    trips = g.count(1, 4)
    inputs = [("i", 7, []), ("more", 9, []), ("h", 1, [2, 3])]
    nodes = [
        helper.make_node("Identity", ["more"], ["go on"]), helper.make_node("Mul", ["h", w], ["m"]),
        helper.make_node("Tanh", ["m"], ["next"])]
    outputs = [("go on", 9, []), ("next", 1, [2, 3])]
    if form == "counted":
        nodes[-1:] = [
            helper.make_node("Cast", ["i"], ["count"], to=1), helper.make_node("Add", ["m", "count"], ["next"])]
    if form == "collected":
        nodes.append(helper.make_node("Sin", ["m"], ["seen"]))
        outputs.append(("seen", 1, [2, 3]))
    condition = g.constant(np.array(True)) if g.chance(0.6) else None
    g.node(
        "Loop", [g.constant(np.int64(trips)), condition, x], "11" if form == "collected" else 1,
        body=_body("body", nodes, inputs, outputs))
