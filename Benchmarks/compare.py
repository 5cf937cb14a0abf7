#!/usr/bin/env python3
"""Otoscope against its peers, on the same files and the same inputs.

    compare.py [SECTION ...] [--otoscope BINARY] [--peers peers.py] [--models FOLDER] [--sounds FOLDER]

Sections (default: all), each a line a case, with what was measured, the limit, and pass or FAIL:
  forward    largest difference of logits / largest logit, against ONNX Runtime           below 1e-4
  attribute  ||ours - theirs|| / ||theirs||, the median of 5 rows, against Captum; where
             PyTorch is further from itself (peers/rounding.py), below 3 times that       below 1e-4
  speed      our time / ONNX Runtime's of a forward pass, two threads                     at most 1.3
             Captum's time / ours of a saliency map; the limit is for YAMNet, batch 16    at least 3
  classify   scores of whole clips against the table of the models' README                within 0.01
             scores of every patch of 16 kHz WAVs against NumPy and ONNX Runtime          within 1e-4
  cold       time of `otoscope explain` / of a PyTorch script that does less              below 1/8

Exit status 1 if anything failed. Run it with a Python that has what the peers need (see README.md).
"""
import argparse
import csv
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time

import numpy as np

from cases import HERE, NETWORKS, SOUNDS, front_ends


class Failed(Exception):
    """A program that did not do what it was asked to."""


