#!/usr/bin/env python3
"""Attribution methods against their peers' definitions, on real inputs of the three networks.

    explanations.py [METHOD ...] [--only NETWORK ...] [--otoscope BINARY] [--peers peers.py] [--models FOLDER] [--sounds FOLDER]

Prints a Markdown table: for each method and network, whose definition was run on the same rows, and
||ours - theirs|| / ||theirs|| (the median row). Gradients are PyTorch's, through peers.py's module of the ONNX file; class
activation maps are pytorch-grad-cam's own classes, given the layer's values and gradients. Rows are chosen where PyTorch's
own gradients suffer little from rounding (peers/rounding.py), the target is their best class.
"""
import argparse
import os
import subprocess
import sys
import tempfile
import types

import numpy as np
import torch

from cases import NETWORKS, SOUNDS, front_ends, parsed
from rounding import stable_rows

# pytorch-grad-cam imports torchvision for pictures only; its absence or another build must not matter here.
for name, contents in {"torchvision": [], "torchvision.transforms": ["Compose", "Normalize", "ToTensor"],
                       "torchvision.transforms.functional": ["resize"]}.items():
    sys.modules[name] = types.ModuleType(name)
    for content in contents:
        setattr(sys.modules[name], content, object)
from pytorch_grad_cam import EigenCAM, GradCAM, GradCAMPlusPlus, LayerCAM  # noqa: E402


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("methods", nargs="*", help="default: all")
    parser.add_argument("--only", nargs="*", help="networks (default: all)")
    arguments = parsed(parser)
    torch.manual_seed(0)
    networks = [network for network in NETWORKS if not arguments.only or network.name in arguments.only]
    print("| method | definition | " + " | ".join(network.name for network in networks) + " |")
    print("|---|---|" + "---|" * len(networks))
    columns = [Column(arguments, network) for network in networks]
    for method, definition in METHODS:
        if arguments.methods and method not in arguments.methods:
            continue
        print(f"| {method} | {definition} | " + " | ".join(column.cell(method) for column in columns) + " |", flush=True)


METHODS = [
    ("smoothgrad-squared", "Captum's NoiseTunnel, smoothgrad_sq"),
    ("vargrad", "Captum's NoiseTunnel, vargrad"),
    ("input-x-gradient+smoothgrad", "Captum's NoiseTunnel over InputXGradient"),
    ("guided-backprop+smoothgrad", "Captum's NoiseTunnel over GuidedBackprop"),
    ("integrated-gradients", "Captum, baseline: each band's 10 % quantile"),
    ("integrated-gradients, delta", "sum - (F(x) - F(b)), relative, 50 points"),
    ("integrated-gradients, delta to 0.001", "the same, --tolerance 0.001"),
    ("expected-gradients", "the definition, over the same draws"),
    ("grad-cam", "pytorch-grad-cam"),
    ("grad-cam++", "pytorch-grad-cam"),
    ("layer-cam", "pytorch-grad-cam"),
    ("eigen-cam", "pytorch-grad-cam, up to its sign"),
    ("score-cam", "the definition, masks laid by receptive fields"),
]


