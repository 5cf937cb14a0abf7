"""Gradients by central differences, in double precision.

The model is rewritten with double in place of float and evaluated by ONNX Runtime's double kernels, or by ONNX's own
reference implementation where there are none; whichever it is must first agree with the float results. What is linear in
each operand needs no more than float: there a step of 1 is as good as a small one.
"""
import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator

from .reference import OPERATORS

LINEAR = {"Conv", "ConvTranspose", "AveragePool", "Resize", "Upsample", "DequantizeLinear", "Gemm", "Constant"}
FLOAT, DOUBLE = TensorProto.FLOAT, TensorProto.DOUBLE


class Kink(Exception):
    """The function is not smooth at the input."""


class Unevaluable(Exception):
    """Nothing evaluates the model in double precision, or not to the same results."""


def options():
    o = onnxruntime.SessionOptions()
    o.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    o.intra_op_num_threads = o.inter_op_num_threads = 1
    o.log_severity_level = 4
    return o


def session(proto):
    return onnxruntime.InferenceSession(
        proto.SerializeToString(), options(), providers=["CPUExecutionProvider"])


def gradients(proto, feeds, outputs, seeds):
    """`gradient[o][i] = ∂ Σ seeds[o] · output o / ∂ input i` for float outputs and inputs."""
    if {n.op_type for n in proto.graph.node} <= LINEAR:
        step, tolerance, wide = 1.0, 1e-3, np.float32
        evaluate = _runtime(proto, list(outputs))
    else:
        step, tolerance, wide = 1e-5, 1e-3, np.float64
        evaluate = evaluator(proto, feeds, outputs)
    feeds = {k: v.astype(wide) if v.dtype == np.float32 else v for k, v in feeds.items()}
    floats = [o for o in outputs if outputs[o].dtype == np.float32]

    def scores(values):
        return np.array([np.sum(seeds[o].astype(np.float64) * values[o]) for o in floats])

    center = scores(evaluate(feeds))
    found = {o: {} for o in floats}
    for name, value in feeds.items():
        if value.dtype != wide:
            continue
        result = np.zeros((len(floats), value.size))
        for place in range(value.size):
            sides = []
            for sign in (-1, 1):
                moved = value.copy()
                moved.reshape(-1)[place] += sign * step
                sides.append(scores(evaluate({**feeds, name: moved})))
            left, right = (center - sides[0]) / step, (sides[1] - center) / step
            # At a kink they differ by a number of the gradient's own order, elsewhere by step · f''.
            if np.any(np.abs(left - right) > tolerance * (1 + np.abs(left) + np.abs(right))):
                raise Kink(name)
            result[:, place] = (left + right) / 2
        # Three times the step, in a direction that all places take part in: rounding errors would be seen.
        direction = np.cos(np.arange(value.size, dtype=wide)).reshape(value.shape)
        sides = [scores(evaluate({**feeds, name: np.asarray(value + sign * 3 * step * direction, wide)})) for sign in (-1, 1)]
        along, expected = (sides[1] - sides[0]) / (6 * step), result @ direction.reshape(-1)
        if np.any(np.abs(along - expected) > tolerance / 100 * (1 + np.abs(result).sum(1))):
            raise Kink(f"{name}: {along} is not {expected}")
        for index, output in enumerate(floats):
            found[output][name] = result[index].reshape(value.shape)
    return found


def evaluator(proto, feeds, outputs):
    """A function from feeds to outputs in double precision."""
    names = list(outputs)
    doubled = double(proto)
    wide = {k: v.astype(np.float64) if v.dtype == np.float32 else v for k, v in feeds.items()}
    reasons = []
    ours = {n.op_type for n in proto.graph.node} & {o.__name__ for o in OPERATORS}
    for make in (_reference, _runtime) if ours else (_runtime, _reference):
        try:
            run = make(doubled, names)
            values = run(wide)
            for name in names:
                a, b = np.asarray(values[name], np.float64), outputs[name].astype(np.float64)
                if a.shape != b.shape:
                    raise ValueError(f"shape {a.shape}, not {b.shape}")
                error = np.linalg.norm(a - b) / max(np.linalg.norm(b), 1e-3)
                if not error < 1e-5:
                    raise ValueError(f"error {error}")
            return run
        except Exception as error:
            reasons.append(f"{make.__name__}: {str(error)[:160]}")
    raise Unevaluable("; ".join(reasons))


def _runtime(proto, names):
    s = session(proto)
    return lambda feeds: dict(zip(names, s.run(names, feeds)))


def _reference(proto, names):
    r = ReferenceEvaluator(proto, new_ops=OPERATORS)
    return lambda feeds: dict(zip(names, r.run(names, feeds)))


def double(proto):
    """The model with double in place of float."""
    result = onnx.ModelProto()
    result.CopyFrom(proto)
    _double_graph(result.graph)
    return result


def _double_graph(graph):
    for tensor in graph.initializer:
        _double_tensor(tensor)
    for value in [*graph.input, *graph.output, *graph.value_info]:
        if value.type.tensor_type.elem_type == FLOAT:
            value.type.tensor_type.elem_type = DOUBLE
    for node in graph.node:
        for attribute in list(node.attribute):
            if attribute.type == onnx.AttributeProto.GRAPH:
                _double_graph(attribute.g)
            elif attribute.type == onnx.AttributeProto.TENSOR:
                _double_tensor(attribute.t)
            elif node.op_type == "Constant" and attribute.name in ("value_float", "value_floats"):
                value = attribute.f if attribute.name == "value_float" else list(attribute.floats)
                node.attribute.remove(attribute)
                node.attribute.append(
                    helper.make_attribute("value", numpy_helper.from_array(np.array(value, np.float32).astype(np.float64))))
            elif attribute.name in ("to", "dtype", "output_datatype") and attribute.i == FLOAT:
                attribute.i = DOUBLE
        if node.op_type == "ConstantOfShape" and not node.attribute:
            node.attribute.append(helper.make_attribute("value", numpy_helper.from_array(np.zeros(1))))
        if node.op_type.endswith("Window") or node.op_type == "MelWeightMatrix":
            if not any(a.name == "output_datatype" for a in node.attribute):
                node.attribute.append(helper.make_attribute("output_datatype", DOUBLE))


def _double_tensor(tensor):
    if tensor.data_type == FLOAT:
        wide = numpy_helper.from_array(numpy_helper.to_array(tensor).astype(np.float64), tensor.name)
        tensor.CopyFrom(wide)
