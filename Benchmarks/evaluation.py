#!/usr/bin/env python3
"""`otoscope measure` against Quantus, Captum and the definitions in NumPy, on real inputs of the three networks.

    evaluation.py [--only NETWORK ...] [--otoscope BINARY] [--peers peers.py] [--models FOLDER] [--sounds FOLDER]

Prints a Markdown table: for each criterion whose definition was run on the same rows and maps, and for each network the
largest |ours - theirs| / |theirs| over rows and maps (over all points of a curve). Maps are Captum's Saliency and
InputXGradient; probabilities of the definitions in NumPy are ONNX Runtime's. Needs numpy, onnx, onnxruntime, torch, captum
and quantus.
"""
import argparse
import json
import os
import subprocess
import sys
import tempfile
import warnings
from importlib.metadata import version

import numpy as np
import onnx
import onnxruntime
import torch
from captum.attr import InputXGradient, Saliency
from captum.metrics import infidelity, sensitivity_max

from cases import NETWORKS, SOUNDS, front_ends, parsed
import no_torchvision  # noqa: F401, before quantus, whose Zennit imports it
import quantus
from rounding import in_double, stable_rows
from splitmix import splitmix64

SAMPLES, SEED, STAGES = 10, 3, 3
QUANTUS = {"abs": False, "normalise": False, "disable_warnings": True, "return_aggregate": False}
warnings.filterwarnings("ignore")  # Captum tells that it asks the input for its gradient


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--only", nargs="*", help="networks (default: all)")
    arguments = parsed(parser)
    torch.set_num_threads(2)
    networks = [network for network in NETWORKS if not arguments.only or network.name in arguments.only]
    print("Quantus " + version("quantus") + ", Captum " + version("captum") + ", ONNX Runtime " + version("onnxruntime")
          + ", PyTorch " + version("torch") + "\n")
    columns = [Column(arguments, network) for network in networks]
    print("| criterion | definition | " + " | ".join(network.name for network in networks) + " |")
    print("|---|---|" + "---|" * len(networks))
    for name, definition in CRITERIA:
        cells = [f"{column.errors[name]:.1e}" for column in columns]
        print(f"| {name} | {definition} | " + " | ".join(cells) + " |", flush=True)


CRITERIA = [
    ("deletion", "Xplique's, in NumPy: area"),
    ("deletion_curve", "the same: 11 points"),
    ("deletion_curve, float64", "the same, probabilities by PyTorch in float64"),
    ("deletion_curve, ONNX Runtime from itself", "float32 against float64"),
    ("insertion", "Xplique's, in NumPy: area"),
    ("insertion_curve", "the same: 11 points"),
    ("insertion_curve, float64", "the same, probabilities by PyTorch in float64"),
    ("insertion_curve, ONNX Runtime from itself", "float32 against float64"),
    ("deletion_curve, many steps", "Quantus' PixelFlipping"),
    ("deletion_curve, many steps, float64", "the same, probabilities by PyTorch in float64"),
    ("deletion_curve, many steps, ONNX Runtime from itself", "float32 against float64"),
    ("average_drop", "Chattopadhay et al., in NumPy"),
    ("increase", "Chattopadhay et al., in NumPy"),
    ("average_gain", "Zhang et al., in NumPy"),
    ("infidelity", "Captum's infidelity"),
    ("infidelity_normalized", "Captum's infidelity, normalize=True"),
    ("sparseness", "Quantus' Sparseness"),
    ("complexity", "Quantus' Complexity"),
    ("pointing_game", "Quantus' PointingGame"),
    ("relevance_mass", "Quantus' RelevanceMassAccuracy, of positive relevance"),
    ("relevance_rank", "Quantus' RelevanceRankAccuracy"),
    ("max_sensitivity", "Captum's sensitivity_max of Saliency"),
    ("max_sensitivity, Quantus", "Quantus' MaxSensitivity of Saliency"),
    ("max_sensitivity, PyTorch from itself", "Captum's in float32 against float64"),
    ("parameter_randomisation_stages", "Quantus' correlation_spearman of Otoscope's maps of the same networks"),
    ("parameter_randomisation_stages, Saliency", "the same of Captum's Saliency"),
    ("parameter_randomisation_stages, PyTorch from itself", "Captum's in float32 against float64"),
]


