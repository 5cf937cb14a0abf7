"""Small audio networks whose last nodes turn logits into probabilities in the many ways that exporters write, and move
them about afterwards. `network(seed)` gives an ONNX model, what stands beside it, and what is known of its result.

The front end is small: 8 kHz, pictures of 6 frames x 5 bands. Every network has a batch that is free or fixed to 1.
"""
import json

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

FRAMES, BANDS, CLASSES = 6, 5, 3
FRONT_END = {
    "sample_rate": 8000, "window": 64, "hop": 32, "fft": 64, "framing": "from-start", "spectrum": "magnitude",
    "mel": {"bands": BANDS, "lowest": 100, "highest": 3900, "scale": "htk", "norm": "none",
            "construction": "librosa"},
    "compression": {"kind": "log", "base": "natural", "scale": 1, "offset": 0.01},
    "patch": {"frames": FRAMES, "hop": 3, "tail": "pad-to-hop"}}


class Graph:
    """Nodes in a row: `add` makes one that reads the running tensor."""

    def __init__(self, seed):
        self.random = np.random.default_rng(seed)
        self.nodes, self.weights, self.counter = [], [], 0
        self.said = []

    def constant(self, value, dtype=np.float32):
        name = f"c{len(self.weights)}"
        self.weights.append(numpy_helper.from_array(np.asarray(value, dtype), name))
        return name

    def add(self, kind, inputs, outputs=1, **attributes):
        names = [f"t{self.counter + i}" for i in range(outputs)]
        self.counter += outputs
        self.nodes.append(helper.make_node(kind, inputs, names, name=f"{kind}_{names[0]}", **attributes))
        self.said.append(kind)
        return names[0] if outputs == 1 else names

    def pick(self, *choices):
        return choices[self.random.integers(len(choices))]


def logits(g, x, rows, shape):
    """Logits of a shape behind the rows: [C], [T, C] or [C, T]; returns name."""
    if len(shape) == 1:
        flat = g.add("Reshape", [x, g.constant([rows or -1, FRAMES * BANDS], np.int64)])
        weights = g.random.normal(0, 0.4, (FRAMES * BANDS, shape[0]))
        return g.add("MatMul", [flat, g.constant(weights)])
    weights = g.random.normal(0, 0.8, (BANDS, CLASSES))
    moments = g.add("MatMul", [x, g.constant(weights)])  # [N, T, C]
    return moments if shape == (FRAMES, CLASSES) else g.add("Transpose", [moments], perm=[0, 2, 1])


def activation(g, z, kind, axis, opset):
    """`z` through an activation, spelled in one of several ways; axis from the front."""
    axes = lambda values: g.constant(values, np.int64)

    def reduced(name, x):
        if opset >= 18 or name == "ReduceSum":
            return g.add(name, [x, axes([axis])], keepdims=1)
        return g.add(name, [x], axes=[axis], keepdims=1)

    one, half, two = g.constant(1.0), g.constant(0.5), g.constant(2.0)
    if kind == "sigmoid":
        way = g.pick("plain", "plain", "reciprocal", "quotient", "exponentials", "tanh", "complement", "hard", "relu6")
        if way == "plain":
            return g.add("Sigmoid", [z])
        if way in ("reciprocal", "quotient"):
            minus = g.add("Neg", [z]) if g.pick(0, 1) else g.add("Mul", [z, g.constant(-1.0)])
            sum_ = g.add("Add", [g.add("Exp", [minus]), one])
            return g.add("Reciprocal", [sum_]) if way == "reciprocal" else g.add("Div", [one, sum_])
        if way == "exponentials":
            e = g.add("Exp", [z])
            return g.add("Div", [e, g.add("Add", [one, e])])
        if way == "tanh":
            t = g.add("Tanh", [g.add("Mul", [z, half])])
            return g.add("Mul", [g.add("Add", [t, one]), half]) if g.pick(0, 1) else \
                g.add("Add", [g.add("Mul", [t, half]), half])
        if way == "complement":
            return g.add("Sub", [one, g.add("Sigmoid", [g.add("Neg", [z])])])
        if way == "hard":
            return g.add("HardSigmoid", [z], alpha=0.2, beta=0.5)
        six = g.add("Clip", [g.add("Add", [z, g.constant(3.0)]), g.constant(0.0), g.constant(6.0)])
        return g.add("Div", [six, g.constant(6.0)])
    way = g.pick("plain", "plain", "spelled", "stable", "reciprocal", "log", "logsumexp")
    if way == "plain":
        return g.add("Softmax", [z], axis=axis)
    if way == "log":
        return g.add("Exp", [g.add("LogSoftmax", [z], axis=axis)])
    if way == "logsumexp":
        return g.add("Exp", [g.add("Sub", [z, reduced("ReduceLogSumExp", z)])])
    u = z if way == "spelled" else g.add("Sub", [z, reduced("ReduceMax", z)])
    e = g.add("Exp", [u])
    sum_ = reduced("ReduceSum", e)
    return g.add("Div", [e, sum_]) if way != "reciprocal" else g.add("Mul", [e, g.add("Reciprocal", [sum_])])


