"""Do the inputs that `otoscope maximize` finds excite their units more than real sounds do, and are they heard as what was sought?

    python Benchmarks/maximize.py --otoscope .build/release/otoscope --sounds FOLDER [--excerpts 2000] [--channels 64] [--keep patches.npy]

1. The patches that YAMNet is given of one excerpt from each of 2,000 recordings of the folder, at a random place, are put through
   three layers (the first, one in the middle, the last); for each channel the mean over its places is taken, and the best excerpt.
   The picture that `maximize` finds for the channel is put through the network by `otoscope run`, as any array is, and must give
   more. Of layers with more channels than --channels, so many evenly spaced ones are sought.
2. Twenty classes are maximized, and the WAV files put through `otoscope classify`: the class must be among the first five.

Needs NumPy, SciPy and soundfile. With two cores a quarter of an hour.
"""
import argparse
import json
import math
import os
import random
import subprocess
import tempfile

import numpy as np
import scipy.signal
import soundfile

LAYERS = ["layer1.conv.relu", "layer7.pointwise.relu", "layer14.pointwise.relu"]
CLASSES = ["Dog", "Siren", "Speech", "Whistling", "Bell", "Bird", "Cat", "Drum", "Laughter", "Rain", "Guitar", "Piano", "Engine",
           "Applause", "Thunder", "Crow", "Frog", "Telephone", "Music", "Cough"]
ENDINGS = (".wav", ".ogg", ".flac", ".mp3", ".aiff")


def otoscope(*arguments):
    return subprocess.run([OTOSCOPE, *arguments], capture_output=True, text=True)


RATE, HOP, LENGTH = 16000, 7680, 15600  # Of YAMNet's patches, in samples.


def excerpts(folder, count, scratch):
    """[count, 1, 96, 64] or however the network has it: one patch at a random place of each of so many recordings.

    The excerpts are laid into one long sound, three hops apart, of which the front end's every third patch is one of them."""
    files = sorted(os.path.join(place, name) for place, _, names in os.walk(folder) for name in names if name.lower().endswith(ENDINGS))
    chosen = random.Random(0)
    chosen.shuffle(files)
    parts = []
    for file in files:
        try:
            sound, rate = soundfile.read(file, dtype="float32", always_2d=True)
        except RuntimeError:
            continue
        common = math.gcd(rate, RATE)
        sound = scipy.signal.resample_poly(sound.mean(axis=1), RATE // common, rate // common)
        if not len(sound) or not np.isfinite(sound).all():
            continue
        start = chosen.randrange(max(1, len(sound) - LENGTH))
        part = np.zeros(3 * HOP, np.float32)
        excerpt = sound[start:start + LENGTH]
        part[:len(excerpt)] = excerpt
        parts.append(part)
        if len(parts) == count:
            break
    source, target = os.path.join(scratch, "excerpts.wav"), os.path.join(scratch, "patches.npy")
    rows = []
    for first in range(0, len(parts), 200):
        soundfile.write(source, np.clip(np.concatenate(parts[first:first + 200]), -1, 1), RATE, subtype="FLOAT")
        answer = otoscope("front-end", source, "--model", "yamnet", "-o", target)
        assert answer.returncode == 0, answer.stderr
        rows.append(np.load(target)[::3][:len(parts[first:first + 200])])
    return np.concatenate(rows)


def channel_means(patches, scratch):
    """For each layer `[rows, channels]`: the mean over the places of each channel."""
    source, target = os.path.join(scratch, "rows.npy"), os.path.join(scratch, "layers.npz")
    parts = {layer: [] for layer in LAYERS}
    for start in range(0, len(patches), 250):
        np.save(source, patches[start:start + 250].astype(np.float32))
        tensors = [word for layer in LAYERS for word in ("--tensor", layer)]
        answer = otoscope("run", "yamnet", source, *tensors, "-o", target)
        assert answer.returncode == 0, answer.stderr
        with np.load(target) as arrays:
            for layer in LAYERS:
                values = arrays[layer]
                parts[layer].append(values.reshape(*values.shape[:2], -1).mean(axis=2))
    return {layer: np.concatenate(found) for layer, found in parts.items()}


def main():
    global OTOSCOPE
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--otoscope", required=True)
    options.add_argument("--sounds", required=True)
    options.add_argument("--excerpts", type=int, default=2000)
    options.add_argument("--channels", type=int, default=64)
    options.add_argument("--keep", help="an .npy that the excerpts' patches are kept in, or taken from where it is there")
    options = options.parse_args()
    OTOSCOPE = options.otoscope
    with tempfile.TemporaryDirectory() as scratch:
        if options.keep and os.path.exists(options.keep):
            real = np.load(options.keep)
        else:
            real = excerpts(options.sounds, options.excerpts, scratch)
            if options.keep:
                np.save(options.keep, real)
        best = {layer: means.max(axis=0) for layer, means in channel_means(real, scratch).items()}
        print(f"{len(real)} excerpts")
        for layer in LAYERS:
            count = len(best[layer])
            channels = np.unique(np.linspace(0, count - 1, min(count, options.channels)).astype(int))
            out = os.path.join(scratch, "units")
            answer = otoscope("maximize", "--layer", layer, "--channel", ",".join(map(str, channels)), "--no-sound", "--json",
                              "--output", out)
            assert answer.returncode == 0, answer.stderr
            records = [json.loads(line) for line in answer.stdout.splitlines()]
            archives = [os.path.join(out, next(f for f in record["files"] if f.endswith(".npz"))) for record in records]
            # Many answers share one archive.
            pictures = [np.load(archive)["picture"] for archive in archives] if len(set(archives)) > 1 else np.load(archives[0])["pictures"]
            found = channel_means(np.stack(pictures).reshape(-1, *real.shape[1:]), scratch)[layer]
            won, ratios = 0, []
            for row, record in enumerate(records):
                channel = record["index"]
                won += found[row, channel] > best[layer][channel]
                if best[layer][channel] > 0:
                    ratios.append(found[row, channel] / best[layer][channel])
            dead = sum(record["ending"] == "dead" for record in records)
            print(f"{layer}: {won} of {len(records)} channels above the best excerpt; "
                  f"{np.median(ratios):.2f} times as much (median; quartiles {np.quantile(ratios, .25):.2f} to {np.quantile(ratios, .75):.2f})"
                  f"; {dead} dead", flush=True)
        for steps in (None, 0):
            out = os.path.join(scratch, "classes")
            answer = otoscope("maximize", "--target", ",".join(CLASSES), "--json", "--output", out,
                              *([] if steps is None else ["--sound-steps", str(steps)]))
            assert answer.returncode == 0, answer.stderr
            heard = 0
            for line in answer.stdout.splitlines():
                record = json.loads(line)
                file = os.path.join(out, next(f for f in record["files"] if f.endswith(".wav")))
                classes = json.loads(otoscope("classify", file, "--top", "5", "--json").stdout)["classes"]
                heard += any(entry["index"] == record["index"] for entry in classes)
            name = "with the default steps on the sound" if steps is None else "without steps on the sound"
            print(f"{heard} of {len(CLASSES)} classes among the first five {name}", flush=True)


main()
