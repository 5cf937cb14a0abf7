#!/usr/bin/env python3
"""Writes small networks that end in many ways, and what ONNX Runtime makes of one picture.

    python endings.py      needs numpy, onnx, onnxruntime

endings/SEED.onnx, SEED.json    a network of Benchmarks/peers/endings.py and its description
endings/picture.npy             what they are given: [12 frames, 5 bands], patches from frames 0, 3 and 6
endings/expected.json           for each, the mean over patches and moments of each class of the file's own output

Made with numpy 2.4, onnx 1.22 and onnxruntime 1.31. The seeds were chosen so that every way to write an activation and
every node behind one occurs.
"""
import json
import os
import shutil
import sys

import numpy as np
import onnxruntime

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../../../Benchmarks/peers"))
import endings  # noqa: E402

SEARCHED, WANTED = 400, 24


def features(facts):
    nodes = facts["nodes"]
    return {(facts["kind"], n) for n in nodes} | {
        ("rows", facts["rows"]), ("rank", len(facts["shape"]), facts["axis"]), ("log", facts["logarithm"]),
        ("classes", facts["classes"], facts["kind"]), ("outputs", len(facts["outputs"]), facts["labels"])}


def main():
    onnxruntime.set_default_logger_severity(3)
    folder = os.path.join(HERE, "endings")
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    found = {seed: endings.network(seed) for seed in range(SEARCHED)}
    seen, chosen = set(), []
    while len(chosen) < WANTED:
        # The one that adds most that is new.
        best = max(found, key=lambda seed: (len(features(found[seed][2]) - seen), -seed))
        seen |= features(found[best][2])
        chosen.append(best)
        del found[best]
    picture = np.random.default_rng(1).normal(0, 1, (12, endings.BANDS)).astype(np.float32)
    np.save(f"{folder}/picture.npy", picture)
    patches = np.stack([picture[start:start + endings.FRAMES] for start in (0, 3, 6)])
    entries = []
    for seed in sorted(chosen):
        model, sidecar, facts = endings.network(seed)
        endings.write(f"{folder}/{seed}.onnx", model, sidecar)
        session = onnxruntime.InferenceSession(f"{folder}/{seed}.onnx", providers=["CPUExecutionProvider"])
        entries.append({
            "name": str(seed), "kind": facts["kind"], "output": facts["output"], "outputs": len(facts["outputs"]),
            "labels": facts["labels"], "logarithm": facts["logarithm"],
            "quantizes": "QuantizeLinear" in facts["nodes"],
            "expected": [float(v) for v in endings.expected(session, patches, facts)]})
    with open(f"{folder}/expected.json", "w") as file:
        json.dump(entries, file, indent=1)


if __name__ == "__main__":
    main()