def tail(g, p, rows, shape, class_axis, kind):
    """A few nodes behind the activation. Returns the tensor, its shape without rows, the axis of the classes in it (or
    None) and whether it is still certain what it is."""
    shape = list(shape)
    sure = True
    for _ in range(g.random.integers(0, 5)):
        ways = ["identity", "cast", "unsqueeze", "reshape", "clip", "dropout", "quantize", "permute classes",
                "split and join", "minimum", "transposed twice"]
        if class_axis is not None and shape[class_axis] > 1:
            ways += ["slice classes"]
        if len(shape) == 2 and 1 not in shape:
            ways += ["transpose", "maximum", "mean"] * 2
        if 1 in shape:
            ways += ["squeeze"] * 3
        way = ways[g.random.integers(len(ways))]
        if way == "identity":
            p = g.add("Identity", [p])
        elif way == "cast":
            p = g.add("Cast", [g.add("Cast", [p], to=g.pick(TensorProto.DOUBLE, TensorProto.FLOAT16))],
                      to=TensorProto.FLOAT)
        elif way == "unsqueeze" and len(shape) < 3:
            axis = int(g.random.integers(1, len(shape) + 2))
            p = g.add("Unsqueeze", [p, g.constant([axis], np.int64)])
            shape.insert(axis - 1, 1)
            if class_axis is not None and axis - 1 <= class_axis:
                class_axis += 1
        elif way == "squeeze":
            axis = shape.index(1)
            p = g.add("Squeeze", [p, g.constant([axis + 1], np.int64)])
            del shape[axis]
            if class_axis is not None and axis <= class_axis:
                class_axis = None if axis == class_axis else class_axis - 1
        elif way == "reshape":
            target = [g.pick(0, -1) if rows is None else rows] + shape
            p = g.add("Reshape", [p, g.constant(target, np.int64)])
        elif way == "clip":
            low = g.pick(0.0, 1e-7, 1e-4)
            p = g.add("Clip", [p, g.constant(low), g.constant(1 - low)])
        elif way == "minimum":
            p = g.add("Max", [g.add("Min", [p, g.constant(1 - 1e-6)]), g.constant(1e-6)])
        elif way == "dropout":
            p = g.add("Dropout", [p])
        elif way == "quantize":
            scale, zero = g.constant(1 / 255), g.constant(0, np.uint8)
            p = g.add("DequantizeLinear", [g.add("QuantizeLinear", [p, scale, zero]), scale, zero])
        elif way == "permute classes" and class_axis is not None:
            order = g.random.permutation(shape[class_axis])
            p = g.add("Gather", [p, g.constant(order, np.int64)], axis=class_axis + 1)
        elif way == "split and join" and class_axis is not None and shape[class_axis] == 3:
            a, b = g.add("Split", [p, g.constant([1, 2], np.int64)], 2, axis=class_axis + 1)
            p = g.add("Concat", [b, a], axis=class_axis + 1)
        elif way == "slice classes":
            start = int(g.random.integers(0, shape[class_axis] - 1))
            size = int(g.random.integers(1, shape[class_axis] - start + 1))
            p = g.add("Slice", [p, g.constant([start], np.int64), g.constant([start + size], np.int64),
                                g.constant([class_axis + 1], np.int64)])
            shape[class_axis] = size
        elif way == "transposed twice" and len(shape) == 2:
            p = g.add("Transpose", [g.add("Transpose", [p], perm=[0, 2, 1])], perm=[0, 2, 1])
        elif way == "transpose":
            p = g.add("Transpose", [p], perm=[0, 2, 1])
            shape.reverse()
            class_axis = None if class_axis is None else 1 - class_axis
        elif way in ("maximum", "mean") and class_axis is not None:
            time = 1 - class_axis
            p = g.add("ReduceMax" if way == "maximum" else "ReduceMean", [p], axes=[time + 1], keepdims=0)
            del shape[time]
            class_axis = 0
    return p, shape, class_axis, sure


