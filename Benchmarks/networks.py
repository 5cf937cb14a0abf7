#!/usr/bin/env python3
"""Otoscope on the architectures people use for audio, as exporters write them.

    networks.py [NETWORK ...] [--exporter EXPORTER ...] [--section SECTION ...] [--otoscope BINARY] [--folder FOLDER]

Networks with random weights are exported by PyTorch's two exporters (`torchscript`, `dynamo`) and by Keras with tf2onnx
(`keras`), with a free number of rows and, where the architecture has it so, free time. A line for each of:
  forward    largest difference / largest value of the result, at batch 1 and 3 and, with free
             time, of a longer input; against ONNX Runtime                                       below 1e-4
  saliency   ||ours - theirs|| / ||theirs|| of the gradient of one element of the result, at
             batch 1 and 3; against autograd of the same PyTorch module or TensorFlow's
             GradientTape. Rows whose gradient rounding changes little are taken; where that
             is still more than a third of the limit, three times it is the limit.               below 1e-3
  speed      our time / ONNX Runtime's of a forward pass, one row, two threads                   at most 2

Exit status 1 if anything failed. The files stay in FOLDER for the next time (delete it to make them anew): 2 GB for all
networks. `--keras PYTHON` names a Python with tensorflow-cpu and tf2onnx for the networks by Keras (default: without).
"""
import argparse
import json
import os
import statistics
import sys
import tempfile
import time

import numpy as np

from compare import Comparison, Failed, relative_error, same_shape

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "peers"))
SECTIONS = ("forward", "saliency", "speed")


