#!/usr/bin/env python3
"""Descriptors, Griffin-Lim and their speed against librosa, Essentia and libebur128, on real clips.

    descriptors.py [--otoscope BINARY] [--clips N] [--folder FOLDER ...] [--rounds N] [--test "swift test -c release --skip-build"]

Needs librosa 0.11, Essentia (PyPI: essentia), soundfile and libebur128 (Debian: libebur128-1), and the tests built for release.

Agreement: N clips spread evenly over the sound files of the folders, up to 10 s of each, mixed and resampled by librosa to 22,050 Hz
(for what is librosa's) and 44,100 Hz (for the rest), so that resamplers do not count. Of values over frames, the largest
difference is told over the largest magnitude in the clip; of values of a clip, over the value. Speed: one array of 10 s, each
round every program once, best of several calls; the table shows the best of all rounds.
"""
import argparse
import ctypes
import json
import os
import re
import shlex
import subprocess
import tempfile
import time
import warnings

parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
here = os.path.dirname(os.path.abspath(__file__))
root = os.path.dirname(here)
parser.add_argument("--otoscope", default=f"{root}/.build/release/otoscope")
parser.add_argument("--clips", type=int, default=40)
parser.add_argument("--folder", action="append")
parser.add_argument("--rounds", type=int, default=3)
parser.add_argument("--test", default="swift test -c release --skip-build")
parser.add_argument("--only", choices=["agreement", "speed"])
arguments = parser.parse_args()
for variable in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ[variable] = "1"
warnings.simplefilter("ignore")

import essentia  # noqa: E402
import essentia.standard as es  # noqa: E402
import librosa  # noqa: E402
import numpy as np  # noqa: E402
import soundfile  # noqa: E402

essentia.log.infoActive = essentia.log.warningActive = False
EBUR128 = ctypes.CDLL("libebur128.so.1")
EBUR128.ebur128_init.restype = ctypes.c_void_p


