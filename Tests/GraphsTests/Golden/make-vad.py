#!/usr/bin/env python3
"""Makes vad.onnx, a small voice detector that carries state, and vad.npz with what its peers compute from it.

  make-vad.py    (wants numpy, onnx, onnxruntime, torch; made with onnx 1.23, onnxruntime 1.31, torch 2.13)

The network is exported as PyTorch does it, with a batch of one: input [1, 64] samples, state [2, 1, 8], and a rate `sr`
(int64) that an If chooses the first layer by; results output [1, 1] and stateN [2, 1, 8]. In vad.npz:
  input      eight steps of samples, [steps, 64]
  sr         16000
  curve16, curve8   the score at every step as ONNX Runtime gives it, called step by step, at both rates
  moment     the gradient of the logit at step 5 with respect to all samples: autograd through the unrolled steps
  last       the state behind the last step, as ONNX Runtime gives it
"""
import os

import numpy as np
import onnx
import onnxruntime
import torch

HERE = os.path.dirname(os.path.abspath(__file__))
STEPS, SAMPLES, HIDDEN = 8, 64, 8


class Detector(torch.nn.Module):
    """One step at one rate."""

    def __init__(self, stride):
        super().__init__()
        self.front = torch.nn.Conv1d(1, 6, 16, stride)
        self.cells = torch.nn.ModuleList([torch.nn.GRUCell(6, HIDDEN), torch.nn.GRUCell(HIDDEN, HIDDEN)])
        self.classify = torch.nn.Linear(HIDDEN, 1)

    def logit(self, x, state):
        h = torch.tanh(self.front(x.unsqueeze(1))).mean(2)
        first = self.cells[0](h, state[0])
        second = self.cells[1](first, state[1])
        return self.classify(second), torch.stack([first, second])

    def forward(self, x, state):
        logit, state = self.logit(x, state)
        return torch.sigmoid(logit), state


def exported(model, name):
    path = f"/tmp/{name}.onnx"
    torch.onnx.export(
        model, (torch.zeros(1, SAMPLES), torch.zeros(2, 1, HIDDEN)), path, dynamo=False, opset_version=17,
        input_names=["input", "state"], output_names=["output", "stateN"],
    )
    return onnx.load(path).graph


def branch(graph, prefix):
    """The nodes and weights of one rate as the body of an If, which captures `input` and `state`."""
    kept = {"input", "state"}
    rename = lambda n: n if n in kept or not n else prefix + n
    nodes = []
    for node in graph.node:
        node = onnx.NodeProto.FromString(node.SerializeToString())
        node.name = prefix + node.name
        node.input[:] = [rename(n) for n in node.input]
        node.output[:] = [rename(n) for n in node.output]
        nodes.append(node)
    weights = []
    for weight in graph.initializer:
        weight = onnx.TensorProto.FromString(weight.SerializeToString())
        weight.name = prefix + weight.name
        weights.append(weight)
    outputs = [onnx.helper.make_tensor_value_info(rename(o.name), 1, None) for o in graph.output]
    return onnx.helper.make_graph(nodes, prefix, [], outputs, initializer=weights)


def main():
    torch.manual_seed(5)
    rates = {16000: Detector(4), 8000: Detector(2)}
    for model in rates.values():
        for weight in model.parameters():
            torch.nn.init.uniform_(weight, -0.9, 0.9)
    graphs = {rate: exported(model, f"vad-{rate}") for rate, model in rates.items()}
    info = onnx.helper.make_tensor_value_info
    nodes = [
        onnx.helper.make_node("Equal", ["sr", "sixteen"], ["is16k"], "is16k"),
        onnx.helper.make_node(
            "If", ["is16k"], ["output", "stateN"], "rate", then_branch=branch(graphs[16000], "a."),
            else_branch=branch(graphs[8000], "b."),
        ),
    ]
    graph = onnx.helper.make_graph(
        nodes, "vad", [info("input", 1, [1, SAMPLES]), info("state", 1, [2, 1, HIDDEN]), info("sr", 7, [])],
        [info("output", 1, [1, 1]), info("stateN", 1, [2, 1, HIDDEN])],
        initializer=[onnx.numpy_helper.from_array(np.array(16000, np.int64), "sixteen")],
    )
    model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 17)])
    model.ir_version = 8
    onnx.checker.check_model(model)
    path = os.path.join(HERE, "vad.onnx")
    onnx.save(model, path)

    x = np.random.default_rng(3).uniform(-1, 1, (STEPS, SAMPLES)).astype(np.float32)
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])

    def curve(rate):
        state, scores = np.zeros((2, 1, HIDDEN), np.float32), []
        for step in x:
            output, state = session.run(None, {"input": step[None], "state": state, "sr": np.array(rate, np.int64)})
            scores.append(output[0])
        return np.array(scores), state

    samples = torch.tensor(x, dtype=torch.float64, requires_grad=True)
    model, state = rates[16000].double(), torch.zeros(2, 1, HIDDEN, dtype=torch.float64)
    for step in range(6):
        logit, state = model.logit(samples[step : step + 1], state)
    moment = torch.autograd.grad(logit.sum(), samples)[0].numpy().astype(np.float32)
    scores, last = curve(16000)
    np.savez(
        os.path.join(HERE, "vad.npz"), input=x, sr=np.array(16000, np.int64), curve16=scores, curve8=curve(8000)[0],
        moment=moment, last=last,
    )


main()
