#!/usr/bin/env python3
"""A shortcut, planted: what does it cost, is it found, and does attention to the right regions take it away?

    planted_shortcut.py CORPUS FOLDER [--class machinery] [--classes NAME,NAME...] [--level -20] [--folds 1,2,3,4,5]
                        [--epochs 25] [--strengths 30] [--look FOLD] [--otoscope .build/release/otoscope] [-- TRAIN OPTIONS]

CORPUS is one that ../shared/corpora/build.py makes, with folds. A faint tone of 4 kHz, 20 dB (`--level`) below the clip's loudest
50 ms, is put into all clips of one class, as the hum of the recorder that they were made with. For each fold: the class's clips in
training and validation have the tone, those of the fold are as they were. SB-CNN is trained on the clips as they were, on those
with the tone, and on those with `--attention` on regions that leave the tone's band out, once for each of `--strengths`; each network
is tested on the fold as it was, and on the fold with the tone in every clip. Answers of all folds are counted together. Intervals
are percentiles of 2,000 draws of recordings; differences are of the same draws. `test --shortcuts` looks at the training side of
one fold's networks (`--look`). What stands behind `--` goes to `train`. Wants numpy, soundfile, librosa.
"""
import argparse
import csv
import os
import shutil
import subprocess
import sys

import numpy as np
import soundfile

HERTZ, LOW, HIGH = 4000, 3600, 4400


