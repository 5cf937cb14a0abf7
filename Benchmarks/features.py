#!/usr/bin/env python3
"""How long the features of a folder of sounds take, and what becomes of a sound that is changed, against librosa in one run.

    features.py speed FOLDER [--preset librosa] [--threads 2] [--rounds 3]
    features.py changes SOUND BACKGROUND OUT        WAV files of each change, a picture, a table

Needs librosa, soundfile, and matplotlib for `changes`; and the tests built for release (`make test` does that). `speed` decodes,
mixes, resamples and analyses every WAV, FLAC, Ogg and MP3 file: ours into a fresh cache; librosa's `load`, `melspectrogram` and
`power_to_db`, in as many processes as there are threads, started before the clock runs. In turns; the best of each.
"""
import argparse
import glob
import multiprocessing
import os
import re
import shlex
import subprocess
import time

parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
parser.add_argument("what", choices=["speed", "changes"])
parser.add_argument("paths", nargs="+")
parser.add_argument("--preset", default="librosa")
parser.add_argument("--threads", type=int, default=2)
parser.add_argument("--rounds", type=int, default=3)
parser.add_argument("--test", default="swift test -c release --skip-build")
arguments = parser.parse_args()
for variable in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ[variable] = "1"

import librosa  # noqa: E402
import numpy as np  # noqa: E402


def run(**environment):
    command = shlex.split(arguments.test) + ["--filter", "FeatureMeasurementTests"]
    return subprocess.run(command, env=dict(os.environ, **environment), capture_output=True, text=True, check=True).stdout


def theirs(path):
    y, rate = librosa.load(path)
    return librosa.power_to_db(librosa.feature.melspectrogram(y=y, sr=rate)).shape


def speed():
    folder = os.path.abspath(arguments.paths[0])
    files = [f for kind in ("wav", "flac", "ogg", "mp3") for f in glob.glob(f"{folder}/**/*.{kind}", recursive=True)]
    best = {"fill": 1e9, "open": 1e9, "librosa": 1e9}
    with multiprocessing.Pool(arguments.threads) as pool:
        pool.map(theirs, files[: 8 * arguments.threads])
        for _ in range(arguments.rounds):
            output = run(OTOSCOPE_FEATURES=f"{folder} {arguments.preset} {arguments.threads}")
            for what, count, computed, seconds in re.findall(r"^features (\w+) (\d+) (\d+) (\S+)$", output, re.M):
                assert int(count) == len(files), (count, len(files))
                best[what] = min(best[what], float(seconds))
            start = time.perf_counter()
            pool.map(theirs, files, chunksize=4)
            best["librosa"] = min(best["librosa"], time.perf_counter() - start)
    print(f"{len(files)} files, {arguments.threads} threads: ours {best['fill']:.2f} s, opened again {best['open']:.3f} s, "
          f"librosa {best['librosa']:.2f} s: {best['librosa'] / best['fill']:.1f} times as fast")


def changes():
    import matplotlib
    matplotlib.use("Agg")
    import matplotlib.pyplot as plt
    import soundfile
    sound, background, out = map(os.path.abspath, arguments.paths)
    output = run(OTOSCOPE_CHANGES=f"{sound} {background} {out}")
    times = dict((n, float(s)) for n, _, s in re.findall(r"^changed (\w+) (\d+) (\S+)$", output, re.M))
    peaks = dict((n, float(p)) for n, p in re.findall(r"^peak (\w+) (\S+)$", output, re.M))
    original, rate = soundfile.read(f"{out}/original.wav")
    peers = {
        "slower": lambda: librosa.effects.time_stretch(original, rate=0.81),
        "faster": lambda: librosa.effects.time_stretch(original, rate=1.23),
        "higher": lambda: librosa.effects.pitch_shift(original, sr=rate, n_steps=3.5),
        "lower": lambda: librosa.effects.pitch_shift(original, sr=rate, n_steps=-3.5),
    }

    def level(y):
        return 10 * np.log10(np.mean(y ** 2))

    def spectrum(y):
        power = librosa.feature.melspectrogram(y=y, sr=rate, n_mels=64).mean(1)
        return librosa.power_to_db(power, amin=1e-12)

    def step(y):
        return np.abs(np.diff(y)).max()

    print("| change | samples | level | largest step between samples | librosa: level | mean spectrum off by |")
    print("|---|---|---|---|---|---|")
    figure, panels = plt.subplots(5, 2, figsize=(7.2, 6.6), dpi=80, sharey=True)
    for name, panel in zip(times, panels.flat):
        y, _ = soundfile.read(f"{out}/{name}.wav")
        y = y * max(1, peaks[name])
        row = f"| {name} | {len(y)} | {level(y):.1f} dB | {step(y):.3f} |"
        if name in peers:
            other = peers[name]()
            assert len(other) == len(y), (name, len(other), len(y))
            a, b = spectrum(y), spectrum(other)
            off = np.abs(a - b - (a - b).mean()).mean()
            row += f" {level(other):.1f} dB | {off:.1f} dB |"
        else:
            row += " | |"
        print(row)
        picture = librosa.power_to_db(librosa.feature.melspectrogram(y=y, sr=rate, n_mels=64, hop_length=256), ref=1)
        panel.imshow(picture, origin="lower", aspect="auto", cmap="magma", vmin=-60, vmax=30, extent=[0, len(y) / rate, 0, 64])
        panel.set_xlim(0, 4)
        panel.set_facecolor("white")
        panel.set_title(name, fontsize=8, pad=2)
        panel.tick_params(labelsize=6)
    figure.supxlabel("s", fontsize=7)
    figure.supylabel("mel band", fontsize=7)
    figure.tight_layout(pad=0.6)
    figure.savefig(f"{out}/changes.png")
    print("seconds, of", {name: round(seconds, 3) for name, seconds in times.items()})


{"speed": speed, "changes": changes}[arguments.what]()
