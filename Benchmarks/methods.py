#!/usr/bin/env python3
"""Times `otoscope bench` and the peers in turns, on the same network, batch and threads, and prints a Markdown table.

    methods.py                                               the three networks of ../shared/models
    methods.py --also resnet50=resnet50.onnx=3,224,224       and others: name, file, shape of one row
    methods.py --only yamnet --batches 1 16 --methods forward saliency

Medians over `--rounds` processes of each; in each process the median of several runs after warm-up. `forward` is
compared with ONNX Runtime, all others with Captum or the same method written in PyTorch (peers.py). The ratio says how
many times as fast as the peer.
"""
import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
SHARED = os.path.join(HERE, "../../shared")
NETWORKS = [("yamnet", "yamnet.onnx", [1, 96, 64], "logits"), ("mtt_vgg", "mtt_vgg.onnx", [187, 96], "logits"),
            ("efficientnet_lite0", "efficientnet_lite0.onnx", [3, 224, 224], "logits")]
# Ours, the peer's name for it, options of both, and whether it costs so much that few runs must do.
METHODS = {
    "forward": (None, [], False),
    "saliency": ("saliency", [], False),
    "guided-backprop": ("guided_backprop", [], False),
    "deconvolution": ("deconvolution", [], False),
    "grad-cam": ("gradcam", [], False),
    "smoothgrad": ("smoothgrad", ["--samples", "50"], True),
    "integrated-gradients": ("integrated_gradients", [], True),
    "occlusion": ("occlusion", ["--window", "16", "16", "--stride", "8", "8"], True),
}


def call(*words):
    run = subprocess.run([str(word) for word in words], capture_output=True, text=True)
    if run.returncode:
        raise RuntimeError(f"{' '.join(map(str, words))}: {run.stderr.strip()[-400:]}")
    return run.stdout


def measure(arguments, model, output, layer, input, batch, method):
    peer, options, costly = METHODS[method]
    runs = 5 if costly else 9
    ours, theirs = [], []
    for _ in range(1 if costly else arguments.rounds):
        words = [arguments.otoscope, "bench", model, input, "--batch", batch, "--threads", arguments.threads,
                 "--runs", runs, "--json"]
        if peer:
            words += ["--method", method, *options]
        ours.append(json.loads(call(*words).splitlines()[-1])["median_s"])
        words = [sys.executable, arguments.peers, "attribute" if peer else "forward", model, input, "--threads",
                 arguments.threads, "--repeat", 3 if costly else 9, *(options if peer else [])]
        if output:
            words += ["--output", output]
        if peer:
            words += ["--method", peer, "--target", "0"] + (["--layer", layer] if method == "grad-cam" else [])
        theirs.append(json.loads(call(*words).splitlines()[-1])["captum_s" if peer else "onnxruntime_s"])
    return statistics.median(ours), statistics.median(theirs)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--otoscope", default=os.path.join(HERE, "../.build/release/otoscope"))
    parser.add_argument("--peers", default=os.path.join(SHARED, "peers/peers.py"))
    parser.add_argument("--models", default=os.path.join(SHARED, "models"))
    parser.add_argument("--also", action="append", default=[], metavar="NAME=FILE=SHAPE[=OUTPUT]")
    parser.add_argument("--only", nargs="+")
    parser.add_argument("--methods", nargs="+", choices=METHODS, default=list(METHODS))
    parser.add_argument("--batches", type=int, nargs="+", default=[1, 16])
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--longest", type=float, default=60, help="skip costly methods if one forward pass times their "
                        "evaluations would take longer than this many seconds")
    arguments = parser.parse_args()
    networks = [(name, os.path.join(arguments.models, file), shape, output) for name, file, shape, output in NETWORKS]
    for extra in arguments.also:
        name, file, shape, *output = extra.split("=")
        networks.append((name, file, [int(extent) for extent in shape.split(",")], output[0] if output else None))
    print("| network | batch | method | ours, ms | peer, ms | times as fast | of our forward |\n|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as scratch:
        for name, model, shape, output in networks:
            if arguments.only and name not in arguments.only:
                continue
            layer = json.loads(call(arguments.otoscope, "inspect", model, "--json"))
            layer = [node["tensor"] for node in layer["layers"] if len(node["shape"]) == 4
                     and {"Relu", "Clip"} & {node.get("operator"), node.get("kind")}][-1:] or [""]
            for batch in arguments.batches:
                input = os.path.join(scratch, "x.npy")
                np.save(input, np.random.default_rng(0).normal(size=[batch] + shape).astype(np.float32))
                forward = None
                for method in arguments.methods:
                    if METHODS[method][2] and forward and 150 * 4 * forward[1] > arguments.longest:
                        print(f"| {name} | {batch} | {method} | skipped | too long | | |", flush=True)
                        continue
                    try:
                        ours, theirs = measure(arguments, model, output, layer[0], input, batch, method)
                    except (RuntimeError, KeyError, ValueError) as problem:
                        print(f"| {name} | {batch} | {method} | failed | {problem} | | |", flush=True)
                        continue
                    if method == "forward":
                        forward = (ours, theirs)
                    share = f"{ours / forward[0]:.2f}" if forward else ""
                    print(f"| {name} | {batch} | {method} | {1e3 * ours:.2f} | {1e3 * theirs:.2f} | "
                          f"{theirs / ours:.2f} | {share} |", flush=True)


if __name__ == "__main__":
    main()
