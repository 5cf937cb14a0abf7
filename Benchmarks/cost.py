#!/usr/bin/env python3
"""How long each method takes to explain ten seconds of sound by YAMNet, beside its peer.

    cost.py [METHOD ...] [--rounds 3] [--rows N] [--samples 500] [--threads 2] [--otoscope BINARY] [--peers peers.py]

The patches of the sound are one batch; its most probable class is explained. Both sides compute the same number of
evaluations of the network, on the same threads, in turns: the peer here, once to warm up; Otoscope by `bench`, which
also times the method alone, in a process that has warmed up, without reading the model. Prints a Markdown table: seconds,
medians over the rounds, and how many times as fast as the peer. Needs torch, captum, grad-cam, zennit and onnx.
"""
import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import warnings

import numpy as np
import torch
from captum.attr import (Deconvolution, DeepLift, FeatureAblation, GuidedBackprop, InputXGradient, IntegratedGradients,
                         KernelShap, LayerGradCam, Lime, NoiseTunnel, Occlusion, Saliency)

from cases import SOUNDS, front_ends, parsed
import no_torchvision  # noqa: F401, before what imports it
from pytorch_grad_cam import EigenCAM, GradCAMPlusPlus, LayerCAM, ScoreCAM
from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget
from relevance import Network, ZBox, methods as relevance_rules, zennit
from rounding import load_peers, module

warnings.filterwarnings("ignore")
LAYER = "layer14.pointwise.relu"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("methods", nargs="*", help="default: all")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--rows", type=int, help="explain the first patches only")
    parser.add_argument("--samples", type=int, default=500, help="of what perturbs: RISE, LIME, Kernel SHAP, channels of "
                        "Score-CAM; gradient methods take 50")
    parser.add_argument("--threads", type=int, default=2)
    arguments = parsed(parser)
    torch.set_num_threads(arguments.threads)
    case = Case(arguments)
    print(f"{len(case.x)} patches, class {case.target}, {arguments.threads} threads, {arguments.rounds} rounds\n")
    print("| method | evaluations a patch | peer | ours, s | peer, s | times as fast |\n|---|---|---|---|---|---|")
    for name, evaluations, peer, options, run in case.peers():
        if arguments.methods and name not in arguments.methods:
            continue
        ours, theirs = [], []
        try:
            run()
            for _ in range(arguments.rounds):
                ours.append(case.ours(name, options))
                start = time.perf_counter()
                run()
                theirs.append(time.perf_counter() - start)
        except (RuntimeError, subprocess.CalledProcessError) as problem:
            told = getattr(problem, "stderr", None) or str(problem)
            print(f"| {name} | {evaluations} | {peer} | {told.strip().splitlines()[-1][:80]} | | |", flush=True)
            continue
        ours, theirs = statistics.median(ours), statistics.median(theirs)
        print(f"| {name} | {evaluations} | {peer} | {ours:.3f} | {theirs:.3f} | {theirs / ours:.1f} |", flush=True)