class Networks(Comparison):
    opened = None, None

    def compare(self, name, exporter):
        """All sections of one file; networks that cannot be made are failures too."""
        case = f"{name}, {exporter}"
        try:
            path, facts = self.made(name, exporter)
        except Failed as failure:
            return self.report("export", case, lambda: (str(failure), "", False))
        for section in self.arguments.section or SECTIONS:
            self.report(section, case, lambda: getattr(self, section)(path, facts))

    def made(self, name, exporter):
        """The ONNX file, and the arrays of facts about it; made if they are not there."""
        base = os.path.join(self.arguments.folder, f"{name}.{exporter}")
        facts = base + ".npz" if exporter == "keras" else os.path.join(self.arguments.folder, f"{name}.npz")
        if not (os.path.exists(base + ".onnx") and os.path.exists(facts)):
            script = "keras_networks.py" if exporter == "keras" else "exports.py"
            python = self.arguments.keras if exporter == "keras" else sys.executable
            words = [name] if exporter == "keras" else [name, exporter]
            self.call(python, os.path.join(HERE, "peers", script), self.arguments.folder, *words)
        return base + ".onnx", self.load(facts)

    # Sections

    def forward(self, path, facts):
        inputs = self.inputs(facts)
        errors = [self.forward_error(path, {name: x[:rows] for name, x in inputs.items()}) for rows in (1, 3)]
        if "time" in facts:
            axis = int(facts["time"])
            # Nearly twice as long, by what all U-Nets here can halve.
            longer = {name: np.concatenate([x, x], axis) for name, x in inputs.items()}
            cut = {name: np.take(x, range(x.shape[axis] - 32), axis) for name, x in longer.items()}
            errors += [self.forward_error(path, cut)] if self.takes(path, cut) else []
        error = max(errors)
        note = f"{error:.1e}" + ("" if len(errors) == 3 or "time" not in facts else ", time fixed by the exporter")
        return note, "< 1e-4", bool(error < 1e-4)

    def takes(self, path, inputs):
        """Whether ONNX Runtime can run inputs of another length: tracing attention fixes it in some files."""
        try:
            return bool(self.session(path).run(None, inputs))
        except Exception as error:  # its exceptions have no other class in common
            if "onnxruntime" not in type(error).__module__:
                raise
            return False

    def forward_error(self, path, inputs):
        session = self.session(path)
        output = session.get_outputs()[0].name
        theirs = session.run([output], inputs)[0]
        ours = same_shape(self.our_array(output, "run", path, self.written(inputs), "--tensor", output), theirs)
        return np.abs(ours - theirs).max() / np.abs(theirs).max()

    def saliency(self, path, facts):
        inputs, of = self.inputs(facts), self.session(path).get_outputs()[0].name
        wanted = ["--input", next(iter(inputs))] if len(inputs) > 1 else []
        errors = []
        for rows in (1, 3):
            given = self.written({name: x[:rows] for name, x in inputs.items()})
            ours = self.our_array("attribution", "attribute", path, given, "--method", "saliency-signed",
                                  "--target", int(facts["element"]), "--of", of, *wanted)
            theirs = facts["gradient"][:rows]
            errors.append(relative_error(same_shape(ours, theirs), theirs))
        error, rounding = max(errors), facts["change"].max()
        limit = max(1e-3, 3 * rounding)
        return f"{error:.1e}, theirs itself {rounding:.1e}", f"< {limit:.0e}", bool(error < limit)

    def speed(self, path, facts):
        """Both in turns, as other programs disturb."""
        inputs = {name: x[:1] for name, x in self.inputs(facts).items()}
        given = self.written(inputs)
        session = self.session(path)
        ours, theirs = [], []
        for _ in range(self.arguments.rounds):
            ours.append(self.our_seconds(path, given))
            theirs.append(self.timed(lambda: session.run(None, inputs)))
        ours, theirs = min(ours), min(theirs)
        text = f"{1e3 * ours:.2f} ms, theirs {1e3 * theirs:.2f} ms, ratio {ours / theirs:.2f}"
        return text, "<= 2", bool(ours / theirs <= 2)

    # What they share

    def inputs(self, facts):
        return {name: facts[name] for name in facts.files if name.startswith("x")}

    def written(self, inputs):
        """The inputs as a file for our verbs."""
        if len(inputs) == 1:
            return self.save("input.npy", *inputs.values())
        np.savez(self.path("inputs.npz"), **inputs)
        return self.path("inputs.npz")

    def session(self, path):
        if self.opened[0] != path:
            self.opened = path, self.open(path)
        return self.opened[1]

    def open(self, path):
        import onnxruntime
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = self.arguments.threads
        options.log_severity_level = 3
        return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])

    def our_seconds(self, path, given):
        line = self.ours("bench", path, given, "--threads", self.arguments.threads, "--json")
        return json.loads(line.splitlines()[-1])["median_s"]

    def timed(self, run):
        """The median of 9 runs after 2."""
        seconds = []
        for _ in range(11):
            start = time.perf_counter()
            run()
            seconds.append(time.perf_counter() - start)
        return statistics.median(seconds[2:])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("networks", nargs="*", metavar="NETWORK", help="default: all; --list tells them")
    parser.add_argument("--exporter", action="append", choices=["torchscript", "dynamo", "keras"])
    parser.add_argument("--section", action="append", choices=SECTIONS)
    parser.add_argument("--list", action="store_true", help="tell the networks and who exports each")
    parser.add_argument("--otoscope", default=os.path.join(HERE, "../.build/release/otoscope"))
    parser.add_argument("--folder", default=os.path.join(tempfile.gettempdir(), "otoscope-networks"))
    parser.add_argument("--keras", metavar="PYTHON", help="a Python with tensorflow-cpu and tf2onnx")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3, help="rounds of `speed`")
    arguments = parser.parse_args()
    from keras_networks import NETWORKS as BY_KERAS
    from zoo import CATALOGUE

    exporters = {name: list(architecture.exporters) for name, architecture in CATALOGUE.items()}
    if arguments.keras or arguments.list:
        for name in BY_KERAS:
            exporters.setdefault(name, []).append("keras")
    for name in arguments.networks:
        if name not in exporters:
            parser.error(f"no network {name!r}; there are {', '.join(exporters)}")
    if arguments.list:
        for name, its in exporters.items():
            print(f"{name:<22}{' '.join(its)}")
        return 0
    os.makedirs(arguments.folder, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="otoscope-networks-") as scratch:
        networks = Networks(arguments, scratch)
        for name in arguments.networks or exporters:
            for exporter in exporters[name]:
                if not arguments.exporter or exporter in arguments.exporter:
                    networks.compare(name, exporter)
    print(f"{networks.failures} failed" if networks.failures else "all passed")
    return 1 if networks.failures else 0


if __name__ == "__main__":
    sys.exit(main())