class Column:
    """One network: its rows, the maps, and for each criterion how far both sides are apart."""

    def __init__(self, arguments, network):
        from peers import OnnxModule

        print(network.name, file=sys.stderr, flush=True)
        self.arguments, self.network = arguments, network
        self.model = os.path.join(arguments.models, network.file)
        self.module = lambda path=self.model: OnnxModule(path, "logits").eval()
        self.logits = self.module()
        scratch = tempfile.mkdtemp()
        self.path = lambda name: os.path.join(scratch, name)
        file = onnx.load(self.model)
        self.is_sigmoid = any(node.op_type == "Sigmoid" and node.input[0] == "logits" for node in file.graph.node)
        if "logits" not in [output.name for output in file.graph.output]:
            file.graph.output.append(onnx.ValueInfoProto(name="logits"))
        self.session = onnxruntime.InferenceSession(file.SerializeToString())
        self.x, self.target = self.rows()
        self.baseline = np.float32(np.quantile(self.x, 0.1))
        random = np.random.default_rng(2)
        self.disturbances = (0.1 * self.x.std() * random.standard_normal((SAMPLES, *network.shape))).astype(np.float32)
        # One row and one channel for all.
        self.region = np.zeros((1, *(1 for _ in network.shape[:-2]), *network.shape[-2:]), np.float32)
        self.region[..., network.shape[-2] // 3:, :network.shape[-1] // 2] = 1
        for name in ["x", "disturbances", "region"]:
            np.save(self.path(name + ".npy"), getattr(self, name))
        self.errors = {}
        x = torch.from_numpy(self.x)
        for method in [Saliency, InputXGradient]:
            self.map = method(self.logits).attribute(x, target=self.target).detach().numpy()
            self.compare_maps()
        self.compare_steadiness()

    def rows(self):
        """Three rows where PyTorch's own gradients suffer little from rounding, and their best class."""
        sounds = [front_ends.decode(os.path.join(self.arguments.sounds, name)) for name in SOUNDS]
        candidates = self.network.real_input(16, sounds)
        logits = self.logits(torch.from_numpy(candidates)).detach().numpy()
        chosen = stable_rows(self.arguments.peers, self.model, candidates, int(logits.mean(0).argmax()), 3)
        return np.ascontiguousarray(candidates[chosen]), int(logits[chosen].mean(0).argmax())

    def ours(self, *options):
        words = [self.arguments.otoscope, "measure", self.model, self.path("x.npy"), "--target", self.target,
                 f"--baseline={self.baseline}", "--disturbances", self.path("disturbances.npy"), *options]
        return json.loads(subprocess.run(list(map(str, words)), check=True, capture_output=True).stdout)

    def note(self, name, ours, theirs):
        ours, theirs = np.asarray(ours, np.float64), np.asarray(theirs, np.float64)
        assert ours.shape == theirs.shape, (name, ours.shape, theirs.shape)
        errors = np.where(ours == theirs, 0, np.abs(ours - theirs) / np.maximum(np.abs(theirs), 1e-30))
        self.errors[name] = max(self.errors.get(name, 0), float(errors.max()))

    # Of one map.

    def compare_maps(self):
        np.save(self.path("map.npy"), self.map)
        ours = self.ours("--attribution", self.path("map.npy"), "--region", self.path("region.npy"))
        theirs = {**self.fidelity(), **self.masking(), **self.infidelity(), **self.of_quantus()}
        for name, values in theirs.items():
            self.note(name, ours[name], values)
        precise = self.fidelity(network=in_double(self.module()))
        for name in ["deletion_curve", "insertion_curve"]:
            self.note(name + ", ONNX Runtime from itself", theirs[name], precise[name])
            self.note(name + ", float64", ours[name], precise[name])
        size = self.map[0].size
        step = next(step for step in range(size // 64, 0, -1) if size % step == 0)
        many = self.ours("--attribution", self.path("map.npy"), "--curve-steps", size // step)["deletion_curve"]
        # Quantus leaves out the first point, where nothing is removed yet.
        flipped, precise = self.pixel_flipping(step), self.pixel_flipping(step, in_double(self.module()))
        self.note("deletion_curve, many steps", np.array(many)[:, 1:], flipped)
        self.note("deletion_curve, many steps, float64", np.array(many)[:, 1:], precise)
        self.note("deletion_curve, many steps, ONNX Runtime from itself", flipped, precise)

    def probabilities(self, x, network=None):
        """As reported, of ONNX Runtime's logits or another network's. The runtime's own sigmoid is off by 1e-8, more than
        tiny probabilities bear."""
        if network is None:
            logits = self.session.run(["logits"], {self.session.get_inputs()[0].name: x.astype(np.float32)})[0]
        else:
            with torch.inference_mode():
                logits = network(torch.from_numpy(x).double()).numpy()
        logits = logits.astype(np.float64)
        if self.is_sigmoid:
            return 1 / (1 + np.exp(-logits[:, self.target]))
        shares = np.exp(logits - logits.max(1, keepdims=True))
        return (shares / shares.sum(1, keepdims=True))[:, self.target]

    def fidelity(self, steps=10, network=None):
        """Xplique's Deletion and Insertion: `steps` + 1 points, evenly spaced counts of the most important elements."""
        flat, result = self.x.reshape(len(self.x), -1), {}
        order = np.argsort(self.map.reshape(len(self.x), -1), axis=1)[:, ::-1]
        nothing = np.full_like(flat, self.baseline)
        for name, start, end in [("deletion", flat, nothing), ("insertion", nothing, flat)]:
            curve = []
            for count in np.linspace(0, flat.shape[1], steps + 1, dtype=np.int32):
                changed = start.copy()
                for row, places in enumerate(order[:, :count]):
                    changed[row, places] = end[row, places]
                curve.append(self.probabilities(changed.reshape(self.x.shape), network))
            curve = np.array(curve).T
            result |= {name + "_curve": curve, name: np.mean((curve[:, :-1] + curve[:, 1:]) / 2, axis=1)}
        return result

    def masking(self):
        """Y of the input, O of what its map, |a| from 0 to 1, leaves of it."""
        axes = tuple(range(1, self.x.ndim))
        mask = np.abs(self.map)
        mask = mask - mask.min(axes, keepdims=True)
        mask = mask / mask.max(axes, keepdims=True)
        y, o = self.probabilities(self.x), self.probabilities(self.baseline + mask * (self.x - self.baseline))
        return {"average_drop": 100 * np.maximum(0, y - o) / y, "increase": 100.0 * (o > y),
                "average_gain": 100 * np.maximum(0, o - y) / (1 - y)}

    def infidelity(self):
        def disturb(inputs):
            # Captum repeats each row for all samples.
            disturbances = torch.from_numpy(self.disturbances).double().repeat(len(self.x), *[1] * (self.x.ndim - 1))
            return disturbances, inputs - disturbances

        def of(normalize):
            return infidelity(in_double(self.module()), disturb, torch.from_numpy(self.x).double(),
                              torch.from_numpy(self.map).double(), target=self.target, n_perturb_samples=SAMPLES,
                              normalize=normalize).detach().numpy()

        return {"infidelity": of(False), "infidelity_normalized": of(True)}

    def of_quantus(self):
        rows = len(self.x)
        a = self.map.reshape(rows, -1).astype(np.float64)
        s = np.broadcast_to(self.region, self.x.shape).reshape(rows, -1)
        return {
            "sparseness": quantus.Sparseness(**{**QUANTUS, "abs": True}).evaluate_batch(x_batch=None, a_batch=np.abs(a)),
            "complexity": quantus.Complexity(**{**QUANTUS, "abs": True}).evaluate_batch(x_batch=None, a_batch=np.abs(a)),
            "pointing_game": quantus.PointingGame(**QUANTUS).evaluate_batch(a_batch=a, s_batch=s),
            "relevance_mass": quantus.RelevanceMassAccuracy(**QUANTUS).evaluate_batch(
                a_batch=np.maximum(a, 0), s_batch=s),
            "relevance_rank": quantus.RelevanceRankAccuracy(**QUANTUS).evaluate_batch(a_batch=a, s_batch=s),
        }

    def pixel_flipping(self, step, network=None):
        class Model:
            """What Quantus asks for of a model."""
            shape_input = staticmethod(lambda x, shape, **_: x.reshape(shape))
            predict = staticmethod(lambda x: self.probabilities(x, network)[:, None])

        metric = quantus.PixelFlipping(features_in_step=step, perturb_baseline=float(self.baseline), **QUANTUS)
        rows = np.zeros(len(self.x), int)
        return metric.evaluate_batch(model=Model, x_batch=self.x.copy(), y_batch=rows, a_batch=self.map.copy())

    # Of a method.

    def compare_steadiness(self):
        ours = self.ours("--method", "saliency", "--seed", SEED, "--stages", STAGES)
        theirs = self.sensitivity(self.logits)
        self.note("max_sensitivity", ours["max_sensitivity"], theirs)
        self.note("max_sensitivity, Quantus", ours["max_sensitivity"], self.sensitivity_of_quantus())
        self.note("max_sensitivity, PyTorch from itself", theirs, self.sensitivity(in_double(self.module())))
        name = "parameter_randomisation_stages"
        theirs = self.randomisation(lambda path: self.saliency(self.module(path), self.x, self.target))
        precise = self.randomisation(lambda path: self.saliency(in_double(self.module(path)), self.x, self.target))
        self.note(name, ours[name], self.randomisation(self.our_saliency))
        self.note(name + ", Saliency", ours[name], theirs)
        self.note(name + ", PyTorch from itself", theirs, precise)

    @staticmethod
    def saliency(module, x, target):
        x = torch.as_tensor(x, dtype=next(module.parameters()).dtype)
        return Saliency(module).attribute(x, target=target).detach().numpy()

    def sensitivity(self, module):
        kind = next(module.parameters()).dtype

        def disturb(x):
            return x - torch.from_numpy(self.disturbances).to(kind).repeat(len(self.x), *[1] * (self.x.ndim - 1))

        return sensitivity_max(Saliency(module).attribute, torch.from_numpy(self.x).to(kind), perturb_func=disturb,
                               n_perturb_samples=SAMPLES, target=self.target).detach().numpy()

    def sensitivity_of_quantus(self):
        left = iter(self.disturbances)
        metric = quantus.MaxSensitivity(
            nr_samples=SAMPLES, perturb_func=lambda arr, indices, **_: arr - next(left).reshape(1, -1), **QUANTUS)
        metric.explain_func = lambda model, inputs, targets, **_: self.saliency(model, inputs, self.target)
        metric.explain_func_kwargs = {}
        metric.explain_batch = lambda model, x, y: self.saliency(self.logits, x, self.target)
        return metric.evaluate_batch(model=None, x_batch=self.x, y_batch=None,
                                     a_batch=self.saliency(self.logits, self.x, self.target))

    def our_saliency(self, path):
        words = [self.arguments.otoscope, "attribute", path, self.path("x.npy"), "--method", "saliency", "--of", "logits",
                 "--target", self.target, "-o", self.path("ours.npz")]
        subprocess.run(list(map(str, words)), check=True, capture_output=True)
        return np.load(self.path("ours.npz"))["attribution"]

    def randomisation(self, maps):
        """Of each row in each stage: the correlation of |a| with that of the network of shuffled weights. `maps` makes them
        of the network in a file."""
        true = np.abs(maps(self.model)).reshape(len(self.x), -1)
        stages = []
        for stage in range(STAGES):
            path = self.path("shuffled.onnx")
            shuffle(self.model, path, stage + 1, STAGES, SEED)
            other = np.abs(maps(path)).reshape(len(self.x), -1)
            stages.append(quantus.similarity_func.correlation_spearman(true, other, batched=True))
        return np.array(stages).T


def shuffle(model, path, stage, stages, seed):
    """Writes a network whose last layers' constants have been shuffled each: Fisher and Yates, from the last element."""
    file = onnx.load(model)
    constants = {tensor.name: tensor for tensor in file.graph.initializer}
    layers = [[name for name in node.input if name in constants] for node in file.graph.node]
    layers = [names for names in layers if any(len(constants[name].dims) > 1 for name in names)]
    count = 1 if stage == 1 and stages > 1 else -(-len(layers) * stage // stages)
    names = list(dict.fromkeys(name for layer in layers[-count:] for name in layer))
    drawn = 0
    for name in names:
        values = onnx.numpy_helper.to_array(constants[name])
        draws = splitmix64(seed, max(0, values.size - 1), drawn)
        drawn += len(draws)
        order = list(range(values.size))
        partners = (draws % np.arange(values.size, 1, -1, dtype=np.uint64)).tolist()
        for place, partner in zip(range(values.size - 1, 0, -1), partners):
            order[place], order[partner] = order[partner], order[place]
        shuffled = values.ravel()[order].reshape(values.shape)
        constants[name].CopyFrom(onnx.numpy_helper.from_array(shuffled, name))
    onnx.save(file, path)


main()