def files():
    found = []
    for folder in arguments.folder or [f"{root}/Data/sounds"]:
        for path, _, names in os.walk(folder):
            found += [f"{path}/{n}" for n in names if n.rsplit(".", 1)[-1] in ("wav", "flac", "ogg", "mp3")]
    found.sort()
    count = min(arguments.clips, len(found))
    return [found[i * len(found) // count] for i in range(count)]


def lufs(samples, rate):
    """Integrated and largest short-term loudness by libebur128."""
    state = ctypes.c_void_p(EBUR128.ebur128_init(1, ctypes.c_ulong(rate), 0x0F))
    best, out = -np.inf, ctypes.c_double()
    tenth = (rate + 5) // 10
    for start in range(0, len(samples), tenth):
        part = np.ascontiguousarray(samples[start:start + tenth], np.float32)
        EBUR128.ebur128_add_frames_float(state, part.ctypes.data_as(ctypes.c_void_p), ctypes.c_size_t(len(part)))
        if len(part) == tenth and start + tenth >= 30 * tenth:
            EBUR128.ebur128_loudness_shortterm(state, ctypes.byref(out))
            best = max(best, out.value)
    EBUR128.ebur128_loudness_global(state, ctypes.byref(out))
    whole = out.value
    EBUR128.ebur128_destroy(ctypes.byref(state))
    return whole, best


def librosa_values(y, rate):
    S = np.abs(librosa.stft(y))
    H, P = librosa.decompose.hpss(S)
    strength = librosa.onset.onset_strength(y=y, sr=rate)
    with np.errstate(all="ignore"):
        return {
            "rms": librosa.feature.rms(y=y)[0],
            "zero_crossing_rate": librosa.feature.zero_crossing_rate(y)[0],
            "centroid_hz": librosa.feature.spectral_centroid(S=S, sr=rate)[0],
            "bandwidth_hz": librosa.feature.spectral_bandwidth(S=S, sr=rate)[0],
            "rolloff_hz": librosa.feature.spectral_rolloff(S=S, sr=rate)[0],
            "flatness": librosa.feature.spectral_flatness(S=S)[0],
            "mfcc": librosa.feature.mfcc(y=y, sr=rate, n_mfcc=13).T,
            "chroma": librosa.feature.chroma_stft(y=y, sr=rate).T,
            "onset_strength": strength,
            "harmonic_share": (H ** 2).sum(0) / ((H ** 2).sum(0) + (P ** 2).sum(0)),
        }, librosa.onset.onset_detect(onset_envelope=strength, sr=rate, units="time"), H, P, S


def essentia_values(z, frames):
    window = es.Windowing(type="blackmanharris62", size=4096)
    spectrum, hpcp, salience, loudness = es.Spectrum(size=4096), es.HPCP(), es.PitchSalience(), es.Loudness()
    peaks = es.SpectralPeaks(sampleRate=44100, minFrequency=40, maxFrequency=5000, magnitudeThreshold=1e-5, maxPeaks=10000,
                             orderBy="frequency")
    padded = np.concatenate([np.zeros(2048, np.float32), z, np.zeros(8192, np.float32)])
    rows = {"hpcp": [], "pitch_salience": [], "loudness_stevens": []}
    for t in range(frames):
        frame = padded[1024 * t:1024 * t + 4096]
        magnitudes = spectrum(window(frame))
        rows["hpcp"].append(hpcp(*peaks(magnitudes)))
        rows["pitch_salience"].append(salience(magnitudes))
        rows["loudness_stevens"].append(loudness(frame[1024:3072]))
    return {name: np.array(row) for name, row in rows.items()}, es.OnsetRate()(z)[1]


def ours(path):
    line = subprocess.run([arguments.otoscope, "descriptors", path, "--json", "--frames"], capture_output=True, text=True,
                          check=True).stdout
    return json.loads(line)


def difference(a, b):
    """Over the largest magnitude of theirs, where both have a value."""
    a = np.array([[np.nan if v is None else v for v in np.atleast_1d(row)] for row in a], float)
    b = np.asarray(b, float).reshape(a.shape)
    known = np.isfinite(a) & np.isfinite(b)
    if not known.any():
        return 0.0
    return np.abs(a - b)[known].max() / max(np.abs(b[known]).max(), 1e-30)


def agreement():
    largest, places, tuned = {}, {}, 0
    missed = extra = matched = 0

    def note(name, value, clip):
        if value > largest.get(name, -1):
            largest[name], places[name] = value, clip
        every.setdefault(name, []).append(value)

    every = {}
    with tempfile.TemporaryDirectory() as folder:
        sounds, theirs = {}, {}
        clips = files()
        for number, path in enumerate(clips):
            clip = os.path.relpath(path, os.path.commonpath(clips))
            y, _ = librosa.load(path, sr=22050, duration=10)
            z, _ = librosa.load(path, sr=44100, duration=10)
            soundfile.write(f"{folder}/y.wav", y, 22050, subtype="FLOAT")
            soundfile.write(f"{folder}/z.wav", z, 44100, subtype="FLOAT")
            low, high = ours(f"{folder}/y.wav"), ours(f"{folder}/z.wav")
            values, onsets, H, P, S = librosa_values(y, 22050)
            for name, series in values.items():
                note(name, difference(low["frames"][name], series), clip)
            mine = np.array(low["onsets"])
            same = sum(np.abs(mine - t).min() < 1e-6 for t in onsets) if len(mine) else 0
            matched, missed, extra = matched + same, missed + len(onsets) - same, extra + len(mine) - same
            values, rate = essentia_values(z, len(high["frames"]["times"]))
            for name, series in values.items():
                note(name, difference(high["frames"][name], series), clip)
            note("onset_rate_hz", abs(high["onset_rate_hz"] - rate) / max(rate, 1e-9) if rate or high["onset_rate_hz"] else 0, clip)
            for name, value in zip(("loudness_lufs", "loudness_short_term_lufs"), lufs(z, 44100)):
                mine = high[name]
                if mine is None or not np.isfinite(value):
                    assert mine is None and not np.isfinite(value), (clip, name, mine, value)
                else:
                    note(name, abs(mine - value), clip)
            sounds[f"clip{number}"] = y
            theirs[f"clip{number}"] = (clip, H, P, S, y)
        np.savez(f"{folder}/sounds.npz", **sounds)
        subprocess.run(shlex.split(arguments.test) + ["--filter", "DescriptorSpeedTests"], check=True, capture_output=True,
                       env=dict(os.environ, OTOSCOPE_DESCRIPTOR_FOLDER=folder))
        convergences = []
        for name, (clip, H, P, S, y) in theirs.items():
            with np.load(f"{folder}/{name}.npz") as made:
                note("harmonic part", difference(made["harmonic"], H.T), clip)
                note("percussive part", difference(made["percussive"], P.T), clip)
                mine = made["sounds"]
            peers = [librosa.griffinlim(S, n_iter=32, random_state=seed, length=len(y)) for seed in range(3)]
            convergences.append([np.mean([np.linalg.norm(np.abs(librosa.stft(x)) - S) / np.linalg.norm(S) for x in sounds])
                                 for sounds in (mine, peers)])
    print(f"{len(clips)} clips\n\n| descriptor | largest difference | median | clip |\n|---|---|---|---|")
    for name in largest:
        print(f"| `{name}` | {largest[name]:.1e} | {np.median(every[name]):.1e} | {places[name]} |")
    print(f"\nonset peaks: {matched} the same, {missed} missed, {extra} more")
    convergences = np.array(convergences)
    ratio = convergences[:, 0] / convergences[:, 1]
    print(f"Griffin-Lim, 32 iterations, 3 seeds: spectral convergence {convergences[:, 0].mean():.4f}, librosa {convergences[:, 1].mean():.4f}"
          f" (mean); ratios: geometric mean {np.exp(np.log(ratio).mean()):.3f}, {ratio.min():.2f} to {ratio.max():.2f}")


def best_of(runs, call):
    best = float("inf")
    for _ in range(runs):
        start = time.perf_counter()
        call()
        best = min(best, time.perf_counter() - start)
    return best


def speed():
    y, _ = librosa.load(f"{root}/Data/sounds/loop_tabla.flac", sr=22050, duration=10)
    y = np.resize(y, 220500)
    S = np.abs(librosa.stft(y))
    M = librosa.feature.melspectrogram(y=y, sr=22050)

    def mel():
        return librosa.power_to_db(librosa.feature.melspectrogram(y=y, sr=22050))

    peers = {
        "hpss": (3, lambda: librosa.decompose.hpss(S)),
        "log-mel+hpss": (3, lambda: (mel(), librosa.decompose.hpss(np.abs(librosa.stft(y))))),
        "log-mel+hpss-sounds": (3, lambda: (mel(), librosa.effects.hpss(y))),
        "griffin-lim": (3, lambda: librosa.griffinlim(S, n_iter=32, length=len(y))),
        "picture-to-sound": (1, lambda: librosa.feature.inverse.mel_to_audio(M, sr=22050, n_iter=32)),
    }
    names = list(peers) + ["descriptors"]
    times = {name: [np.inf] * 3 for name in names}
    with tempfile.TemporaryDirectory() as folder:
        np.save(f"{folder}/sound.npy", y)
        for _ in range(arguments.rounds):
            for threads in (1, 2):
                output = subprocess.run(
                    shlex.split(arguments.test) + ["--filter", "DescriptorSpeedTests"], capture_output=True, text=True, check=True,
                    env=dict(os.environ, OTOSCOPE_DESCRIPTOR_SPEED=f"{threads} {folder}/sound.npy")).stdout
                for name, seconds in re.findall(r"^speed (\S+) (\S+)$", output, re.M):
                    times[name][threads - 1] = min(times[name][threads - 1], float(seconds))
            for name, (runs, call) in peers.items():
                times[name][2] = min(times[name][2], best_of(runs, call))
    print("\n| 10 s at 22,050 Hz | 1 thread | 2 threads | librosa (1 thread) | times as fast |\n|---|---|---|---|---|")
    for name, (one, two, other) in times.items():
        peer = f"{1e3 * other:.0f} ms | {other / one:.1f}, {other / two:.1f}" if np.isfinite(other) else " | "
        print(f"| {name} | {1e3 * one:.0f} ms | {1e3 * two:.0f} ms | {peer} |")


if arguments.only != "speed":
    agreement()
if arguments.only != "agreement":
    speed()