class Comparison:
    def __init__(self, arguments, scratch):
        self.arguments, self.scratch, self.failures, self.heard = arguments, scratch, 0, {}

    # Lines

    def report(self, section, case, measure):
        """Prints the line of a case. `measure` gives (text, limit, passed); a case without a limit has passed None."""
        try:
            text, limit, passed = measure()
        except Failed as failure:
            text, limit, passed = str(failure), "", False
        except (KeyError, IndexError, ValueError) as error:
            text, limit, passed = f"an answer that is not as agreed: {error!r}", "", False
        verdict = {True: "pass", False: "FAIL", None: ""}[passed]
        self.failures += passed is False
        print(f"{section:<10}{case:<58}{text:<44}{limit:<14}{verdict}".rstrip(), flush=True)

    # Programs

    def path(self, name):
        return os.path.join(self.scratch, name)

    def fresh(self, name):
        """A path where nothing is, so that no earlier answer is taken for a new one."""
        if os.path.exists(self.path(name)):
            os.remove(self.path(name))
        return self.path(name)

    def save(self, name, array):
        np.save(self.path(name), array)
        return self.path(name)

    def call(self, *words):
        """Standard output of a program."""
        words = [str(word) for word in words]
        done = subprocess.run(words, capture_output=True, text=True)
        if done.returncode != 0:
            last = (done.stderr.strip() or done.stdout.strip() or "no message").splitlines()[-1]
            raise Failed(f"{os.path.basename(words[0])} {words[1]} exited with {done.returncode}: {last}")
        return done.stdout

    def ours(self, *words):
        return self.call(os.path.abspath(self.arguments.otoscope), *words)

    def our_array(self, array, *words):
        """The named array of the .npz that a verb of ours writes."""
        out = self.fresh("ours.npz")
        self.ours(*words, "-o", out)
        return self.load(out, array)

    def peers(self, *words):
        """The line of peers.py as a dictionary."""
        line = self.call(sys.executable, self.arguments.peers, *words, "--threads", self.arguments.threads)
        return json.loads(line.splitlines()[-1])

    def peer_array(self, array, *words):
        out = self.fresh("theirs.npz")
        self.peers(*words, "--repeat", 1, "-o", out)
        return self.load(out, array)

    def load(self, path, array=None):
        try:
            loaded = np.load(path)
            return loaded if array is None else loaded[array]
        except (OSError, KeyError, ValueError) as error:
            raise Failed(f"{os.path.basename(path)}: {error}") from error

    def model(self, network):
        return os.path.join(self.arguments.models, network.file)

    def sound(self, name):
        return os.path.join(self.arguments.sounds, name)

    def samples(self, name):
        if name not in self.heard:
            self.heard[name] = front_ends.decode(self.sound(name))
        return self.heard[name]

    def inputs(self, network, rows):
        """Random and real rows: (name, array)."""
        sounds = [self.samples(name) for name in SOUNDS]
        return [("random", network.random_input(rows)), ("real", network.real_input(rows, sounds))]

    # Sections

    def forward(self):
        for network in NETWORKS:
            for kind, rows in self.inputs(network, 17):
                everything = self.save("input.npy", rows)
                theirs = self.peer_array("value", "forward", self.model(network), everything, "--output", "logits")
                for batch in (1, 4, 17):
                    def measure():
                        input = self.save("input.npy", rows[:batch])
                        ours = self.our_array("logits", "run", self.model(network), input, "--tensor", "logits")
                        error = np.abs(same_shape(ours, theirs[:batch]) - theirs[:batch]).max()
                        error /= np.abs(theirs[:batch]).max()
                        return f"{error:.1e}", "< 1e-4", bool(error < 1e-4)

                    self.report("forward", f"{network.name}, {kind}, batch {batch}", measure)

    def attribute(self):
        from rounding import other_attributions

        for network in NETWORKS:
            rows, target = self.stable_input(network, 5)
            input = self.save("input.npy", rows)
            # Few samples: each brings kinks of its own.
            noise = np.random.default_rng(2).standard_normal((4, *network.shape)).astype(np.float32)
            noise = self.save("noise.npy", noise * np.float32(0.15) * rows.std())
            cases = [("saliency", "saliency", "saliency", None),
                     ("smoothgrad, 4 samples", "smoothgrad", "smoothgrad", None)]
            cases += [(f"grad-cam at {layer}", "grad-cam", "gradcam", layer) for layer in network.layers]
            for name, method, peer_method, layer in cases:
                options = ["--layer", layer] if layer else []
                given = noise if method == "smoothgrad" else None
                options += ["--noise", given] if given else []

                def measure():
                    theirs = self.peer_array("attribution", "attribute", self.model(network), input, "--method",
                                             peer_method, "--target", target, "--output", "logits", *options)
                    others = other_attributions(self.arguments.peers, self.model(network), rows, peer_method, target,
                                                layer, given)
                    ours = self.our_array("attribution", "attribute", self.model(network), input, "--method", method,
                                          "--target", target, "--of", "logits", *options,
                                          *(["--samples", 4] if given else []))
                    error, rounding = median_error(ours, theirs), max(median_error(o, theirs) for o in others)
                    limit = max(1e-4, 3 * rounding)
                    return f"{error:.1e}, theirs itself {rounding:.1e}", f"< {limit:.0e}", bool(error < limit)

                self.report("attribute", f"{network.name}, {name}", measure)

    def stable_input(self, network, count):
        """Rows whose gradients suffer little from rounding, and their best class."""
        from rounding import stable_rows

        candidates = self.inputs(network, 16)[1 if network.front_end else 0][1]
        logits = front_ends.run(self.model(network), candidates, ["logits"], self.arguments.threads)[0]
        chosen = stable_rows(self.arguments.peers, self.model(network), candidates, int(logits.mean(0).argmax()), count)
        return candidates[chosen], int(logits[chosen].mean(0).argmax())

    def speed(self):
        for network in NETWORKS:
            for batch in (1, 16):
                input = self.save("input.npy", self.inputs(network, batch)[1][1])
                case = f"{network.name}, batch {batch}, {self.arguments.threads} threads"

                def forward():
                    ours, theirs = self.alternate(network, input, batch, "forward", "onnxruntime_s", [],
                                                  ["forward", self.model(network), input, "--output", "logits"])
                    text = f"{1e3 * ours:.2f} ms, theirs {1e3 * theirs:.2f} ms, ratio {ours / theirs:.2f}"
                    return text, "<= 1.3", ours / theirs <= 1.3

                def saliency():
                    ours, theirs = self.alternate(network, input, batch, "saliency", "captum_s",
                                                  ["--method", "saliency"],
                                                  ["attribute", self.model(network), input, "--method", "saliency",
                                                   "--output", "logits"])
                    text = f"{1e3 * ours:.2f} ms, theirs {1e3 * theirs:.2f} ms, {theirs / ours:.1f}x"
                    if (network.name, batch) != ("yamnet", 16):
                        return text, "", None
                    return text, ">= 3x", theirs / ours >= 3

                self.report("speed", f"forward, {case}", forward)
                self.report("speed", f"saliency, {case}", saliency)

    def alternate(self, network, input, batch, what, peer_key, options, peer_words):
        """Medians of our seconds and theirs, over rounds of one and then the other."""
        ours, theirs = [], []
        for _ in range(self.arguments.rounds):
            line = self.ours("bench", self.model(network), input, *options, "--batch", batch, "--threads",
                             self.arguments.threads, "--json")
            result = json.loads(line.splitlines()[-1])
            if result["batch"] != batch or result["threads"] != self.arguments.threads:
                raise Failed(f"bench timed batch {result['batch']} on {result['threads']} threads")
            if len(result["runs_s"]) < 7:
                raise Failed(f"bench timed {len(result['runs_s'])} runs of {what}, 7 are needed")
            ours.append(result["median_s"])
            theirs.append(self.peers(*peer_words, "--repeat", 9)[peer_key])
        return statistics.median(ours), statistics.median(theirs)

    def classify(self):
        table = re.findall(r"^\| (\S+\.(?:mp3|flac)) \| \d+ \| (.*) \|$", self.read_models("README.md"), re.MULTILINE)
        labels = [row["display_name"] for row in csv.DictReader(self.read_models("yamnet_class_map.csv").splitlines())]
        for sound, classes in table:
            def measure():
                line = self.ours("classify", self.sound(sound), "--model", self.arguments.yamnet, "--top", len(labels),
                                 "--json")
                ours = {a["label"]: a["probability"] for a in json.loads(line.splitlines()[0])["classes"]}
                # The table shortens names: 'Livestock' is 'Livestock, farm animals, working animals'.
                expected = [(next(label for label in labels if label == name or label.startswith(name + ",")), score)
                            for name, score in re.findall(r"(.+?) (\.\d+)(?:, |$)", classes)]
                missing = [label for label, _ in expected if label not in ours]
                if missing:
                    raise Failed(f"classify gives no {missing[0]!r}")
                error = max(abs(ours[label] - float(score)) for label, score in expected)
                return f"{error:.4f}", "< 0.01", error < 0.01

            self.report("classify", f"table, {sound}", measure)
        plain = [os.path.join(self.arguments.models, front_ends.MODELS["musicnn"].file), "--front-end", "musicnn"]
        musicnn = [self.arguments.musicnn] if self.arguments.musicnn else plain
        for name, ours in (("yamnet", [self.arguments.yamnet]), ("musicnn", musicnn)):
            model = front_ends.MODELS[name]
            for sound in SOUNDS:
                def measure():
                    theirs = model.run(self.arguments.models, model.input(front_ends.read_wav(self.wav(sound))))[1]
                    out = self.fresh("patches.npy")
                    self.ours("classify", self.wav(sound), "--model", *ours, "--patches", out, "--json")
                    error = np.abs(same_shape(self.load(out), theirs) - theirs).max()
                    return f"{error:.1e} over {len(theirs)} patches", "< 1e-4", bool(error < 1e-4)

                self.report("classify", f"{name}, every patch, {sound} at 16 kHz", measure)

    def wav(self, sound):
        """The sound as a 16 kHz, 16-bit WAV."""
        import soundfile

        path = self.path(os.path.splitext(sound)[0] + ".wav")
        if not os.path.exists(path):
            soundfile.write(path, self.samples(sound), front_ends.RATE, subtype="PCM_16")
        return path

    def read_models(self, name):
        with open(os.path.join(self.arguments.models, name), encoding="utf-8") as file:
            return file.read()

    def cold(self):
        def measure():
            script = os.path.join(HERE, "peers/cold.py")
            ours, theirs = [], []
            # The first round brings programs and weights into the page cache of both, and is not counted.
            for _ in range(1 + max(5, self.arguments.rounds)):
                start = time.perf_counter()
                self.ours("explain", self.sound("dog.mp3"), "--model", self.arguments.yamnet, "--method", "grad-cam",
                          "--output", self.path(f"explained{len(ours)}"))
                middle = time.perf_counter()
                self.call(sys.executable, script, self.sound("dog.mp3"), "--models", self.arguments.models, "--peers",
                          self.arguments.peers, "--layer", "layer14.pointwise.relu", "-o", self.path("cold.npy"))
                ours.append(middle - start)
                theirs.append(time.perf_counter() - middle)
            ours, theirs = statistics.median(ours[1:]), statistics.median(theirs[1:])
            return f"{ours:.2f} s, theirs {theirs:.2f} s, ratio 1/{theirs / ours:.1f}", "< 1/8", ours / theirs < 1 / 8

        self.report("cold", "explain dog.mp3 --method grad-cam", measure)


