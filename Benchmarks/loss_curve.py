#!/usr/bin/env python3
"""Does a training follow PyTorch's? Fifty steps of SB-CNN from the same weights on the same batches.

    mkdir /tmp/curve && OTOSCOPE_CURVE=/tmp/curve swift test -c release --skip-build --filter LossCurveTests
    loss_curve.py /tmp/curve [--golden FILE.npz]

Reads sb-cnn.onnx and ours.npy from the folder, trains the PyTorch twin (stochastic gradient descent, rate .001, momentum .9,
batches of 16, no dropout) in float32 and in float64, and prints the largest relative difference of the losses. `--golden` writes
the float32 ones for Tests/TrainTests.
"""
import argparse
import os
import sys

import numpy as np
import torch

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "peers"))
from training_networks import twin  # noqa: E402

STEPS, ROWS = 50, 16


def labels(step):
    return (7 * step + np.arange(ROWS)) % 10


def batch(step):
    """As Tests/TrainTests/Engine/LossCurveTests.swift draws it."""
    place = np.arange(ROWS * 128 * 128, dtype=np.uint64)
    with np.errstate(over="ignore"):
        h = place * np.uint64(0x9E3779B97F4A7C15) + np.uint64(step) * np.uint64(0xBF58476D1CE4E5B9)
        h = (h ^ (h >> np.uint64(31))) * np.uint64(0x94D049BB133111EB)
    noise = (h >> np.uint64(40)).astype(np.float32) / np.float32(2**23) - np.float32(1)
    band = (place % np.uint64(128) // np.uint64(13)).astype(int)
    told = band == labels(step)[(place >> np.uint64(14)).astype(int)]
    return (noise + np.where(told, np.float32(0.5), np.float32(0))).reshape(ROWS, 1, 128, 128)


def losses(path, dtype):
    network = twin("sb-cnn", path).to(dtype).train()
    for module in network.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = 0
    optimizer = torch.optim.SGD(network.parameters(), lr=0.001, momentum=0.9)
    result = []
    for step in range(STEPS):
        optimizer.zero_grad()
        loss = torch.nn.functional.cross_entropy(
            network(torch.from_numpy(batch(step)).to(dtype)), torch.from_numpy(labels(step)))
        loss.backward()
        optimizer.step()
        result.append(loss.item())
    return np.array(result)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("--golden")
    arguments = parser.parse_args()
    torch.set_num_threads(2)
    path = os.path.join(arguments.folder, "sb-cnn.onnx")
    single = losses(path, torch.float32)
    if arguments.golden:
        np.savez(arguments.golden, losses=single.astype(np.float32))
    own = os.path.join(arguments.folder, "ours.npy")
    if not os.path.exists(own):
        return 0
    ours, double = np.load(own).astype(float), losses(path, torch.float64)

    def largest(a, b):
        return np.max(np.abs(a - b) / np.abs(b))
    print(f"loss of step 1 {ours[0]:.4f}, of step {STEPS} {ours[-1]:.4f}")
    print(f"ours against PyTorch in float32: {largest(ours, single):.1e}; each against float64: "
          f"{largest(ours, double):.1e}, {largest(single, double):.1e}")
    return int(largest(ours, single) > 1e-3)


if __name__ == "__main__":
    sys.exit(main())
