#!/usr/bin/env python3
"""One Grad-CAM map of one sound by PyTorch, from a cold start: what a user would otherwise run.

    cold.py SOUND --models FOLDER --peers peers.py --layer TENSOR -o OUT.npy

Imports torch and librosa, decodes and resamples, computes the log-mel patches, and Grad-CAM of the clip's best class
at every patch, no more: no picture, no sound. Threads are left to PyTorch.
"""
import argparse
import os

import librosa
import numpy as np
import torch

import front_ends
from rounding import load_peers, module


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sound")
    parser.add_argument("--models", required=True)
    parser.add_argument("--peers", required=True)
    parser.add_argument("--layer", required=True)
    parser.add_argument("-o", dest="out", required=True)
    arguments = parser.parse_args()

    peers = load_peers(arguments.peers)

    samples = librosa.load(arguments.sound, sr=front_ends.RATE, mono=True)[0]
    yamnet = front_ends.MODELS["yamnet"]
    input = torch.from_numpy(yamnet.input(samples)).requires_grad_(True)
    model = module(peers, os.path.join(arguments.models, yamnet.file), "logits")
    taps = {}
    logits = model(input, taps=taps)
    activations = taps[arguments.layer]
    best = logits.detach().mean(0).argmax()
    gradients = torch.autograd.grad(logits[:, best].sum(), activations)[0]
    maps = torch.relu((gradients.mean((2, 3), keepdim=True) * activations).sum(1))
    np.save(arguments.out, maps.detach().numpy())


main()
