#!/usr/bin/env python3
"""How long 10 s of sound take through front ends, ours and the libraries they come from, in one run.

    front_end_speed.py [--threads N] [--rounds N] [--test "swift test -c release --skip-build"]

Needs librosa, torch, torchaudio and the tests built for release (`make test` does that). Each round measures every program once,
the best of 100 calls, one after another; the table shows the best of all rounds, so that what else the machine does hits all
alike. Decoding and resampling are not part of it.
"""
import argparse
import os
import re
import shlex
import subprocess
import time

parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
parser.add_argument("--threads", type=int, default=1)
parser.add_argument("--rounds", type=int, default=3)
parser.add_argument("--test", default="swift test -c release --skip-build")
arguments = parser.parse_args()
for variable in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ[variable] = str(arguments.threads)

import librosa  # noqa: E402
import numpy as np  # noqa: E402
import torch  # noqa: E402
import torchaudio  # noqa: E402
import torchaudio.compliance.kaldi as kaldi  # noqa: E402

torch.set_num_threads(arguments.threads)
generator = np.random.default_rng(0)
sounds = {rate: 0.1 * generator.standard_normal(10 * rate).astype(np.float32) for rate in (16000, 22050)}
tensor = torch.from_numpy(sounds[16000])[None]
mel = torchaudio.transforms.MelSpectrogram()

# The preset, and what its origin calls.
PEERS = {
    "librosa": ("librosa.feature.melspectrogram + power_to_db",
                lambda: librosa.power_to_db(librosa.feature.melspectrogram(y=sounds[22050], sr=22050))),
    "kaldi": ("torchaudio.compliance.kaldi.fbank", lambda: kaldi.fbank(tensor)),
    "torchaudio": ("torchaudio.transforms.MelSpectrogram", lambda: mel(tensor)),
}


def theirs(call):
    call()
    best = float("inf")
    for _ in range(100):
        start = time.perf_counter()
        call()
        best = min(best, time.perf_counter() - start)
    return best


def ours():
    environment = dict(os.environ, OTOSCOPE_SPEED=f"{','.join(PEERS)} {arguments.threads}")
    command = shlex.split(arguments.test) + ["--filter", "FrontEndSpeedTests"]
    output = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
    return {name: float(seconds) for name, seconds in re.findall(r"^speed (\S+) (\S+)$", output, re.M)}


best = {name: [float("inf"), float("inf")] for name in PEERS}
for _ in range(arguments.rounds):
    for name, seconds in ours().items():
        best[name][0] = min(best[name][0], seconds)
    for name, (_, call) in PEERS.items():
        best[name][1] = min(best[name][1], theirs(call))

print(f"| preset | otoscope | origin | | times as fast |\n|---|---|---|---|---|")
for name, (own, other) in best.items():
    print(f"| `{name}` | {1e3 * own:.2f} ms | {1e3 * other:.2f} ms | `{PEERS[name][0]}` | {other / own:.1f} |")
