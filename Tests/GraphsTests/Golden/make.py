#!/usr/bin/env python3
"""Makes the golden networks: NAME.onnx, and NAME.npz with an input and what the peers compute from it.

  make.py        (wants numpy, onnx, onnxruntime, torch and captum; made with onnx 1.23, onnxruntime 1.31, torch 2.13,
                  captum 0.9)

Each network is written twice, as ONNX nodes and as PyTorch functions, with the same random weights. In NAME.npz:
  x               the input
  NAME            tensor NAME as ONNX Runtime computes it
  saliency, guided, deconvolution
                  signed gradients of logit 1 with respect to x: PyTorch's autograd, Captum's GuidedBackprop and
                  Deconvolution
  inner           the gradient of logit 1 with respect to the tensor `inner`
"""
import os

import numpy as np
import onnx
import onnxruntime
import torch
import torch.nn.functional as F
from captum.attr import Deconvolution, GuidedBackprop
from onnx import TensorProto, helper, numpy_helper


class Network(torch.nn.Module):
    """Collects the same operations as ONNX nodes and as PyTorch functions over named tensors."""

    def __init__(self, name, shape, seed):
        super().__init__()
        self.name, self.shape = name, shape
        self.random = np.random.default_rng(seed)
        self.nodes, self.weights, self.steps = [], [], []
        self.rectifiers = torch.nn.ModuleList()

    def weight(self, *shape, low=None, high=None):
        fan = int(np.prod(shape[1:])) or 1
        bound = (3 / fan) ** 0.5
        low, high = (-bound if low is None else low), (bound if high is None else high)
        value = self.random.uniform(low, high, shape).astype(np.float32)
        name = f"weight{len(self.weights)}"
        self.weights.append(numpy_helper.from_array(value, name))
        return name, torch.from_numpy(value)

    def constant(self, value, dtype=np.int64):
        name = f"weight{len(self.weights)}"
        self.weights.append(numpy_helper.from_array(np.array(value, dtype), name))
        return name

    def add(self, kind, inputs, output, function, operands=(), **attributes):
        self.nodes.append(helper.make_node(kind, [*inputs, *operands], [output], name=output, **attributes))
        self.steps.append((inputs, output, function))
        return output

    def conv(self, x, y, channels, filters, kernel, strides=(1, 1), pads=(0, 0, 0, 0), group=1, bias=True):
        wn, w = self.weight(filters, channels // group, *kernel)
        bn, b = self.weight(filters, low=-0.2, high=0.2) if bias else (None, None)
        top, left, bottom, right = pads
        return self.add(
            "Conv", [x], y, lambda t: F.conv2d(F.pad(t, (left, right, top, bottom)), w, b, strides, groups=group),
            [wn] + ([bn] if bias else []), kernel_shape=kernel, strides=strides, pads=pads, group=group)

    def norm(self, x, y, channels):
        (sn, s), (bn, b), (mn, m) = (self.weight(channels, low=l, high=h) for l, h in ((0.5, 1.5), (-0.5, 0.5), (-0.5, 0.5)))
        vn, v = self.weight(channels, low=0.2, high=1.5)
        return self.add(
            "BatchNormalization", [x], y, lambda t: F.batch_norm(t, m, v, s, b, eps=1e-3), [sn, bn, mn, vn], epsilon=1e-3)

    def relu(self, x, y):
        module = torch.nn.ReLU()
        self.rectifiers.append(module)
        return self.add("Relu", [x], y, module)

    def gemm(self, x, y, inputs, outputs):
        (wn, w), (bn, b) = self.weight(outputs, inputs), self.weight(outputs, low=-0.2, high=0.2)
        return self.add("Gemm", [x], y, lambda t: F.linear(t, w, b), [wn, bn], transB=1)

    def forward(self, x, keep=None):
        tensors = {"x": x}
        for inputs, output, function in self.steps:
            tensors[output] = function(*(tensors[i] for i in inputs))
        return tensors["logits"] if keep is None else tensors

    def save(self, folder, wanted):
        x = self.random.normal(size=(3, *self.shape)).astype(np.float32)
        def value(name, shape):
            return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
        model = helper.make_model(
            helper.make_graph(
                self.nodes, self.name, [value("x", ["N", *self.shape])], [value(wanted[0], ["N", "K"])], self.weights),
            opset_imports=[helper.make_opsetid("", 17)], producer_name="make.py", ir_version=8)
        onnx.checker.check_model(model)
        onnx.save(model, os.path.join(folder, f"{self.name}.onnx"))
        for name in wanted[1:]:
            model.graph.output.append(value(name, None))
        session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
        arrays = dict(zip(wanted, session.run(wanted, {"x": x})), x=x)

        t = torch.from_numpy(x).requires_grad_(True)
        tensors = self(t, keep=True)
        for name in wanted:
            np.testing.assert_allclose(tensors[name].detach(), arrays[name], rtol=1e-4, atol=1e-5)
        gradients = torch.autograd.grad(tensors["logits"][:, 1].sum(), [t, tensors["inner"]])
        arrays["saliency"], arrays["inner"] = (g.numpy() for g in gradients)
        for method, kind in (("guided", GuidedBackprop), ("deconvolution", Deconvolution)):
            arrays[method] = kind(self).attribute(torch.from_numpy(x), target=1).detach().numpy()
        np.savez_compressed(os.path.join(folder, f"{self.name}.npz"), **arrays)


def mobile():
    """Depthwise stacks with batch normalization behind each convolution, padded as TensorFlow's SAME pads."""
    n = Network("mobile", (1, 24, 32), seed=1)
    n.conv("x", "c1", 1, 8, (3, 3), (2, 2), (0, 0, 1, 1), bias=False)
    n.relu(n.norm("c1", "n1", 8), "r1")
    n.conv("r1", "d2", 8, 8, (3, 3), (1, 1), (1, 1, 1, 1), group=8, bias=False)
    n.relu(n.norm("d2", "n2", 8), "r2")
    n.conv("r2", "c2", 8, 13, (1, 1), bias=False)
    n.relu(n.norm("c2", "n3", 13), "inner")
    n.conv("inner", "d3", 13, 13, (3, 3), (2, 2), (0, 0, 1, 1), group=13, bias=False)
    n.relu(n.norm("d3", "n4", 13), "r3")
    n.conv("r3", "c3", 13, 24, (1, 1))
    n.relu("c3", "r4")
    n.add("GlobalAveragePool", ["r4"], "mean", lambda t: t.mean((2, 3), keepdim=True))
    n.add("Flatten", ["mean"], "flat", lambda t: t.flatten(1))
    n.gemm("flat", "logits", 24, 7)
    n.add("Softmax", ["logits"], "probabilities", lambda t: t.softmax(-1), axis=-1)
    return n


def musicnn():
    """Steps by bands, one channel put in front; tall and wide filters, normalized behind the rectifier."""
    n = Network("musicnn", (40, 24), seed=2)
    n.add("Unsqueeze", ["x"], "image", lambda t: t.unsqueeze(1), [n.constant([1])])
    n.norm("image", "normal", 1)
    n.conv("normal", "c1", 1, 10, (7, 18), pads=(3, 0, 3, 0))
    n.norm(n.relu("c1", "r1"), "inner", 10)
    n.add("MaxPool", ["inner"], "narrow", lambda t: F.max_pool2d(t, (1, 7)), kernel_shape=(1, 7), strides=(1, 7))
    n.add("Transpose", ["narrow"], "turned", lambda t: t.permute(0, 3, 2, 1), perm=(0, 3, 2, 1))
    n.conv("turned", "c2", 1, 12, (5, 10), pads=(2, 0, 2, 0))
    n.norm(n.relu("c2", "r2"), "n2", 12)
    n.add(
        "MaxPool", ["n2"], "steps", lambda t: F.max_pool2d(t, (4, 1), (2, 2)), kernel_shape=(4, 1), strides=(2, 2))
    n.add("Flatten", ["steps"], "flat", lambda t: t.flatten(1))
    n.relu(n.gemm("flat", "hidden", 12 * 19, 20), "r3")
    n.gemm("r3", "logits", 20, 5)
    n.add("Sigmoid", ["logits"], "probabilities", torch.sigmoid)
    return n


def residual():
    """Blocks around which the maps also go straight on; ReLU6 and ceil_mode."""
    n = Network("residual", (2, 19, 21), seed=3)
    n.conv("x", "c1", 2, 16, (3, 3), (1, 1), (1, 1, 1, 1))
    n.relu(n.norm("c1", "n1", 16), "r1")
    n.conv("r1", "c2", 16, 16, (3, 3), (1, 1), (1, 1, 1, 1))
    n.add(
        "Clip", [n.norm("c2", "n2", 16)], "six", lambda t: t.clamp(0, 1.5),
        [n.constant(0, np.float32), n.constant(1.5, np.float32)])
    n.conv("six", "c3", 16, 16, (1, 1))
    n.add("Add", [n.norm("c3", "n3", 16), "r1"], "sum", torch.add)
    n.relu("sum", "inner")
    n.add(
        "MaxPool", ["inner"], "small", lambda t: F.max_pool2d(t, 3, 2, 1, ceil_mode=True), kernel_shape=(3, 3),
        strides=(2, 2), pads=(1, 1, 1, 1), ceil_mode=1)
    n.conv("small", "c4", 16, 11, (3, 3), (2, 1))
    n.add("LeakyRelu", ["c4"], "leaky", lambda t: F.leaky_relu(t, 0.1), alpha=0.1)
    n.add("AveragePool", ["leaky"], "pooled", lambda t: F.avg_pool2d(t, 2), kernel_shape=(2, 2), strides=(2, 2))
    n.add("Flatten", ["pooled"], "flat", lambda t: t.flatten(1))
    n.gemm("flat", "logits", 11 * 2 * 4, 6)
    n.add("LogSoftmax", ["logits"], "probabilities", lambda t: t.log_softmax(-1), axis=-1)
    return n


folder = os.path.dirname(os.path.abspath(__file__))
for network in (mobile(), musicnn(), residual()):
    # `inner` as a value and as a gradient share no name: the value goes by "inner value".
    network.add("Identity", ["inner"], "inner value", lambda t: t)
    network.save(folder, ["probabilities", "logits", "inner value"])
