#!/usr/bin/env python3
"""How long a step of training takes: forward pass, backward pass and update, against PyTorch.

    training_speed.py [--otoscope .build/release/otoscope] [--threads 2] [--batch 16] [--rounds 3] [NETWORK ...]

NETWORK: sb-cnn, vggish, resnet-18, each at its published input, ten classes, stochastic gradient descent with momentum. The
files are made by `otoscope train --epochs 0` on made-up sounds; PyTorch runs twins with the same weights. Otoscope and PyTorch
take turns; medians of all rounds. `of peak`: arithmetic over that of a product of two 2048 x 2048 matrices, measured by
Otoscope in the same process. Wants torch, torchvision, onnx.
"""
import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import wave

import numpy as np
import torch

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "peers"))
from training_networks import twin  # noqa: E402

NETWORKS = ["sb-cnn", "vggish", "resnet-18"]


def make_sounds(folder, classes=10):
    generator = np.random.default_rng(1)
    for index in range(classes * 8):
        path = os.path.join(folder, f"class{index % classes}", f"{index}.wav")
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with wave.open(path, "wb") as file:
            file.setparams((1, 2, 16000, 0, "NONE", ""))
            file.writeframes((generator.standard_normal(32000) * 3000).astype("<i2").tobytes())


def ours(otoscope, path, threads, batch):
    out = subprocess.run(
        [otoscope, "bench", path, "--method", "training", "--batch", str(batch), "--threads", str(threads),
         "--runs", "7", "--json"], capture_output=True, text=True, check=True).stdout
    record = json.loads(out.splitlines()[0])
    return record["median_s"], record["share_of_peak"], record["peak_gflops"], record["multiply_accumulates"]


def shape(path):
    import onnx
    dims = onnx.load(path).graph.input[0].type.tensor_type.shape.dim
    return [d.dim_value for d in dims[1:]]


def theirs(name, path, threads, batch):
    torch.set_num_threads(threads)
    network = twin(name, path).train()
    optimizer = torch.optim.SGD(network.parameters(), lr=1e-4, momentum=0.9)
    x, y = torch.randn([batch] + shape(path)), torch.arange(batch) % 10
    seconds = []
    for _ in range(9):
        start = time.perf_counter()
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(network(x), y).backward()
        optimizer.step()
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds[2:])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("networks", nargs="*", default=NETWORKS)
    parser.add_argument("--otoscope", default=os.path.join(HERE, "..", ".build", "release", "otoscope"))
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        sounds = os.path.join(folder, "sounds")
        make_sounds(sounds)
        for name in arguments.networks:
            path = os.path.join(folder, f"{name}.onnx")
            subprocess.run(
                [arguments.otoscope, "train", sounds, "--architecture", name, "--epochs", "0", "-o", path,
                 "--cache", os.path.join(folder, "cache")], check=True, capture_output=True)
            own, other, shares = [], [], []
            for _ in range(arguments.rounds):
                seconds, share, peak, work = ours(arguments.otoscope, path, arguments.threads, arguments.batch)
                own.append(seconds)
                shares.append(share)
                seconds = theirs(name, path, arguments.threads, arguments.batch)
                other.append((seconds, 2e-9 * work / seconds / peak))
            ratio = statistics.median(o[0] for o in other) / statistics.median(own)
            print(f"{name:10} {1e3 * statistics.median(own):7.1f} ms, PyTorch "
                  f"{1e3 * statistics.median(o[0] for o in other):7.1f} ms: {ratio:.2f} times as fast; of peak "
                  f"{100 * statistics.median(shares):.0f} %, PyTorch {100 * statistics.median(o[1] for o in other):.0f} %",
                  flush=True)


if __name__ == "__main__":
    main()
