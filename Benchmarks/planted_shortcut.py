#!/usr/bin/env python3
"""A shortcut, planted: is it found, and does attention to the right regions take it away?

    planted_shortcut.py CORPUS FOLDER [--class footsteps] [--level -20] [--otoscope .build/release/otoscope]

CORPUS is one that ../shared/corpora/build.py makes, with folds. Every clip of one class in all folds but the last gets a faint tone
of 4 kHz, 20 dB (`--level`) below the clip's loudest 50 ms; the last fold is left clean. Then: SB-CNN is trained on the planted clips and
tested on the clean fold; `test --shortcuts` looks at the planted ones; SB-CNN is trained again with `--attention` on regions that
leave the tone's band out; both, and one trained on the clean corpus, are tested on the clean fold, on the same with the tone, and
on the other classes with the tone (how often a tone alone makes them the class). Wants soundfile, librosa.
"""
import argparse
import csv
import json
import os
import shutil
import subprocess

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


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus")
    parser.add_argument("folder")
    parser.add_argument("--class", dest="name", default="footsteps")
    parser.add_argument("--level", type=float, default=-20.0)
    parser.add_argument("--otoscope", default=".build/release/otoscope")
    parser.add_argument("--epochs", default="40")
    parser.add_argument("--strength", default="10")
    arguments = parser.parse_args()
    rows = list(csv.DictReader(open(os.path.join(arguments.corpus, "metadata.csv"), encoding="utf-8")))
    last = max(int(row["fold"]) for row in rows)
    planted, toned = (os.path.join(arguments.folder, name) for name in ("planted", "toned"))
    regions = []
    for where in (planted, toned):
        shutil.rmtree(where, ignore_errors=True)
        os.makedirs(where)
        with open(os.path.join(where, "metadata.csv"), "w", newline="", encoding="utf-8") as file:
            table = csv.DictWriter(file, rows[0].keys())
            table.writeheader()
            for row in rows:
                row = dict(row)
                source = os.path.join(arguments.corpus, row["filename"])
                is_test = int(row["fold"]) == last
                if where == toned and not is_test:
                    continue
                name = row["filename"]
                os.makedirs(os.path.dirname(os.path.join(where, name)), exist_ok=True)
                if (row["class"] == arguments.name and not is_test) or where == toned:
                    samples, rate = with_tone(*soundfile.read(source, always_2d=True), arguments.level)
                    name = os.path.splitext(name)[0] + ".wav"
                    soundfile.write(os.path.join(where, name), samples, rate, subtype="FLOAT")
                    if where == planted:
                        seconds = len(samples) / rate
                        regions += [(os.path.join(where, name), 0, seconds, 0, LOW),
                                    (os.path.join(where, name), 0, seconds, HIGH, 22050)]
                else:
                    shutil.copy(source, os.path.join(where, name))
                table.writerow(dict(row, filename=name))
    with open(os.path.join(arguments.folder, "regions.csv"), "w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(["file", "start", "end", "low", "high"])
        table.writerows(regions)

    def run(*words):
        done = subprocess.run([arguments.otoscope, *words], capture_output=True, text=True)
        if done.returncode > 1:
            raise SystemExit(done.stderr)
        return done

    def tested(model, where):
        side = "test" if where == arguments.corpus or where == planted else "all"
        record = json.loads(run("test", model, where, "--side", side, "--json").stdout.splitlines()[-1])
        own = next(entry for entry in record["per_class"] if entry["class"] == arguments.name)
        names = [entry["class"] for entry in record["per_class"]]
        place = names.index(arguments.name)
        taken = sum(line[place] for index, line in enumerate(record["confusion"]) if index != place)
        others = sum(sum(line) for index, line in enumerate(record["confusion"]) if index != place)
        return record["accuracy"], own["recall"], taken / others

    common = ["--architecture", "sb-cnn", "--epochs", arguments.epochs, "--cache", os.path.join(arguments.folder, "cache")]
    models = {"clean": [arguments.corpus], "planted": [planted],
              "planted, attention": [planted, "--attention", os.path.join(arguments.folder, "regions.csv"),
                                     "--attention-strength", arguments.strength]}
    paths = {}
    for name, words in models.items():
        paths[name] = os.path.join(arguments.folder, name.replace(", ", "-") + ".onnx")
        run("train", *words, *common, "-o", paths[name])
    print("trained on            clean fold: accuracy, recall of the class | taken for it | with the tone: taken for it")
    for name, path in paths.items():
        accuracy, recall, taken = tested(path, planted)
        _, _, tone = tested(path, toned)
        print(f"{name:20} {100 * accuracy:20.1f} % {100 * recall:10.1f} % {100 * taken:18.1f} % {100 * tone:18.1f} %", flush=True)
    for name in ("planted", "planted, attention"):
        found = run("test", paths[name], planted, "--side", "training", "--shortcuts", "--output",
                    os.path.join(arguments.folder, f"report-{name.replace(', ', '-')}"))
        print(f"shortcuts of the network trained on {name}:")
        print("\n".join(line for line in found.stdout.splitlines() if "class '" in line) or "none")


if __name__ == "__main__":
    main()
