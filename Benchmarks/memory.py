#!/usr/bin/env python3
"""What Otoscope and its peers take of memory for the same work, each in a process of its own.

    memory.py [FILE:SHAPE ...] [--rows 16] [--otoscope BINARY] [--peers peers.py] [--models FOLDER]

A line for each network and each kind of work; MB are 10^6 bytes, of the most that a process held (VmHWM):
  forward    `otoscope run` against a Python that has only NumPy and ONNX Runtime in it              at most theirs
  saliency   `otoscope attribute --method saliency` against peers.py, with PyTorch and Captum        at most half
`bare` is what the peer's Python took with its modules loaded, before the network: it counts as theirs, as our own
program and its libraries count as ours, but the line shows what is left `without` it. `loaded`: after reading the
network, before the first row; of ours, the peak of `otoscope inspect`.

SHAPE is that of one row, as 3x224x224. Default: the three networks of ../shared/models. Exit status 1 if anything failed.
"""
import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile

import numpy as np

from cases import HERE, NETWORKS

# Each prints bytes as {"bare": ..., "loaded": ..., "peak": ...}; argv: file, input, threads.
READ = """
import json, sys
def status(key):
    with open("/proc/self/status") as lines:
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(key))
"""
ONNX_RUNTIME = READ + """
import numpy as np, onnxruntime
bare = status("VmRSS")
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = int(sys.argv[3])
session = onnxruntime.InferenceSession(sys.argv[1], options, providers=["CPUExecutionProvider"])
loaded = status("VmRSS")
session.run(None, {session.get_inputs()[0].name: np.load(sys.argv[2])})
print(json.dumps({"bare": bare, "loaded": loaded, "peak": status("VmHWM")}))
"""
PYTORCH = READ + """
import os
sys.path.insert(0, os.path.dirname(sys.argv[4]))
import numpy as np, torch, peers
from captum.attr import Saliency
torch.set_num_threads(int(sys.argv[3]))
bare = status("VmRSS")
module = peers.OnnxModule(sys.argv[1]).eval()
for parameter in module.parameters():
    parameter.requires_grad_(False)
loaded = status("VmRSS")
x = torch.from_numpy(np.load(sys.argv[2])).requires_grad_(True)
Saliency(lambda x: module(x).flatten(1)).attribute(x, target=0)
print(json.dumps({"bare": bare, "loaded": loaded, "peak": status("VmHWM")}))
"""
LAUNCHER = """
import os, sys
process = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ, file_actions=[(os.POSIX_SPAWN_OPEN, 1, "/dev/null", 1, 0)])
_, status, usage = os.wait4(process, 0)
print(usage.ru_maxrss)
sys.exit(os.waitstatus_to_exitcode(status))
"""


class Failed(Exception):
    """A program that did not do what it was asked to."""


def theirs(program, *words):
    done = subprocess.run([sys.executable, "-c", program, *map(str, words)], capture_output=True, text=True)
    if done.returncode != 0:
        raise Failed((done.stderr.strip() or "no message").splitlines()[-1])
    return json.loads(done.stdout.splitlines()[-1])


def ours(*words):
    """The peak of a program of ours. The kernel's count of an ended child starts with the memory of the process it was
    forked from; so a bare Python of 10 MB starts it, less than it ever takes itself."""
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", LAUNCHER, *map(str, words)], capture_output=True, text=True)
    if done.returncode != 0:
        raise Failed((done.stderr.strip() or "no message").splitlines()[-1])
    return int(done.stdout.splitlines()[-1]) * 1024


def compare(otoscope, arguments, path, shape, scratch):
    """Prints the lines of one network; how many of them failed."""
    given, out = os.path.join(scratch, "x.npy"), os.path.join(scratch, "out.npz")
    np.save(given, np.random.default_rng(1).standard_normal((arguments.rows, *shape)).astype(np.float32))
    threads = ["--threads", arguments.threads]
    work = {
        "forward": (ONNX_RUNTIME, 1.0, [otoscope, "run", path, given, "-o", out, *threads]),
        "saliency": (PYTORCH, 0.5, [
            otoscope, "attribute", path, given, "--method", "saliency", "--target", 0, "-o", out, *threads]),
    }
    failures = 0
    loaded = ours(otoscope, "inspect", path)
    for kind, (program, limit, words) in work.items():
        mine = statistics.median(ours(*words) for _ in range(arguments.rounds))
        its = [theirs(program, path, given, arguments.threads, arguments.peers) for _ in range(arguments.rounds)]
        its = {key: statistics.median(one[key] for one in its) for key in its[0]}
        passed = mine <= limit * its["peak"]
        failures += not passed
        print(
            f"{os.path.basename(path):<28}{kind:<10}{megabytes(mine):>6}  loaded {megabytes(loaded):>4}   theirs "
            f"{megabytes(its['peak']):>6}  loaded {megabytes(its['loaded']):>5}  bare {megabytes(its['bare']):>4}  "
            f"without {megabytes(its['peak'] - its['bare']):>5}   ratio {mine / its['peak']:.2f}  "
            f"{'pass' if passed else 'FAIL'}", flush=True)
    return failures


def megabytes(count):
    return f"{count / 1e6:.0f}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("networks", nargs="*", metavar="FILE:SHAPE")
    parser.add_argument("--rows", type=int, default=16)
    parser.add_argument("--rounds", type=int, default=3, help="processes of each kind; their median counts")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--otoscope", default=os.path.join(HERE, "../.build/release/otoscope"))
    parser.add_argument("--peers", default=os.path.join(HERE, "../../shared/peers/peers.py"))
    parser.add_argument("--models", default=os.path.join(HERE, "../../shared/models"))
    arguments = parser.parse_args()
    networks = [(os.path.join(arguments.models, network.file), network.shape) for network in NETWORKS]
    if arguments.networks:
        networks = []
        for text in arguments.networks:
            path, _, shape = text.rpartition(":")
            try:
                networks.append((path, tuple(int(extent) for extent in shape.split("x"))))
            except ValueError:
                parser.error(f"{text!r}: wanted is FILE:SHAPE, as net.onnx:3x224x224")
    failures = 0
    with tempfile.TemporaryDirectory(prefix="otoscope-memory-") as scratch:
        for path, shape in networks:
            try:
                failures += compare(os.path.abspath(arguments.otoscope), arguments, path, shape, scratch)
            except Failed as failure:
                failures += 1
                print(f"{os.path.basename(path):<28}{failure}", flush=True)
    print(f"{failures} failed" if failures else "all passed")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
