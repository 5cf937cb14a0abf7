#!/usr/bin/env python3
"""One step of a dream upon a picture: Otoscope's time and numbers against PyTorch's.

  dream_step.py PICTURE GUIDE [--otoscope .build/release/otoscope] [--layer _blocks.6.add ...] [--sizes 200 400] [--rounds 3]

The network is EfficientNet-Lite0 as the project brings it, in both. PyTorch runs the file's nodes one by one with
`torch.nn.functional` in evaluation mode, batch normalisation folded into the convolutions as inference would have it
(`--unfolded` leaves it), and stops at the layer. A step is: picture to input, forward, backward, `picture += size * gradient /
mean |gradient|`, clipping. Both use two threads, in turn, in one run; times are medians of the steps of all rounds.

Numbers: the guided objective, `mean over places of max over the guide's places of x.y`, written here as the notebook of Google
has it (`A = x^T y`, fed back `y[:, argmax A]`), for one step and for 20, without jitter and total variation. The objective before
the first step and before the last are told by `--json` in floats; the picture is compared as it is written, in 8 bits, where half a
level of rounding is 0.002 of the range (0.001 on average). The last column is the same difference between PyTorch in float32 and in
float64: a dream amplifies rounding from step to step, because a place that changes sides at a bend of the network, or its nearest
place of the guide, changes the gradient at once. Needs onnx, NumPy, Pillow and torch.
"""
import argparse
import copy
import json
import pathlib
import statistics
import subprocess
import tempfile
import time

import numpy as np
import onnx
import torch
import torch.nn.functional as F
from onnx import numpy_helper
from PIL import Image

ROOT = pathlib.Path(__file__).resolve().parent.parent
PUBLISHED = {200: 0.2, 400: 0.8}  # Hear and See, on a Titan X, ResNet-50.


class Network:
    """The nodes of an ONNX file of convolutions, run by PyTorch up to a tensor."""

    def __init__(self, path, layer, folds=True):
        graph = onnx.load(path).graph
        self.layer = layer
        self.weights = {w.name: torch.from_numpy(numpy_helper.to_array(w).copy()) for w in graph.initializer}
        self.input = graph.input[0].name
        nodes = []
        for node in graph.node:
            nodes.append((node.op_type, list(node.input), node.output[0],
                          {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}))
            if node.output[0] == layer:
                break
        else:
            raise SystemExit(f"no tensor {layer} in {path}")
        self.nodes = self.folded(nodes) if folds else nodes

    def doubled(self):
        """The same in float64."""
        other = copy.copy(self)
        other.weights = {name: w.double() if w.is_floating_point() else w for name, w in self.weights.items()}
        return other

    def folded(self, nodes):
        result = []
        for kind, inputs, output, attributes in nodes:
            before = result[-1] if result else None
            if kind == "BatchNormalization" and before and before[0] == "Conv" and before[2] == inputs[0]:
                gamma, beta, mean, variance = (self.weights[name] for name in inputs[1:])
                scale = gamma / torch.sqrt(variance + attributes.get("epsilon", 1e-5))
                bias = self.weights[before[1][2]] if len(before[1]) > 2 else torch.zeros_like(mean)
                weight, shift = output + " weight", output + " bias"
                self.weights[weight] = self.weights[before[1][1]] * scale[:, None, None, None]
                self.weights[shift] = (bias - mean) * scale + beta
                result[-1] = ("Conv", [before[1][0], weight, shift], output, before[3])
            else:
                result.append((kind, inputs, output, attributes))
        return result

    def __call__(self, picture):
        known = {**self.weights, self.input: picture}
        for kind, inputs, output, attributes in self.nodes:
            values = [known[name] if name else None for name in inputs]
            if kind == "Conv":
                top, left, bottom, right = attributes.get("pads", [0, 0, 0, 0])
                x, padding = values[0], (top, left)
                if (top, left) != (bottom, right):
                    x, padding = F.pad(x, (left, right, top, bottom)), 0
                known[output] = F.conv2d(x, values[1], values[2] if len(values) > 2 else None,
                                         attributes.get("strides", [1, 1]), padding,
                                         attributes.get("dilations", [1, 1]), attributes.get("group", 1))
            elif kind == "BatchNormalization":
                known[output] = F.batch_norm(values[0], values[3], values[4], values[1], values[2], False, 0,
                                             attributes.get("epsilon", 1e-5))
            elif kind == "Clip":
                known[output] = torch.clamp(values[0], float(values[1]), float(values[2]))
            elif kind == "Add":
                known[output] = values[0] + values[1]
            else:
                raise SystemExit(f"{kind} is not among the operators that are known here")
        return known[self.layer]


def planes(path, size=None):
    picture = Image.open(path).convert("RGB")
    if size:
        picture = picture.resize((size, size), Image.BILINEAR)
    return picture, torch.from_numpy(np.asarray(picture).copy()).permute(2, 0, 1)[None].float()