def network(seed):
    """An ONNX model, the JSON beside it, and facts: {"classes", "moments", "kind"}."""
    g = Graph(seed)
    rows = g.pick(None, None, 1)
    opset = g.pick(13, 15, 17)
    kind = g.pick("softmax", "sigmoid", "softmax", "sigmoid", "nothing")
    shape = g.pick((CLASSES,), (CLASSES,), (2,), (1,) if kind != "softmax" else (CLASSES,), (FRAMES, CLASSES),
                   (CLASSES, FRAMES))
    class_axis = shape.index(CLASSES) if CLASSES in shape else 0
    z = logits(g, "x", rows, shape)
    p = z if kind == "nothing" else activation(g, z, kind, class_axis + 1, opset)
    if kind != "nothing" and g.pick(0, 0, 0, 1):
        p, out_shape, out_axis = g.add("Log", [p]), list(shape), class_axis
        logarithm = True
    else:
        p, out_shape, out_axis, _ = tail(g, p, rows, shape, class_axis, kind)
        logarithm = False
    classes = 1 if out_axis is None else out_shape[out_axis]
    outputs = [p]
    labels = None
    if g.pick(0, 1):
        labels = [f"label {i}" for i in range(classes)]
    if g.pick(0, 0, 0, 1):
        flat = g.add("Reshape", ["x", g.constant([rows or -1, FRAMES * BANDS], np.int64)])
        outputs.insert(0, g.add("MatMul", [flat, g.constant(g.random.normal(0, 1, (FRAMES * BANDS, 8)))]))
    sidecar = {"front_end": FRONT_END}
    if labels:
        sidecar["labels"] = labels
    graph = helper.make_graph(
        g.nodes, "ending", [helper.make_tensor_value_info("x", TensorProto.FLOAT, [rows or "N", FRAMES, BANDS])],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in outputs], g.weights)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)])
    model.ir_version = 8
    facts = {"seed": seed, "kind": kind, "logarithm": logarithm, "rows": rows, "shape": out_shape, "axis": out_axis,
             "classes": classes, "output": p, "outputs": outputs, "labels": labels is not None, "nodes": g.said}
    return model, sidecar, facts


def listening_network():
    """A network that hands on its input, so that the patches themselves can be read."""
    node = helper.make_node("Flatten", ["x"], ["y"], axis=1)
    graph = helper.make_graph(
        [node], "patches", [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N", FRAMES, BANDS])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)])
    model.ir_version = 8
    return model, {"front_end": FRONT_END, "activation": "none"}


def write(path, model, sidecar):
    onnx.save(model, path)
    with open(path[:-5] + ".json", "w") as file:
        json.dump(sidecar, file)


def expected(session, patches, facts):
    """ONNX Runtime's values of the file's own output, by class: the mean over patches, and over moments."""
    if facts["rows"] == 1:
        values = np.concatenate(
            [session.run([facts["output"]], {"x": patch[None]})[0].reshape(1, *facts["shape"]) for patch in patches])
    else:
        values = session.run([facts["output"]], {"x": patches})[0]
    values = values.astype(np.float64)
    if facts["logarithm"]:
        values = np.exp(values)
    if facts["axis"] is None:
        return values.reshape(-1, 1).mean(0)
    axis = facts["axis"] + 1
    return values.mean(tuple(i for i in range(values.ndim) if i != axis))
