"""Front ends against the code they come from: the largest difference over the range, on real clips at three sample rates.

    python Benchmarks/front-ends.py --otoscope .build-app/release/otoscope --sounds Data/sounds [--only whisper,ast] [--markdown]

Needs the environment of Tests/AudioTests/Golden/make-front-ends.py. Every clip is cut to six seconds and written at each rate; the
command resamples it, and the origin is given the same resampled samples (`--samples`). The goal is 1e-4 of the range.
"""
import argparse
import importlib.util
import os
import subprocess
import sys
import tempfile

import numpy as np
import soundfile
import soxr

here = os.path.dirname(os.path.abspath(__file__))
specification = importlib.util.spec_from_file_location(
    "origins", os.path.join(here, "..", "Tests", "AudioTests", "Golden", "make-front-ends.py"))
origins = importlib.util.module_from_spec(specification)
specification.loader.exec_module(origins)

CLIPS = ["dog.mp3", "misc_crow.flac", "perc_bell.flac", "loop_tabla.flac", "rooster.mp3"]
SAMPLE_RATES = [16000, 22050, 44100]


def clips(folder, scratch, seconds=6):
    """The paths of all clips at all rates."""
    paths = []
    for name in CLIPS:
        samples, rate = soundfile.read(os.path.join(folder, name), dtype="float32", always_2d=True)
        samples = samples[:seconds * rate]
        for target in SAMPLE_RATES:
            path = os.path.join(scratch, f"{name.split('.')[0]}-{target}.wav")
            resampled = soxr.resample(samples, rate, target) if rate != target else samples
            soundfile.write(path, np.clip(resampled, -1, 1), target, subtype="PCM_16")
            paths.append(path)
    return paths


def compare(otoscope, preset, path, scratch, in_double=False):
    """The largest difference over the range, the share of values beyond 1e-4, and the shape that both have."""
    ours, samples = os.path.join(scratch, "x.npy"), os.path.join(scratch, "s.npy")
    # OpenL3's windows are heard one by one: the first second.
    part = ["--duration", "1"] if preset == "openl3" else []
    subprocess.run([otoscope, "front-end", path, "--front-end", preset, "-o", ours, "--samples", samples, *part],
                   check=True, stdout=subprocess.DEVNULL)
    ours, samples = np.load(ours), np.load(samples)
    if in_double:
        return np.abs(ours[0] - origins.ast_in_double(samples)).max() / np.ptp(ours), 0, str(ours.shape)
    theirs = origins.arranged(preset, expected(preset, samples))
    if preset == "openl3":
        ours = ours[:1]
    if tuple(n for n in ours.shape if n > 1) != tuple(n for n in theirs.shape if n > 1):
        return np.inf, 1, f"{ours.shape}, not {theirs.shape}"
    shares = np.abs(ours.reshape(theirs.shape).astype(np.float64) - theirs) / max(np.ptp(theirs.astype(np.float64)), 1e-30)
    return shares.max(), np.mean(shares > 1e-4), str(ours.shape)


def expected(preset, samples):
    """What the origin makes of the samples, where it takes the same ones."""
    if preset == "openl3":
        return origins.openl3(samples[:48000], centred=False)
    if preset == "perch":  # a short sound lies in the middle of its window there, at its begin here
        samples = np.pad(samples, (0, max(0, 160000 - len(samples))))
    return origins.origin(preset, samples)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--otoscope", required=True)
    parser.add_argument("--sounds", required=True)
    parser.add_argument("--only", help="front ends, separated by commas")
    parser.add_argument("--markdown", action="store_true", help="a table for the documentation")
    arguments = parser.parse_args()
    presets = arguments.only.split(",") if arguments.only else list(origins.ORIGINS)
    failed = False
    if arguments.markdown:
        print("| preset | largest difference over the range | where |\n|---|---|---|")
    with tempfile.TemporaryDirectory() as scratch:
        paths = clips(arguments.sounds, scratch)
        for preset in presets:
            results = [(*compare(arguments.otoscope, preset, path, scratch), os.path.basename(path)) for path in paths]
            worst, beyond, shape, clip = max(results, key=lambda result: result[0])
            if preset == "ast" and worst > 1e-4:  # single precision is that far from double in the origin itself
                double = max(compare(arguments.otoscope, preset, path, scratch, in_double=True)[0] for path in paths)
                more = f"; {double:.1e} from its origin in double precision"
                failed |= not double <= 1e-4
            else:
                failed |= not worst <= 1e-4
                more = ""
            more += "" if worst <= 1e-4 else f", {beyond * 100:.2g} % of its values beyond 1e-4"
            if arguments.markdown:
                print(f"| `{preset}` | {worst:.1e} | {clip.rsplit('.', 1)[0]}{more} |", flush=True)
            else:
                print(f"{preset:18} {worst:8.1e}  {clip:24} {shape}{more}", flush=True)
    sys.exit(failed)


main()