class Case:
    """Ten seconds of sounds, and how each peer explains them."""

    def __init__(self, arguments):
        self.arguments = arguments
        self.path = os.path.join(arguments.models, "yamnet.onnx")
        sounds = [front_ends.decode(os.path.join(arguments.sounds, name)) for name in SOUNDS]
        yamnet = front_ends.MODELS["yamnet"]
        ten_seconds = np.resize(np.concatenate(sounds), 10 * front_ends.RATE)
        self.x = yamnet.input(ten_seconds)[:arguments.rows].astype(np.float32)
        peers = load_peers(arguments.peers)
        self.model = module(peers, self.path, "logits")
        self.folded = Network(peers, self.path, "logits", True).eval().requires_grad_(False)
        self.batch = torch.from_numpy(self.x)
        self.target = int(self.model(self.batch).mean(0).argmax())
        self.input = os.path.join(tempfile.mkdtemp(), "x.npy")
        np.save(self.input, self.x)
        _, _, _, _, place = next(step for step in self.model.plan if step[3][0] == LAYER)
        self.layer = self.model.steps[place]

    def ours(self, method, options):
        words = [self.arguments.otoscope, "bench", self.path, self.input, "--method", method, "--target", self.target,
                 "--threads", self.arguments.threads, "--runs", 1, "--json", *options]
        run = subprocess.run(list(map(str, words)), check=True, capture_output=True, text=True)
        return json.loads(run.stdout.splitlines()[-1])["median_s"]

    def peers(self):
        """Name, evaluations a patch (a gradient counts as two), the peer, our options, and the peer's run."""
        x, model, layer, samples = self.batch, self.model, self.layer, self.arguments.samples
        target = {"target": self.target}

        def captum(method, **options):
            return lambda: method.attribute(x, **target, **options)

        def tunnel(kind):
            return lambda: NoiseTunnel(Saliency(model)).attribute(
                x, nt_type=kind, nt_samples=50, nt_samples_batch_size=5, stdevs=1.0, abs=False, **target)

        yield "saliency", 2, "captum", [], captum(Saliency(model))
        yield "input-x-gradient", 2, "captum", [], captum(InputXGradient(model))
        yield "guided-backprop", 2, "captum", [], captum(GuidedBackprop(model))
        yield "deconvolution", 2, "captum", [], captum(Deconvolution(model))
        for name, kind in [("smoothgrad", "smoothgrad"), ("smoothgrad-squared", "smoothgrad_sq"), ("vargrad", "vargrad")]:
            yield name, 100, "captum", ["--samples", 50], tunnel(kind)
        yield "integrated-gradients", 100, "captum", ["--steps", 50], captum(
            IntegratedGradients(model), n_steps=50, internal_batch_size=5 * len(x))
        yield "grad-cam", 2, "captum", [], captum(LayerGradCam(model, layer))
        for name, evaluations, peer in [
                ("grad-cam++", 2, GradCAMPlusPlus), ("layer-cam", 2, LayerCAM), ("eigen-cam", 1, EigenCAM)]:
            yield name, evaluations, "pytorch-grad-cam", [], self.camera(peer)
        # All 1024 channels.
        yield "score-cam", 1025, "pytorch-grad-cam", [], self.camera(ScoreCAM)
        windows = (96 // 8 - 1) * (64 // 8 - 1)
        yield "occlusion", windows + 1, "captum", ["--window", 16, 16, "--stride", 8, 8], captum(
            Occlusion(model), sliding_window_shapes=(1, 16, 16), strides=(1, 8, 8), perturbations_per_eval=5)
        yield "occlusion-time", 7, "captum", ["--window", 16, "--stride", 16], captum(
            FeatureAblation(model), feature_mask=self.segments(6, 1), perturbations_per_eval=5)
        yield "rise", samples, "PyTorch", ["--samples", samples], lambda: self.rise(samples)
        yield "lime", samples, "captum", ["--samples", samples], captum(
            Lime(model), feature_mask=self.segments(10, 4), n_samples=samples, perturbations_per_eval=64)
        yield "kernel-shap", samples, "captum", ["--samples", samples], captum(
            KernelShap(model), feature_mask=self.segments(5, 2), n_samples=samples, perturbations_per_eval=64)
        yield "deeplift", 4, "captum", [], captum(DeepLift(model), baselines=torch.zeros_like(x))
        box = lambda: ZBox(float(x.min()), float(x.max()))  # noqa: E731
        for name, rules in relevance_rules(box):
            yield name, "one relevance", "zennit", [], lambda rules=rules: zennit(self.folded, x, self.target, *rules)

    def camera(self, peer):
        def run():
            with peer(model=self.model, target_layers=[self.layer]) as camera:
                camera.batch_size = 64
                camera(self.batch.clone().requires_grad_(), [ClassifierOutputTarget(self.target)] * len(self.x))

        return run

    @staticmethod
    def segments(slices, groups):
        frame, band = np.mgrid[:96, :64]
        return torch.from_numpy(frame * slices // 96 * groups + band * groups // 64)[None, None]

    def rise(self, samples, cells=8):
        """The authors' masks: a grid of cells, open or not, stretched bilinearly and moved at random."""
        random = torch.Generator().manual_seed(0)
        height, width = -(-96 // cells), -(-64 // cells)
        maps = torch.zeros_like(self.batch)
        with torch.inference_mode():
            for start in range(0, samples, 64):
                count = min(64, samples - start)
                grid = (torch.rand(count, 1, cells, cells, generator=random) < 0.5).float()
                large = torch.nn.functional.interpolate(
                    grid, ((cells + 1) * height, (cells + 1) * width), mode="bilinear", align_corners=False)
                moves = torch.stack([torch.randint(extent, (count,), generator=random) for extent in (height, width)], 1)
                masks = torch.stack([part[:, y:y + 96, x:x + 64] for part, (y, x) in zip(large, moves.tolist())])
                for row, patch in enumerate(self.batch):
                    scores = self.model(masks * patch)[:, self.target]
                    maps[row] += (scores[:, None, None, None] * masks).sum(0)
        return maps / (0.5 * samples)


if __name__ == "__main__":
    main()
