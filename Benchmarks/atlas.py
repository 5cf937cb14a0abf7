#!/usr/bin/env python3
"""The map of a catalogue against scikit-learn's t-SNE of the same vectors, in one run.

    python3 -m venv peers && peers/bin/pip install numpy scikit-learn
    peers/bin/python Benchmarks/atlas.py CATALOGUE [--layer T] [--rounds N] [--threads N] [--otoscope BINARY]

CATALOGUE is what `otoscope index` has made of some 5,000 sounds. Both are timed in turns
over the rounds, from vectors in memory to the map (ours includes the principal components and trustworthiness). Limits: under
60 s, no slower than scikit-learn, trustworthiness (scikit-learn's, of both maps) within .01 of its own.
"""
import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
parser.add_argument("catalogue")
parser.add_argument("--layer")
parser.add_argument("--rounds", type=int, default=1)
parser.add_argument("--threads", type=int, default=2)
parser.add_argument("--otoscope", default=".build/release/otoscope")
arguments = parser.parse_args()
for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = str(arguments.threads)

import numpy as np  # noqa: E402
from sklearn.manifold import TSNE, trustworthiness  # noqa: E402

ours, theirs = [], []
with tempfile.TemporaryDirectory() as folder:
    for _ in range(arguments.rounds):
        command = [arguments.otoscope, "atlas", "--in", arguments.catalogue, "--output", folder, "--json",
                   "--threads", str(arguments.threads)]
        command += ["--layer", arguments.layer] if arguments.layer else []
        record = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
        ours.append(record["seconds"])
        arrays = np.load(Path(folder) / "atlas.npz")
        start = time.perf_counter()
        peer = TSNE(n_jobs=arguments.threads, random_state=0).fit(arrays["vectors"])
        theirs.append(time.perf_counter() - start)
trust = trustworthiness(arrays["vectors"], arrays["coordinates"])
peer_trust = trustworthiness(arrays["vectors"], peer.embedding_)
print(f"{record['clips']} sounds, {record['dimensions']} dimensions, {arguments.threads} threads")
print(f"seconds: ours {statistics.median(ours):.1f}, scikit-learn {statistics.median(theirs):.1f}")
print(f"divergence: ours {record['kl_divergence']:.4f}, scikit-learn {peer.kl_divergence_:.4f}")
print(f"trustworthiness: ours {trust:.4f} (it says {record['trustworthiness']:.4f}), scikit-learn {peer_trust:.4f}")
failed = [name for name, holds in [
    ("under 60 s", statistics.median(ours) < 60), ("no slower", statistics.median(ours) <= statistics.median(theirs)),
    ("trustworthiness", abs(trust - peer_trust) <= 0.01), ("as it says", abs(trust - record["trustworthiness"]) < 1e-3),
] if not holds]
sys.exit(f"missed: {', '.join(failed)}" if failed else 0)