def same_shape(ours, theirs):
    """Ours in the shape of theirs: axes of one are no difference."""
    if [d for d in ours.shape if d != 1] != [d for d in theirs.shape if d != 1]:
        raise Failed(f"shape {ours.shape}, theirs {theirs.shape}")
    return ours.reshape(theirs.shape)


def median_error(ours, theirs):
    """The median over rows of ||ours - theirs|| / ||theirs||."""
    return statistics.median(relative_error(*pair) for pair in zip(same_shape(ours, theirs), theirs))


def relative_error(ours, theirs):
    difference, norm = np.linalg.norm(np.float64(ours) - theirs), np.linalg.norm(np.float64(theirs))
    return 0.0 if difference == 0 else difference / norm if norm > 0 else np.inf


def main():
    sections = ["forward", "attribute", "speed", "classify", "cold"]
    shared = os.path.join(HERE, "../../shared")
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sections", nargs="*", metavar="SECTION", help=", ".join(sections))
    parser.add_argument("--otoscope", default=os.path.join(HERE, "../.build/release/otoscope"))
    parser.add_argument("--peers", default=os.path.join(shared, "peers/peers.py"))
    parser.add_argument("--models", default=os.path.join(shared, "models"))
    parser.add_argument("--sounds", default=os.path.join(shared, "sounds"))
    parser.add_argument("--yamnet", default="yamnet", help="what our --model is for YAMNet (default: the bundled one)")
    parser.add_argument("--musicnn", help="the same for MTT_vgg (default: its ONNX file and --front-end musicnn)")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3, help="rounds of `speed`; `cold` has 5 or more")
    arguments = parser.parse_args()
    for section in arguments.sections:
        if section not in sections:
            parser.error(f"no section {section!r}; there are {', '.join(sections)}")
    for path in (arguments.otoscope, arguments.peers, arguments.models, arguments.sounds):
        if not os.path.exists(path):
            parser.error(f"{path}: not there; name it with an option")
    with tempfile.TemporaryDirectory(prefix="otoscope-compare-") as scratch:
        comparison = Comparison(arguments, scratch)
        for section in arguments.sections or sections:
            getattr(comparison, section)()
    print(f"{comparison.failures} failed" if comparison.failures else "all passed")
    return 1 if comparison.failures else 0


if __name__ == "__main__":
    sys.exit(main())
