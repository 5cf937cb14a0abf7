#!/usr/bin/env python3
"""The gradient of a clip's score with respect to its samples, against differences and PyTorch, both in double precision.

    waveform.py [--case NAME ...] [--otoscope BINARY] [--peers peers.py] [--models FOLDER] [--sounds FOLDER]

`otoscope explain --method saliency-signed --domain waveform` writes the samples and the gradient. The same score, of those
samples through front ends written in PyTorch and the ONNX graph, is differentiated by autograd and by central differences,
(F(x + h d) - F(x - h d)) / 2h, along the gradient, along random directions as loud as the clip, and at single samples.
Prints a Markdown table: relative errors. Needs numpy, onnx, torch and librosa (for the files).
"""
import argparse
import glob
import os
import subprocess
import tempfile

import numpy as np
import torch

from cases import front_ends, parsed
from rounding import in_double, load_peers, module

# Sound, network, what `--model` needs besides, class.
CASES = {
    "dog": ("dog.mp3", "yamnet.onnx", ["--front-end", "yamnet"], 69),
    "guitar": ("guit_em9.flac", "mtt_vgg.onnx", ["--front-end", "musicnn"], 0),
}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--case", action="append", choices=CASES, help="default: all")
    arguments = parsed(parser)
    torch.set_num_threads(2)
    names = arguments.case or list(CASES)
    columns = [measure(arguments, *CASES[name]) for name in names]
    print("| what | " + " | ".join(", ".join(CASES[name][:2]) for name in names) + " |")
    print("|---|" + "---|" * len(names))
    for what in columns[0]:
        print(f"| {what} | " + " | ".join(f"{column[what]:.1e}" for column in columns) + " |")


def measure(arguments, sound, network, options, target):
    path = os.path.join(arguments.models, network)
    x, ours = explained(arguments, sound, path, options, target)
    score = clip_score(arguments, path, target)
    variable = torch.tensor(x, requires_grad=True)
    score(variable).backward()
    theirs = variable.grad.numpy()
    error, rms = np.abs(ours - theirs), np.sqrt(np.mean(theirs ** 2))

    def difference(direction, step):
        with torch.no_grad():
            ends = [score(torch.tensor(x + sign * step * direction)).item() for sign in (1, -1)]
        return (ends[0] - ends[1]) / (2 * step)

    def off(direction, step):
        """How far a difference is from what our gradient says of it, relatively."""
        told = ours @ direction
        return abs(difference(direction, step) - told) / abs(told)

    def as_loud(direction):
        return direction / np.linalg.norm(direction) * np.linalg.norm(x)

    random = np.random.default_rng(0)
    directions = [as_loud(random.standard_normal(len(x))) for _ in range(4)]
    largest = [np.eye(1, len(x), place)[0] for place in np.argsort(-np.abs(ours))[:3]]
    return {
        "‖ours − autograd‖ / ‖autograd‖": np.linalg.norm(ours - theirs) / np.linalg.norm(theirs),
        "median sample, relative to the root mean square": np.median(error) / rms,
        "differences along the gradient, h = 10⁻⁹, relative": off(as_loud(ours), 1e-9),
        "differences along 4 random directions, h = 10⁻⁹, relative, median": np.median([off(d, 1e-9) for d in directions]),
        "differences at the 3 samples with the largest gradients, h = 10⁻⁸, relative, largest":
            max(off(d, 1e-8) for d in largest),
    }


def explained(arguments, sound, path, options, target):
    """The samples that Otoscope explained, and its gradient."""
    folder = tempfile.mkdtemp()
    words = [arguments.otoscope, "explain", os.path.join(arguments.sounds, sound), "--model", path, *options, "--target",
             target, "--method", "saliency-signed", "--domain", "waveform", "--output", folder]
    subprocess.run(list(map(str, words)), check=True, capture_output=True)
    arrays = np.load(glob.glob(os.path.join(folder, "*.npz"))[0])
    return arrays["samples"].astype(np.float64), arrays["attribution"].astype(np.float64)


def clip_score(arguments, path, target):
    """Samples to the mean of the class's logits over patches."""
    network = in_double(module(load_peers(arguments.peers), path, "logits"))
    patches = {"yamnet.onnx": yamnet_patches, "mtt_vgg.onnx": mtt_vgg_patches}[os.path.basename(path)]
    return lambda samples: network(patches(samples))[:, target].mean()


def spectrum(samples, window, hop):
    frames = samples.unfold(0, window, hop) * torch.hann_window(window, periodic=True, dtype=torch.float64)
    return torch.fft.rfft(frames, 512)


def yamnet_patches(samples):
    """front_ends.yamnet_patches, differentiable; the derivative of a magnitude of 0 is 0."""
    hops = max(0, -(-(len(samples) - 15_600) // 7_680))
    bins = spectrum(torch.nn.functional.pad(samples, (0, 15_600 + 7_680 * hops - len(samples))), 400, 160)
    power = bins.real ** 2 + bins.imag ** 2
    magnitude = torch.where(power > 0, torch.sqrt(torch.where(power > 0, power, 1.0)), 0.0)
    log_mel = torch.log(magnitude @ torch.tensor(front_ends.yamnet_mel_weights()) + 0.001)
    return log_mel.unfold(0, 96, 48).transpose(1, 2).unsqueeze(1)


def mtt_vgg_patches(samples):
    """front_ends.mtt_vgg_patches, differentiable."""
    samples = torch.nn.functional.pad(samples, (0, max(0, 186 * 256 - len(samples))))
    bins = spectrum(torch.nn.functional.pad(samples, (256, 256)), 512, 256)
    power = bins.real ** 2 + bins.imag ** 2
    log_mel = torch.log10(10_000 * (power @ torch.tensor(front_ends.slaney_mel_weights())) + 1)
    return log_mel.unfold(0, 187, 187).transpose(1, 2)


main()
