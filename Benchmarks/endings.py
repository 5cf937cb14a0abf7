#!/usr/bin/env python3
"""Are the scores that `classify` tells those of the file's own output?

    python Benchmarks/endings.py [--binary otoscope] [--count 200] [--seed 0] SOUND      needs numpy, onnx, onnxruntime

Makes networks whose ends turn logits into probabilities in random ways (peers/endings.py), classifies SOUND with each,
and compares with ONNX Runtime on the same patches: means over patches, and over moments where results run in time. Each
network ends as one of

    equal       probabilities, equal to ONNX Runtime's
    values      the output's values, told as scores, with a question for the activation
    question    refused with a question: which output, which axis
    WRONG       anything else

Numbers agree to 1e-5, or to 1 % of a step of 8 bits where the network quantizes (a value on the edge of a step).
"""
import argparse
import collections
import json
import os
import subprocess
import sys
import tempfile

import numpy as np
import onnxruntime

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "peers"))
import endings  # noqa: E402


def patches(binary, sound, folder):
    model, sidecar = endings.listening_network()
    endings.write(f"{folder}/patches.onnx", model, sidecar)
    subprocess.run([binary, "classify", sound, "--model", f"{folder}/patches.onnx", "--patches",
                    f"{folder}/patches.npy"], check=True, stdout=subprocess.DEVNULL)
    return np.load(f"{folder}/patches.npy").reshape(-1, endings.FRAMES, endings.BANDS)


def judge(binary, sound, path, x, facts):
    told = subprocess.run([binary, "classify", sound, "--model", path, "--json", "--top", "1000"],
                          capture_output=True, text=True)
    if told.returncode == 1 and any(word in told.stderr for word in ("which of them", "which axis", "activation")):
        return "question", told.stderr.strip()
    if told.returncode != 0:
        return "WRONG", f"status {told.returncode}: {told.stderr.strip()}"
    line = json.loads(told.stdout)
    word = "probability" if "probability" in line["classes"][0] else "score"
    found = np.zeros(len(line["classes"]))
    for entry in line["classes"]:
        found[entry["index"]] = entry[word]
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    known = endings.expected(session, x, facts)
    tolerance = 1 / 255 if "QuantizeLinear" in facts["nodes"] else 1e-5 * max(1, np.abs(known).max())
    if found.shape != known.shape or np.abs(found - known).max() > tolerance:
        return "WRONG", f"{word} {line.get('activation')} from {line.get('activation_from')}: {found} against {known}"
    if word == "probability":
        if facts["kind"] == "nothing" and line["activation_from"] != "values":
            return "WRONG", f"probabilities of a network that makes none, from {line['activation_from']}"
        return "equal", line["activation_from"]
    return "values", line["activation_from"]


def main():
    onnxruntime.set_default_logger_severity(3)
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sound")
    parser.add_argument("--binary", default="otoscope")
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    tally, wrong = collections.Counter(), 0
    with tempfile.TemporaryDirectory() as folder:
        x = patches(arguments.binary, arguments.sound, folder)
        for seed in range(arguments.seed, arguments.seed + arguments.count):
            model, sidecar, facts = endings.network(seed)
            path = f"{folder}/{seed}.onnx"
            endings.write(path, model, sidecar)
            verdict, why = judge(arguments.binary, arguments.sound, path, x, facts)
            made = "makes probabilities" if facts["kind"] != "nothing" else "makes none"
            tally[f"{made}: {verdict}" + (f" ({why})" if verdict in ("equal", "values") else "")] += 1
            if verdict in ("WRONG", "question"):
                print(seed, verdict, facts["kind"], facts["shape"], facts["labels"], facts["nodes"], why, sep=" | ")
            wrong += verdict == "WRONG"
    for name, count in sorted(tally.items()):
        print(f"{count:5} {name}")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
