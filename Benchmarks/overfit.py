#!/usr/bin/env python3
"""Does every architecture learn twenty real clips by heart?

    overfit.py CORPUS FOLDER [NETWORK ...] [--clips 20] [--classes 5] [--epochs 40] [--batch 10]
               [--otoscope .build/release/otoscope] [-- TRAIN OPTIONS]

CORPUS is one that ../shared/corpora/build.py makes. Twenty clips of at most 10 s, of the classes with most recordings, of as
many recordings as there are, train a network from random weights; the same twenty are the validation side and the test. What
stands behind `--` goes to `train` as it is. Prints a line for each network: how many clips `test` has right, and after which
epoch all were right for the first time. Keeps the networks in FOLDER.
"""
import argparse
import csv
import json
import os
import subprocess
import sys
import time

NETWORKS = ["sb-cnn", "vggish", "fcn-4", "music-tagger-cnn", "mm-cnn", "mm-cnn-multi", "musicnn", "iminet-imitation",
            "iminet-recording", "resnet-18", "resnet-50", "mobilenet-v1", "mobilenet-v2", "m5"]


def chosen(corpus, clips, classes):
    """Rows of the corpus's table: `clips` of `classes` classes."""
    with open(os.path.join(corpus, "metadata.csv"), encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if float(row["seconds"]) <= 10]
    groups = {}
    for row in rows:
        groups.setdefault(row["class"], {}).setdefault(row["group"], []).append(row)
    largest = sorted(groups, key=lambda name: (-len(groups[name]), name))[:classes]
    taken = []
    for name in largest:
        # One of each recording, then a second one of each, and so on.
        turns = sorted(((place, group, row) for group, members in groups[name].items()
                        for place, row in enumerate(members)), key=lambda turn: turn[:2])
        taken += [row for _, _, row in turns[:clips // classes]]
    return taken


def main():
    words = sys.argv[1:]
    further = words[words.index("--") + 1:] if "--" in words else []
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus")
    parser.add_argument("folder")
    parser.add_argument("networks", nargs="*", default=NETWORKS)
    parser.add_argument("--clips", type=int, default=20)
    parser.add_argument("--classes", type=int, default=5)
    parser.add_argument("--epochs", default="40")
    parser.add_argument("--batch", default="10")
    parser.add_argument("--otoscope", default=".build/release/otoscope")
    arguments = parser.parse_args(words[:words.index("--")] if "--" in words else words)
    os.makedirs(arguments.folder, exist_ok=True)
    table = os.path.join(arguments.folder, "clips.csv")
    with open(table, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["path", "class", "part"])
        for row in chosen(arguments.corpus, arguments.clips, arguments.classes):
            for part in ("train", "validation", "test"):
                writer.writerow([os.path.abspath(os.path.join(arguments.corpus, row["filename"])), row["class"], part])
    for name in arguments.networks:
        path = os.path.join(arguments.folder, f"{name}.onnx")
        start = time.monotonic()
        run(arguments, "train", table, "--architecture", name, "--epochs", arguments.epochs, "--batch", arguments.batch,
            "--restart", "--cache", os.path.join(arguments.folder, "cache"), *further, "-o", path)
        seconds = time.monotonic() - start
        record = json.loads(run(arguments, "test", path, table, "--side", "test", "--json").splitlines()[-1])
        with open(path + ".epochs.csv", encoding="utf-8") as file:
            epochs = list(csv.DictReader(file))
        first = next((row["epoch"] for row in epochs if float(row["validation_accuracy"]) == 1), "never")
        print(f"{name:18} {100 * record['accuracy']:6.1f} %  all right first after epoch {first}  {seconds:6.0f} s", flush=True)


def run(arguments, *words):
    done = subprocess.run([arguments.otoscope, *words], capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(done.stderr)
    return done.stdout


if __name__ == "__main__":
    main()
