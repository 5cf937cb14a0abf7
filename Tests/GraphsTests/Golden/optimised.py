#!/usr/bin/env python3
"""Makes NAME.ort.onnx, what ONNX Runtime's optimiser (level extended) writes of golden networks, and NAME.quantized.onnx of
its quantiser, with its results in quantized.npz; and functions.onnx, whose operators are functions of its own.

  optimised.py     (wants numpy, onnx, onnxruntime; made with onnx 1.23, onnxruntime 1.31)
"""
import os
import tempfile

import numpy as np
import onnx
import onnxruntime as ort
from onnx import TensorProto, helper
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, quantize_dynamic, quantize_static

os.chdir(os.path.dirname(os.path.abspath(__file__)))
OPTIMISED = ["whisper.dynamo", "tcn.torchscript", "crnn-gru.dynamo", "stft-inside.dynamo", "conv-tasnet.dynamo"]
QUANTIZED = {"tcn.dynamo": "dynamic", "crnn-lstm.dynamo": "dynamic", "mobile": "QOperator", "siamese.dynamo": "QDQ"}


def session(path, level=ort.GraphOptimizationLevel.ORT_DISABLE_ALL, written=None):
    options = ort.SessionOptions()
    options.graph_optimization_level, options.log_severity_level = level, 4
    if written:
        options.optimized_model_filepath = written
    return ort.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def optimise(path, written):
    session(path, ort.GraphOptimizationLevel.ORT_ENABLE_EXTENDED, written)


class Reader(CalibrationDataReader):
    def __init__(self, feed):
        self.left = [feed]

    def get_next(self):
        return self.left.pop() if self.left else None


for name in OPTIMISED:
    optimise(f"{name}.onnx", f"{name}.ort.onnx")

arrays = {}
for name, way in QUANTIZED.items():
    model = onnx.load(f"{name}.onnx")
    known = np.load(f"{name.split('.')[0]}.npz")
    feed = {i.name: known[i.name].astype(np.float32) for i in model.graph.input if i.name in known.files}
    if len(feed) < len(model.graph.input):
        random = np.random.default_rng(1)
        feed = {
            i.name: random.standard_normal([d.dim_value or 2 for d in i.type.tensor_type.shape.dim]).astype(np.float32)
            for i in model.graph.input}
    with tempfile.TemporaryDirectory() as folder:
        middle, path = f"{folder}/q.onnx", f"{name}.quantized.onnx"
        if way == "dynamic":
            quantize_dynamic(f"{name}.onnx", middle)
        else:
            quantize_static(f"{name}.onnx", middle, Reader(feed), quant_format=QuantFormat[way])
        optimise(middle, path)
    for key, value in feed.items():
        arrays[f"{name}/{key}"] = value
    arrays[f"{name}/result"] = session(path).run(None, feed)[0]
np.savez_compressed("quantized.npz", **arrays)


# y = Shifted(Scaled(x, by=3), by=2), with Shifted calling Scaled and choosing a branch; `by` of Scaled is 2 if not given.
def value(name):
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, ["N", 3])


opset = [helper.make_opsetid("", 17), helper.make_opsetid("own", 1)]
factor = helper.make_node("Constant", [], ["factor"])
reference = factor.attribute.add()
reference.name, reference.ref_attr_name, reference.type = "value_float", "by", onnx.AttributeProto.FLOAT
scaled = helper.make_function(
    "own", "Scaled", ["a"], ["b"], [factor, helper.make_node("Mul", ["a", "factor"], ["b"])], opset,
    attribute_protos=[helper.make_attribute("by", 2.0)])
inner = helper.make_graph(
    [helper.make_node("Add", ["twice", "a"], ["inside"])], "then", [], [helper.make_empty_tensor_value_info("inside")])
other = helper.make_graph(
    [helper.make_node("Identity", ["a"], ["outside"])], "else", [], [helper.make_empty_tensor_value_info("outside")])
shifted = helper.make_function(
    "own", "Shifted", ["a", "b"], ["c"],
    [helper.make_node("Scaled", ["a"], ["twice"], domain="own"),
     helper.make_node("Constant", [], ["yes"], value=helper.make_tensor("", TensorProto.BOOL, [], [True])),
     helper.make_node("If", ["yes"], ["c"], then_branch=inner, else_branch=other)], opset)
three = helper.make_node("Scaled", ["x"], ["s"], domain="own", by=3.0)
graph = helper.make_graph(
    [three, helper.make_node("Shifted", ["s"], ["t"], domain="own"), helper.make_node("Tanh", ["t"], ["y"])], "g",
    [value("x")], [value("y")])
model = helper.make_model(graph, opset_imports=opset, functions=[scaled, shifted], ir_version=9)
x = np.array([[0.1, -0.2, 0.05]], np.float32)
assert np.allclose(session(model.SerializeToString()).run(None, {"x": x})[0], np.tanh(9 * x), atol=1e-6)
onnx.save(model, "functions.onnx")
