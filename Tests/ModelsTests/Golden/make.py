#!/usr/bin/env python3
"""Writes the clips beside this script and what the audio networks make of them.

    python make.py [--sounds FOLDER] [--models FOLDER]      needs numpy, librosa, soundfile, onnx, onnxruntime

CLIP.wav                    mono, 16 kHz, 16 bits; cut from the CC0 recordings of the sounds folder
CLIP.MODEL.patches.npy      the log-mel patches, float32, rounded from float64: [patches, frames, bands]
CLIP.MODEL.logits.npy       per patch, by ONNX Runtime: [patches, classes]
CLIP.MODEL.scores.npy       their sigmoids

Made with numpy 2.4.6, librosa 0.11.0 (soxr), soundfile 0.14.0 and onnxruntime 1.31.1. The front ends are those of
Benchmarks/peers/front_ends.py: NumPy, and nothing of ours.
"""
import argparse
import os
import sys

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.join(HERE, "../../..")
sys.path.insert(0, os.path.join(ROOT, "Benchmarks/peers"))
import front_ends  # noqa: E402

# Name, sound, seconds: the first is shorter than a patch of MTT_vgg, neither a whole number of YAMNet's hops.
CLIPS = [("dog", "dog.mp3", 2.2), ("tabla", "loop_tabla.flac", 3.5)]


def main():
    import soundfile

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sounds", default=os.path.join(ROOT, "../shared/sounds"))
    parser.add_argument("--models", default=os.path.join(ROOT, "../shared/models"))
    arguments = parser.parse_args()
    for clip, sound, seconds in CLIPS:
        samples = front_ends.decode(os.path.join(arguments.sounds, sound))[:round(seconds * front_ends.RATE)]
        wav = os.path.join(HERE, f"{clip}.wav")
        soundfile.write(wav, samples, front_ends.RATE, subtype="PCM_16")
        # What the networks hear is the file as written, its rounding to 16 bits included.
        samples = front_ends.read_wav(wav)
        for name, model in front_ends.MODELS.items():
            input = model.input(samples)
            logits, scores = model.run(arguments.models, input)
            patches = input[:, 0] if model.channel_axis else input
            for what, array in (("patches", patches), ("logits", logits), ("scores", scores)):
                np.save(os.path.join(HERE, f"{clip}.{name}.{what}.npy"), array)
            print(f"{clip}.{name}: {patches.shape}, best class {scores.mean(0).argmax()} ({scores.mean(0).max():.3f})")


main()
