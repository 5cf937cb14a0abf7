#!/usr/bin/env python3
"""What ONNX Runtime and the NumPy front end of front_ends.py say of a 16 kHz WAV.

    reference.py yamnet  CLIP.wav -o SCORES.npy       [patches, 521]
    reference.py musicnn CLIP.wav -o SCORES.npy       [patches, 50]
    reference.py yamnet  CLIP.wav > SCORES.npy

Compare it with `otoscope classify CLIP.wav --model yamnet --patches OURS.npy`.
"""
import argparse
import os
import sys

import numpy as np

import front_ends

HERE = os.path.dirname(os.path.abspath(__file__))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", choices=front_ends.MODELS)
    parser.add_argument("clip", help="a sound file of 16 kHz")
    parser.add_argument("-o", dest="out", help="the .npy file to write; else standard output")
    parser.add_argument("--logits", action="store_true", help="logits in place of scores")
    parser.add_argument("--models", default=os.path.join(HERE, "../../../shared/models"),
                        help="the folder of the ONNX files")
    arguments = parser.parse_args()
    model = front_ends.MODELS[arguments.model]
    logits, scores = model.run(arguments.models, model.input(front_ends.read_wav(arguments.clip)))
    if arguments.out is None and sys.stdout.isatty():
        raise SystemExit("a .npy array is nothing for a terminal; name a file with -o")
    np.save(arguments.out or sys.stdout.buffer, logits if arguments.logits else scores)


main()