class Column:
    """One network: its rows, and both sides of each method."""

    def __init__(self, arguments, network):
        from peers import OnnxModule

        self.arguments, self.network = arguments, network
        self.model = os.path.join(arguments.models, network.file)
        self.module = OnnxModule(self.model, "logits").eval()
        scratch = tempfile.mkdtemp()
        self.path = lambda name: os.path.join(scratch, name)
        sounds = [front_ends.decode(os.path.join(arguments.sounds, name)) for name in SOUNDS]
        candidates = network.real_input(16, sounds)
        logits = self.module(torch.from_numpy(candidates)).detach().numpy()
        chosen = stable_rows(arguments.peers, self.model, candidates, int(logits.mean(0).argmax()), 3)
        self.x = np.ascontiguousarray(candidates[chosen])
        self.target = int(logits[chosen].mean(0).argmax())
        np.save(self.path("x.npy"), self.x)
        self.noise = np.random.default_rng(2).standard_normal((4, *network.shape)).astype(np.float32) * np.float32(
            0.15 * self.x.std())
        np.save(self.path("noise.npy"), self.noise)

    def ours(self, method, *options):
        subprocess.run([self.arguments.otoscope, "attribute", self.model, self.path("x.npy"), "--method", method, "--target",
                        str(self.target), "--of", "logits", "-o", self.path("a.npz"), *map(str, options)], check=True,
                       capture_output=True)
        return np.load(self.path("a.npz"))["attribution"]

    def gradient(self, x, guided=False):
        handles = []
        if guided:
            for module in self.module.modules():
                if isinstance(module, torch.nn.ReLU):
                    handles.append(module.register_full_backward_hook(lambda m, g, _: (torch.relu(g[0]),)))
        x = torch.from_numpy(x).requires_grad_()
        self.module(x)[:, self.target].sum().backward()
        for handle in handles:
            handle.remove()
        return x.grad.numpy()

    def scores(self, x):
        return self.module(torch.from_numpy(x)).detach().numpy()[:, self.target].astype(np.float64)

    def cell(self, method):
        try:
            value = getattr(self, "m_" + method.split(",")[0].replace("-", "_").replace("+", "_plus_"))(method)
        except subprocess.CalledProcessError as error:
            return error.stderr.decode().strip().splitlines()[-1][:60]
        return value if isinstance(value, str) else f"{value:.1e}"

    @staticmethod
    def error(ours, theirs):
        ours, theirs = ours.reshape(len(ours), -1).astype(np.float64), theirs.reshape(len(theirs), -1).astype(np.float64)
        return float(np.median(np.linalg.norm(ours - theirs, axis=1) / np.linalg.norm(theirs, axis=1)))

    def noisy(self, of):
        return np.stack([of(self.x + noise) for noise in self.noise]).astype(np.float64)

    def m_smoothgrad_squared(self, method):
        return self.error(self.ours(method, "--noise", self.path("noise.npy")), (self.noisy(self.gradient)**2).mean(0))

    def m_vargrad(self, method):
        samples = self.noisy(self.gradient)
        return self.error(self.ours(method, "--noise", self.path("noise.npy")), samples.var(0))

    def m_input_x_gradient_plus_smoothgrad(self, method):
        theirs = self.noisy(lambda x: x * self.gradient(x)).mean(0)
        return self.error(self.ours(method, "--noise", self.path("noise.npy")), theirs)

    def m_guided_backprop_plus_smoothgrad(self, method):
        theirs = self.noisy(lambda x: self.gradient(x, guided=True)).mean(0)
        return self.error(self.ours(method, "--noise", self.path("noise.npy")), theirs)

    def floor(self):
        return np.broadcast_to(np.quantile(self.x, 0.1, axis=-2, keepdims=True), self.x.shape).astype(np.float32)

    def m_integrated_gradients(self, method):
        from captum.attr import IntegratedGradients

        options = ["--tolerance", 0.001] if "0.001" in method else []
        ours = self.ours("integrated-gradients", "--baseline", "noise-floor", *options)
        if "delta" in method:
            gained = self.scores(self.x) - self.scores(self.floor().copy())
            sums = ours.reshape(len(ours), -1).astype(np.float64).sum(1)
            return float(np.max(np.abs(sums - gained) / np.abs(gained)))
        theirs = IntegratedGradients(self.module).attribute(
            torch.from_numpy(self.x), torch.from_numpy(self.floor().copy()), target=self.target, n_steps=50,
            internal_batch_size=8)
        return self.error(ours, theirs.detach().numpy())

    def m_expected_gradients(self, method):
        backgrounds = self.floor() + self.noise[:3]
        np.save(self.path("b.npy"), backgrounds)
        ours = self.ours(method, "--background", self.path("b.npy"), "--samples", 24)
        theirs = 0
        for i in range(24):
            alpha, b = np.float32((0.5 + i * 0.618033988749895) % 1), backgrounds[i % 3]
            theirs = theirs + (self.x - b) * self.gradient(b + alpha * (self.x - b)) / 24
        return self.error(ours, theirs)

    def layer(self):
        """The late layer's values and gradients."""
        name = self.network.layers[-1] if self.network.name != "mtt_vgg" else "r3"
        taps = {}
        x = torch.from_numpy(self.x).requires_grad_()
        score = self.module(x, taps=taps)
        taps[name].retain_grad()
        score[:, self.target].sum().backward()
        return name, taps[name].detach().numpy(), taps[name].grad.numpy()

    def map(self, method, weigh):
        name, values, gradients = self.layer()
        ours = self.ours(method, "--layer", name)[:, 0]
        return self.error(ours, np.maximum(weigh(values, gradients), 0))

    def weighted(self, peer):
        """Of a class of pytorch-grad-cam, which takes weights from values and gradients."""
        peer.__del__ = lambda self: None  # releases hooks that were never set
        camera = peer.__new__(peer)

        def weigh(values, gradients):
            return peer.get_cam_image(camera, None, None, None, values, gradients, False)

        return weigh

    def m_grad_cam(self, method):
        if self.network.name == "mtt_vgg":
            return self.map(method, lambda a, g: (g.mean((2, 3), keepdims=True) * a).sum(1))
        return self.map(method, self.weighted(GradCAM))

    def m_grad_camplusplus(self, method):
        return self.map(method, self.weighted(GradCAMPlusPlus))

    m_grad_cam_plus__plus_ = m_grad_camplusplus

    def m_layer_cam(self, method):
        return self.map(method, self.weighted(LayerCAM))

    def m_eigen_cam(self, method):
        name, values, gradients = self.layer()
        ours = self.ours(method, "--layer", name)[:, 0]
        theirs = self.weighted(EigenCAM)(values, gradients)
        either = [np.maximum(theirs, 0), np.maximum(-theirs, 0)]
        return float(np.median([min(self.error(o[None], e[i][None]) for e in either) for i, o in enumerate(ours)]))

    def m_score_cam(self, method):
        """YAMNet only: the masks are laid by its receptive fields, whose centres are 31 + 32 i along both axes."""
        if self.network.name != "yamnet":
            return "not compared"
        name, values, _ = self.layer()
        ours = self.ours(method, "--layer", name)[:, 0]
        return self.error(ours, np.stack([self.score_cam(x, a, self.aligned) for x, a in zip(self.x, values)]))

    def score_cam(self, x, values, stretch):
        masks = stretch(values)
        least, most = masks.min((1, 2), keepdims=True), masks.max((1, 2), keepdims=True)
        masks = np.where(most > least, (masks - least) / np.maximum(most - least, 1e-30), 0).astype(np.float32)
        with torch.no_grad():
            scores = np.concatenate([self.scores(masks[i:i + 64, None] * x) for i in range(0, len(masks), 64)])
        weights = np.exp(scores - scores.max())
        return np.maximum(np.tensordot(weights / weights.sum(), values, 1), 0)

    @staticmethod
    def aligned(values):
        def weights(extent, count):
            places = np.clip((np.arange(extent) - 31) / 32, 0, count - 1)
            return np.maximum(0, 1 - np.abs(places[:, None] - np.arange(count)))

        return np.einsum("fi,cij,bj->cfb", weights(96, values.shape[1]), values, weights(64, values.shape[2]))


main()