def scaled(picture):
    return (picture - 127) / 128


def energy(x):
    return (x * x).mean() / 2


def guided(guide):
    """As Google's notebook: the gradient that is fed back at a place is the guide's nearest activation."""
    y = guide[0].reshape(guide.shape[1], -1)

    def objective(x):
        flat = x[0].reshape(x.shape[1], -1)
        with torch.no_grad():
            best = (flat.T @ y).argmax(1)
        return (flat * y[:, best]).sum() / flat.shape[1]

    return objective


def steps(network, objective, picture, count, size):
    """The picture after `count` steps, the objective before each, and the time of each."""
    values, times = [], []
    for _ in range(count):
        start = time.perf_counter()
        leaf = picture.clone().requires_grad_()
        value = objective(network(scaled(leaf)))
        gradient, = torch.autograd.grad(value, leaf)
        with torch.no_grad():
            picture = (picture + gradient * (size / gradient.abs().mean())).clamp(0, 255)
        times.append(time.perf_counter() - start)
        values.append(float(value.detach()))
    return picture, values, times


def ours(binary, picture, folder, count, *options):
    folder = pathlib.Path(folder) / "dream"
    command = [binary, "dream", picture, "--octaves", "1", "--steps", str(count), "--jitter", "0", "--tv", "0",
               "--output", str(folder), "--json", *options]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(done.stderr)
    record = json.loads(done.stdout)
    dreamt = next(file for file in record["files"] if file.endswith(".dream.png"))
    return planes(folder / dreamt)[1], record


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("picture")
    parser.add_argument("guide")
    parser.add_argument("--otoscope", default=str(ROOT / ".build/release/otoscope"))
    parser.add_argument("--network", default=str(ROOT / "Data/models/efficientnet-lite0.onnx"))
    parser.add_argument("--layer", action="append", help="tensors (default: _blocks.6.add, _blocks.10.add, _blocks.14.add)")
    parser.add_argument("--sizes", type=int, nargs="+", default=[200, 400])
    parser.add_argument("--steps", type=int, default=30, help="a round, each side")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--step", type=float, default=2, help="in grey levels")
    parser.add_argument("--unfolded", action="store_true", help="PyTorch with its batch normalisations")
    options = parser.parse_args()
    torch.set_num_threads(2)
    layers = options.layer or ["_blocks.6.add", "_blocks.10.add", "_blocks.14.add"]
    with tempfile.TemporaryDirectory() as folder:
        print("| layer | size | PyTorch, ms | Otoscope, ms | faster | published (.2, .8 s) over ours |\n|---|---|---|---|---|---|")
        for layer in layers:
            network = Network(options.network, layer, not options.unfolded)
            for size in options.sizes:
                path = f"{folder}/picture{size}.png"
                image, picture = planes(options.picture, size)
                image.save(path)
                theirs, own = [], []
                steps(network, energy, picture, 3, options.step)
                for _ in range(options.rounds):
                    theirs += steps(network, energy, picture, options.steps, options.step)[2]
                    own.append(ours(options.otoscope, path, folder, options.steps, "--layer", layer,
                                    "--step", str(options.step))[1]["step_s"])
                their, our = statistics.median(theirs), statistics.median(own)
                published = f"{PUBLISHED[size] / our:.1f}" if size in PUBLISHED else ""
                print(f"| {layer} | {size} | {1e3 * their:.1f} | {1e3 * our:.1f} | {their / our:.2f} | {published} |", flush=True)
        print("\n| guided, layer | steps | first objective, relative | last objective, relative | picture, mean of 0...1 | largest | PyTorch's own, mean | largest |")
        print("|---|---|---|---|---|---|---|---|")
        # Of the size in which the network usually looks, so that nobody resizes it.
        guide_path, path = f"{folder}/guide.png", f"{folder}/picture.png"
        image, guide = planes(options.guide, 224)
        image.save(guide_path)
        image, picture = planes(options.picture, 200)
        image.save(path)
        for layer in layers:
            network = Network(options.network, layer, not options.unfolded)
            with torch.no_grad():
                objective = guided(network(scaled(guide)))
                exact = guided(network.doubled()(scaled(guide.double())))
            for count in (1, 20):
                expected, values, _ = steps(network, objective, picture, count, options.step)
                found, record = ours(options.otoscope, path, folder, count, "--layer", layer, "--guide", guide_path,
                                     "--step", str(options.step))
                off = (found - expected).abs() / 255
                precise = steps(network.doubled(), exact, picture.double(), count, options.step)[0]
                rounding = (precise - expected).abs() / 255
                first, last = (abs(record[key] / value - 1) for key, value in (("first", values[0]), ("last", values[-1])))
                print(f"| {layer} | {count} | {first:.1e} | {last:.1e} | {off.mean():.1e} | {off.max():.1e} "
                      f"| {rounding.mean():.1e} | {rounding.max():.1e} |", flush=True)


main()
