#!/usr/bin/env python3
"""Otoscope's perturbation methods against lime, shap, Captum and RISE's own recipe, on one patch of YAMNet.

    perturbation.py [--otoscope BINARY]

The peers score what they perturb with ONNX Runtime. Where a method draws, Otoscope's numbers (SplitMix64) are drawn here
again, so that both see the same samples. Prints a Markdown table: ||ours - theirs|| / ||theirs|| over all bins. Needs
numpy, onnxruntime, lime, shap, scikit-image, torch and captum.
"""
import argparse
import os
import subprocess
import sys
import tempfile
import time

import numpy as np
import onnxruntime

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.join(HERE, "..")
sys.path.insert(0, os.path.join(HERE, "peers"))
from splitmix import splitmix64  # noqa: E402

MODEL = os.path.join(ROOT, "Data/models/yamnet.onnx")
SILENCE = np.float32(np.log(0.001))
FRAMES, BANDS = 96, 64


def uniforms(seed, count):
    """Otoscope's GaussianGenerator.uniform(), from (0, 1]."""
    bits = splitmix64(seed, count)
    return ((bits >> np.uint64(40)) + np.uint64(1)).astype(np.float64) * 2.0**-24


def segments(slices, groups):
    frame, band = np.mgrid[:FRAMES, :BANDS]
    return frame * slices // FRAMES * groups + band * groups // BANDS


class Case:
    def __init__(self, otoscope, folder):
        self.otoscope, self.folder = otoscope, folder
        self.session = onnxruntime.InferenceSession(MODEL)
        golden = np.load(os.path.join(ROOT, "Tests/AudioTests/Golden/yamnet.npy"))
        self.x = golden[:FRAMES].astype(np.float32)
        self.target = int(self.logits(self.x[None])[0].argmax())
        np.save(os.path.join(folder, "x.npy"), self.x[None, None])

    def logits(self, pictures):
        pictures = pictures.astype(np.float32)[:, None]
        parts = [self.session.run(["logits"], {"log_mel": pictures[i : i + 64]})[0] for i in range(0, len(pictures), 64)]
        return np.concatenate(parts).astype(np.float64)

    def scores(self, masks):
        """Of the patch through masks [N, frames, bands]; what they take away is silence."""
        return self.logits(SILENCE + masks.astype(np.float32) * (self.x - SILENCE))[:, self.target]

    def ours(self, method, *options):
        out = os.path.join(self.folder, "map.npz")
        words = [self.otoscope, "attribute", MODEL, os.path.join(self.folder, "x.npy"), "--method", method,
                 "--target", self.target, f"--baseline={SILENCE}", "-o", out, *options]
        start = time.perf_counter()
        subprocess.run([str(word) for word in words], check=True, capture_output=True)
        self.seconds = time.perf_counter() - start
        return np.load(out)["attribution"][0, 0].astype(np.float64)


def report(case, name, peer, ours, theirs, timed=True):
    error = np.linalg.norm(ours - theirs) / np.linalg.norm(theirs)
    correlation = np.corrcoef(ours.ravel(), theirs.ravel())[0, 1]
    print(f"| {name} | {peer} | {error:.1e} | {correlation:.6f} | {f'{case.seconds:.1f} s' if timed else ''} |", flush=True)


def lime_maps(case):
    from lime.lime_base import LimeBase
    from sklearn.metrics import pairwise_distances

    for name, slices, groups in [("lime-time", 10, 1), ("lime-frequency", 1, 8), ("lime", 10, 4)]:
        labels, parts = segments(slices, groups), slices * groups
        kept = np.ones((1000, parts))
        # The first sample keeps all and draws nothing.
        kept[1:] = uniforms(0, 999 * parts).reshape(999, parts) <= 0.5
        scores = case.scores(kept[:, labels])
        distances = pairwise_distances(kept, kept[:1], metric="cosine").ravel()
        base = LimeBase(lambda d: np.sqrt(np.exp(-(d**2) / 0.25**2)))
        _, weights, _, _ = base.explain_instance_with_data(
            kept, np.stack([scores, scores], 1), distances, 0, parts, feature_selection="none")
        theirs = np.zeros(parts)
        for part, weight in weights:
            theirs[part] = weight
        report(case, f"{name}, 1000 samples", "lime_base, the same samples", case.ours(name), theirs[labels])


