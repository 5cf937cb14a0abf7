#!/usr/bin/env python3
"""Networks of the zoo as ONNX files, and what PyTorch computes of them.

    exports.py FOLDER NAME EXPORTER        (wants torch, torchvision, onnx and onnxscript)

Writes FOLDER/NAME.EXPORTER.onnx; and FOLDER/NAME.npz, if it is not there, with 3 rows of the inputs, the `gradient` of
the sum over rows of element `element` of the result with respect to the first of them, and `change`: how much each
row's gradient changes by rounding. `time` is the axis whose extent is free.
"""
import contextlib
import copy
import io
import logging
import os
import sys
import warnings

import numpy as np
import torch
from torch import nn

from zoo import CATALOGUE

OUTPUT = "y"


def input_names(architecture):
    return ["x"] if len(architecture.inputs) == 1 else [f"x{i}" for i in range(len(architecture.inputs))]


def rows(shapes, count, seed):
    """Normal noise, `count` rows of each shape."""
    random = np.random.default_rng(seed)
    return [random.standard_normal((count, *shape)).astype(np.float32) for shape in shapes]


def trained(make, shapes, seed=1):
    """A module with random weights, and with statistics of its normalizations as training leaves them: those of what
    reaches them, with scales and shifts of their own."""
    torch.manual_seed(seed)
    torch.backends.mha.set_fastpath_enabled(False)  # the modules' own formulas, which exporters know
    module = make()
    norms = [m for m in module.modules() if isinstance(m, nn.modules.batchnorm._BatchNorm)]
    for norm in norms:
        nn.init.uniform_(norm.weight, 0.6, 1.4)
        nn.init.uniform_(norm.bias, -0.3, 0.3)
        norm.momentum = None  # means over everything seen
    if norms:
        with torch.no_grad():
            module.train()(*map(torch.from_numpy, rows(shapes, 8, seed)))
    for parameter in module.parameters():
        parameter.requires_grad_(False)
    return module.eval()


def export(module, architecture, shapes, exporter, path):
    """Writes the module; rows are free, and time where the architecture has it so."""
    examples = tuple(map(torch.from_numpy, rows(shapes, 2, 7)))
    names = input_names(architecture)
    time = architecture.time
    with quiet():
        if exporter == "torchscript":
            axes = {0: "rows"} | ({time: "time"} if time else {})
            torch.onnx.export(
                module, examples, path, dynamo=False, opset_version=17, input_names=names, output_names=[OUTPUT],
                dynamic_axes={name: axes for name in names} | {OUTPUT: {0: "rows"}})
        else:
            free = {0: torch.export.Dim.DYNAMIC} | ({time: torch.export.Dim.DYNAMIC} if time else {})
            torch.onnx.export(
                module, examples, path, dynamo=True, external_data=False, input_names=names, output_names=[OUTPUT],
                dynamic_shapes=tuple(free for _ in names))


@contextlib.contextmanager
def quiet():
    """Without the exporters' advice."""
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        logging.disable(logging.WARNING)
        try:
            yield
        finally:
            logging.disable(logging.NOTSET)


def gradient(module, inputs, element, of=0):
    """Σ over rows of ∂(element `element` of the row)/∂(input `of`)."""
    inputs = [torch.from_numpy(x).to(next(iter(module.state_dict().values())).dtype) for x in inputs]
    inputs[of].requires_grad_(True)
    score = module(*inputs).flatten(1)[:, element].sum()
    return torch.autograd.grad(score, inputs[of])[0].double().numpy()


def steady_rows(module, shapes, element, count, candidates=12, seed=3):
    """Of `candidates` random rows, the `count` whose gradient changes least when the row or the weights are moved by a
    millionth; with the gradient, and how much it changes between float32 and float64 and when the weights are rounded
    otherwise, as folding normalizations into them does (a part of its norm)."""
    inputs = rows(shapes, candidates, seed)
    moved = [(x + 1e-6 * step).astype(np.float32) for x, step in zip(inputs, rows(shapes, candidates, seed + 1))]

    def gradients(module, inputs):
        return np.concatenate(
            [gradient(module, [x[row:row + 1] for x in inputs], element) for row in range(candidates)])

    def norms(a):
        return np.linalg.norm(a.reshape(candidates, -1), axis=1)

    plain = gradients(module, inputs)

    def changes(others):
        return np.max([norms(other - plain) for other in others], axis=0) / np.maximum(norms(plain), 1e-30)

    change = changes(
        [gradients(copy.deepcopy(module).double(), inputs)]
        + [gradients(nearby(module, torch.finfo(torch.float32).eps, seed), inputs) for seed in (1, 2)])
    margin = changes([gradients(module, moved)] + [gradients(nearby(module, 1e-6, seed), inputs) for seed in (1, 2, 3)])
    chosen = np.sort(np.argsort(np.maximum(change, margin), kind="stable")[:count])
    return [x[chosen] for x in inputs], plain[chosen], change[chosen]


def nearby(module, distance, seed):
    """The module with each weight up to `distance`, a part of it, larger or smaller."""
    torch.manual_seed(seed)
    module = copy.deepcopy(module)
    for parameter in module.parameters():
        parameter.mul_(1 + distance * (2 * torch.rand_like(parameter) - 1))
    return module


def facts(module, architecture, shapes, count=3):
    """What there is to know of a module besides its file, as arrays."""
    with torch.no_grad():
        element = module(*map(torch.from_numpy, rows(shapes, 2, 7))).flatten(1).shape[1] // 2
    inputs, plain, change = steady_rows(module, shapes, element, count)
    arrays = dict(zip(input_names(architecture), inputs), gradient=plain, change=change, element=element)
    return arrays | ({"time": architecture.time} if architecture.time else {})


def main(folder, name, exporter):
    architecture = CATALOGUE[name]
    shapes = architecture.inputs
    module = trained(architecture.make, shapes)
    model, arrays = os.path.join(folder, f"{name}.{exporter}.onnx"), os.path.join(folder, f"{name}.npz")
    if not os.path.exists(model):
        export(module, architecture, shapes, exporter, model + ".part")
        os.replace(model + ".part", model)  # complete
    if not os.path.exists(arrays):
        np.savez(arrays, **facts(module, architecture, shapes))


if __name__ == "__main__":
    main(*sys.argv[1:])