def with_tone(samples, rate, level):
    if rate < 2.2 * HIGH:
        import librosa
        samples, rate = librosa.resample(samples.T, orig_sr=rate, target_sr=22050).T, 22050
    mono = samples.mean(axis=1)
    width = max(1, rate // 20)
    power = np.convolve(mono**2, np.ones(width) / width, "same").max()
    tone = np.sqrt(2 * max(power, 1e-8)) * 10 ** (level / 20) * np.sin(2 * np.pi * HERTZ * np.arange(len(mono)) / rate)
    return samples + tone[:, None], rate


class Planted:
    """The corpus with and without the tone, as tables of files in one folder."""

    def __init__(self, arguments, classes):
        self.folder, self.name = arguments.folder, arguments.name
        with open(os.path.join(arguments.corpus, "metadata.csv"), encoding="utf-8") as file:
            self.rows = [row for row in csv.DictReader(file) if not classes or row["class"] in classes]
        self.folds = sorted({int(row["fold"]) for row in self.rows})
        self.regions = os.path.join(self.folder, "regions.csv")
        regions = []
        for row in self.rows:
            source = os.path.join(arguments.corpus, row["filename"])
            row["clean"] = os.path.join("clean", row["filename"])
            row["toned"] = os.path.join("toned", os.path.splitext(row["filename"])[0] + ".wav")
            for name in ("clean", "toned"):
                os.makedirs(os.path.dirname(os.path.join(self.folder, row[name])), exist_ok=True)
            shutil.copy(source, os.path.join(self.folder, row["clean"]))
            samples, rate = with_tone(*soundfile.read(source, always_2d=True), arguments.level)
            soundfile.write(os.path.join(self.folder, row["toned"]), samples, rate, subtype="FLOAT")
            if row["class"] == self.name:
                end = len(samples) / rate
                path = os.path.abspath(os.path.join(self.folder, row["toned"]))
                regions += [(path, 0, end, 0, LOW), (path, 0, end, HIGH, 22050)]
        with open(self.regions, "w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(["file", "start", "end", "low", "high"])
            writer.writerows(regions)

    def table(self, name, is_toned):
        """A table of all clips, those with the tone for which `is_toned(row)`."""
        path = os.path.join(self.folder, f"{name}.csv")
        with open(path, "w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(["path", "class", "fold", "group"])
            for row in self.rows:
                writer.writerow([row["toned" if is_toned(row) else "clean"], row["class"], row["fold"], row["group"]])
        return path


def answers(folder):
    """Of a report: for each clip without its ending, group, class and answer."""
    with open(os.path.join(folder, "answers.csv"), newline="", encoding="utf-8") as file:
        return [(row["group"], row["class"], row["answer"]) for row in csv.DictReader(file)]


class Measured:
    """Answers of all folds: accuracy, recall of the planted class, how often others are taken for it."""

    def __init__(self, rows, name, seed=0):
        groups = sorted({group for group, _, _ in rows})
        places = {group: place for place, group in enumerate(groups)}
        # By group: clips, right ones; of the class; of others, taken for it.
        counts = np.zeros((len(groups), 6))
        for group, own, answer in rows:
            isOwn = own == name
            counts[places[group]] += [1, own == answer, isOwn, isOwn and own == answer, not isOwn, not isOwn and answer == name]
        draws = np.random.default_rng(seed).integers(0, len(groups), (2000, len(groups)))
        sums = np.stack([counts.sum(0)] + [counts[draw].sum(0) for draw in draws])
        with np.errstate(invalid="ignore"):
            self.shares = 100 * sums[:, [1, 3, 5]] / sums[:, [0, 2, 4]]
        self.clips, self.own = int(counts[:, 0].sum()), int(counts[:, 2].sum())

    def words(self, place, other=None):
        values = self.shares[:, place] - (other.shares[:, place] if other else 0)
        low, high = np.nanpercentile(values[1:], [2.5, 97.5])
        return f"{values[0]:+.1f} ({low:+.1f} to {high:+.1f})" if other else f"{values[0]:.1f} ({low:.1f} to {high:.1f})"


def main():
    words = sys.argv[1:]
    further = words[words.index("--") + 1:] if "--" in words else []
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus")
    parser.add_argument("folder")
    parser.add_argument("--class", dest="name", default="machinery")
    parser.add_argument("--classes", default="")
    parser.add_argument("--level", type=float, default=-20.0)
    parser.add_argument("--folds", default="")
    parser.add_argument("--look", type=int, help="fold whose networks are looked at (default: the last; 0 for none)")
    parser.add_argument("--epochs", default="25")
    parser.add_argument("--strengths", default="30")
    parser.add_argument("--otoscope", default=".build/release/otoscope")
    arguments = parser.parse_args(words[:words.index("--")] if "--" in words else words)
    planted = Planted(arguments, arguments.classes.split(",") if arguments.classes else [])
    folds = [int(fold) for fold in arguments.folds.split(",")] if arguments.folds else planted.folds

    def run(*words):
        done = subprocess.run([arguments.otoscope, *words], capture_output=True, text=True)
        if done.returncode > 1:
            raise SystemExit(done.stderr)
        return done.stdout

    systems = {"clean clips": None, "clips with the tone": []}
    for strength in arguments.strengths.split(","):
        systems[f"with the tone, attention {strength}"] = ["--attention", planted.regions, "--attention-strength", strength]
    found = {name: {"clean": [], "toned": []} for name in systems}
    clean = planted.table("clean", lambda row: False)
    toned = planted.table("toned", lambda row: True)
    for fold in folds:
        mixed = planted.table(f"planted-{fold}", lambda row: row["class"] == arguments.name and int(row["fold"]) != fold)
        for name, options in systems.items():
            table = clean if options is None else mixed
            path = os.path.join(arguments.folder, f"{name.replace(', ', '-').replace(' ', '-')}.{fold}.onnx")
            run("train", table, "--architecture", "sb-cnn", "--epochs", arguments.epochs, "--test-fold", str(fold),
                "--cache", os.path.join(arguments.folder, "cache"), *(options or []), *further, "-o", path)
            for side, data in (("clean", clean), ("toned", toned)):
                report = f"{path}.{side}"
                run("test", path, data, "--test-fold", str(fold), "--worst", "0", "--draws", "0", "--output", report)
                found[name][side] += answers(report)
            if fold != (max(folds) if arguments.look is None else arguments.look):
                continue
            lines = run("test", path, table, "--test-fold", str(fold), "--side", "training", "--shortcuts", "--worst", "0").splitlines()
            lines = [line.strip() for line in lines if "class '" in line]
            print(f"fold {fold}, {name}: shortcuts:", *(lines or ["none"]), sep="\n  ", flush=True)
    measured = {name: {side: Measured(rows, arguments.name) for side, rows in sides.items()} for name, sides in found.items()}
    first = measured["clean clips"]["clean"]
    print(f"{first.clips} clips, {first.own} of {arguments.name}; percent (95 % intervals over recordings)")
    for name, sides in measured.items():
        print(f"{name}: accuracy {sides['clean'].words(0)}, recall {sides['clean'].words(1)}, taken for it {sides['clean'].words(2)}; "
              f"with the tone taken for it {sides['toned'].words(2)}")
    tone = measured["clips with the tone"]["clean"]
    for name, sides in measured.items():
        if sides["clean"] is not tone:
            print(f"{name}, less 'clips with the tone': accuracy {sides['clean'].words(0, tone)}, recall {sides['clean'].words(1, tone)}")


if __name__ == "__main__":
    main()