def shapley_maps(case):
    import shap
    import torch
    from captum.attr import KernelShap

    def exactly(slices, groups, samples):
        labels, parts = segments(slices, groups), slices * groups
        explainer = shap.KernelExplainer(lambda z: case.scores(z[:, labels]), np.zeros((1, parts)))
        return explainer.shap_values(np.ones((1, parts)), nsamples=samples, l1_reg=0, silent=True)[0][labels]

    ours = case.ours("kernel-shap", "--segments", 5, 2)
    report(case, "kernel-shap, 10 segments, all 1,022 coalitions", "shap.KernelExplainer", ours, exactly(5, 2, 1022))
    torch.manual_seed(0)
    labels = torch.tensor(segments(5, 2))[None]
    peer = KernelShap(lambda x: torch.tensor(case.logits(x.numpy())[:, case.target]))
    theirs = peer.attribute(torch.tensor(case.x)[None], baselines=float(SILENCE), feature_mask=labels, n_samples=4000,
                            perturbations_per_eval=1)[0].numpy()
    report(case, "the same", "Captum's KernelShap, 4,000 drawn", ours, theirs)
    np.random.seed(0)
    report(case, "kernel-shap, 40 segments, 2,128 coalitions", "shap, other draws", case.ours("kernel-shap"),
           exactly(10, 4, 2128))
    np.random.seed(1)
    first, second = exactly(10, 4, 2128), exactly(10, 4, 2128)
    report(case, "(shap, 40 segments)", "shap, other draws", first, second, timed=False)


def rise_maps(case, samples=1000):
    """The authors' generate_masks, on grids of Otoscope's numbers."""
    from skimage.transform import resize

    cell = (FRAMES // 8, BANDS // 8)
    numbers = uniforms(0, samples * 66).reshape(samples, 66)
    masks = np.empty((samples, FRAMES, BANDS))
    for index, row in enumerate(numbers):
        grid = (row[:64].reshape(8, 8) <= 0.5).astype(np.float64)
        up = resize(grid, (9 * cell[0], 9 * cell[1]), order=1, mode="reflect", anti_aliasing=False)
        frame, band = (int((1 - u) * c) for u, c in zip(row[64:], cell))
        masks[index] = up[frame : frame + FRAMES, band : band + BANDS]
    scores = case.scores(masks)
    theirs = np.tensordot(scores - scores.mean(), masks, 1) / samples / 0.5
    report(case, f"rise, {samples} masks", "the authors' masks, centred scores", case.ours("rise", "--samples", samples),
           theirs)
    authors = np.tensordot(scores, masks, 1) / samples / 0.5
    report(case, "the same", "the authors' sum, scores not centred", case.ours("rise", "--samples", samples), authors)


def occlusion_maps(case):
    for name, window in [("occlusion-time", (16, BANDS)), ("occlusion-bands", (FRAMES, 16))]:
        starts = [range(0, extent - length + 1, max(1, length // 2)) for extent, length in zip((FRAMES, BANDS), window)]
        windows = [(f, b) for f in starts[0] for b in starts[1]]
        hidden = np.zeros((len(windows), FRAMES, BANDS))
        for index, (f, b) in enumerate(windows):
            hidden[index, f : f + window[0], b : b + window[1]] = 1
        falls = case.scores(np.ones((1, FRAMES, BANDS)))[0] - case.scores(1 - hidden)
        theirs = np.tensordot(falls, hidden, 1) / hidden.sum(0)
        report(case, f"{name}, 16 of {'frames' if name.endswith('time') else 'bands'}", "the definition in NumPy",
               case.ours(name), theirs)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--otoscope", default=os.path.join(ROOT, ".build/release/otoscope"))
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        case = Case(arguments.otoscope, folder)
        print("| Otoscope | peer | relative difference | correlation | Otoscope's time |\n|---|---|---|---|---|")
        for section in [occlusion_maps, rise_maps, lime_maps, shapley_maps]:
            section(case)
