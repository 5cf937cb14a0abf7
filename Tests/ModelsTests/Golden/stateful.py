#!/usr/bin/env python3
"""Writes a detector with a state, and what its peers make of one picture.

    python stateful.py      needs numpy, torch, onnx, onnxruntime

stateful/net.onnx, net.json   `x` [1, 6 frames, 5 bands], `state` [2, 1, 8] and `sr` (int64, no axes) to `speech` [1, 1],
                              a sigmoid, and `stateN`; two layers of GRU; an If on sr = 16000; the batch fixed to 1
stateful/picture.npy          [24 frames, 5 bands], four chunks
stateful/curve.npy            `speech` of each chunk: ONNX Runtime, called step by step from a state of zeros
stateful/gradient.npy         of the logit of the third chunk with respect to the picture: PyTorch's autograd through the
                              steps before it, in double precision

Made with numpy 2.4, torch 2.13, onnx 1.22 and onnxruntime 1.31.
"""
import json
import os
import sys

import numpy as np
import onnx
import onnxruntime
import torch
from onnx import TensorProto, helper, numpy_helper

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../../../Benchmarks/peers"))
import endings  # noqa: E402

FRAMES, BANDS, HIDDEN, STEPS = 6, 5, 8, 4


class Detector(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.front = torch.nn.Linear(FRAMES * BANDS, HIDDEN)
        self.gru = torch.nn.GRU(HIDDEN, HIDDEN, num_layers=2)
        self.end = torch.nn.Linear(HIDDEN, 1)

    def forward(self, x, state):
        h = torch.tanh(self.front(x.reshape(1, 1, FRAMES * BANDS)))
        y, new = self.gru(h, state)
        return torch.sigmoid(self.end(y[0])), new


def with_rate(model):
    """Puts `x := x if sr = 16000 else x / 2` before the network: a branch on the value of an input."""
    graph = model.graph
    for node in graph.node:
        for place, name in enumerate(node.input):
            if name == "x":
                node.input[place] = "x at rate"

    def branch(name, kind, factor):
        result = helper.make_tensor_value_info(f"{name} result", TensorProto.FLOAT, [1, FRAMES, BANDS])
        weights = [numpy_helper.from_array(np.float32(factor), f"{name} factor")]
        node = helper.make_node(kind, ["x", f"{name} factor"], [f"{name} result"])
        return helper.make_graph([node], name, [], [result], weights)

    graph.initializer.append(numpy_helper.from_array(np.int64(16000), "rate"))
    graph.node.insert(0, helper.make_node("Equal", ["sr", "rate"], ["is 16000"]))
    graph.node.insert(1, helper.make_node(
        "If", ["is 16000"], ["x at rate"], then_branch=branch("then", "Mul", 1), else_branch=branch("else", "Mul", 0.5)))
    graph.input.append(helper.make_tensor_value_info("sr", TensorProto.INT64, []))


def main():
    torch.manual_seed(3)
    folder = os.path.join(HERE, "stateful")
    os.makedirs(folder, exist_ok=True)
    net = Detector().eval()
    with torch.no_grad():
        for weights in net.parameters():
            weights *= 2
    path = f"{folder}/net.onnx"
    torch.onnx.export(net, (torch.zeros(1, FRAMES, BANDS), torch.zeros(2, 1, HIDDEN)), path, dynamo=False,
                      input_names=["x", "state"], output_names=["speech", "stateN"], opset_version=17)
    model = onnx.load(path)
    with_rate(model)
    onnx.checker.check_model(model)
    onnx.save(model, path)
    front_end = dict(endings.FRONT_END, patch={"frames": FRAMES, "hop": FRAMES, "tail": "pad-to-hop"})
    with open(f"{folder}/net.json", "w") as file:
        json.dump({"front_end": front_end, "labels": ["speech"], "state": {"stateN": "state"},
                   "inputs": {"sr": 16000}}, file)

    picture = np.random.default_rng(4).normal(0, 1, (STEPS * FRAMES, BANDS)).astype(np.float32)
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    state, curve = np.zeros((2, 1, HIDDEN), np.float32), []
    for step in range(STEPS):
        chunk = picture[None, step * FRAMES:(step + 1) * FRAMES]
        speech, state = session.run(None, {"x": chunk, "state": state, "sr": np.array(16000, np.int64)})
        curve.append(speech[0, 0])

    net = net.double()
    x = torch.tensor(picture.astype(np.float64), requires_grad=True)
    state = torch.zeros(2, 1, HIDDEN, dtype=torch.float64)
    for step in range(3):
        speech, state = net(x[None, step * FRAMES:(step + 1) * FRAMES], state)
    torch.logit(speech[0, 0]).backward()
    np.save(f"{folder}/picture.npy", picture)
    np.save(f"{folder}/curve.npy", np.array(curve, np.float32))
    np.save(f"{folder}/gradient.npy", x.grad.numpy().astype(np.float32))
    print(curve, float(x.grad.abs().max()), float(x.grad[:6].abs().max()))


if __name__ == "__main__":
    main()
