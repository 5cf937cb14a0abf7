#!/usr/bin/env python3
"""Whether evaluating three small networks takes more instructions than it did: the same whatever else the machine does.

    python Benchmarks/regressions.py .build/release/otoscope            # compares with regressions.json; fails beyond 3 %
    python Benchmarks/regressions.py .build/release/otoscope --keep     # writes what is measured there

Needs NumPy and valgrind (Debian's). Counts with callgrind, on one thread, with oneDNN's kernels for AVX2, which valgrind
knows: many rows less few, in runs of the same size, so that starting, reading and compiling drop out."""
import argparse, json, os, re, subprocess, sys, tempfile
import numpy as np

FOLDER = os.path.dirname(os.path.abspath(__file__))
REFERENCE = f"{FOLDER}/regressions.json"
GOLDEN = f"{FOLDER}/../Tests/GraphsTests/Golden"
NOISE = .03  # compilers and libraries of other versions differ by about that


# Each with the shape of a row.
NETWORKS = {"mobilenet-v3-small.dynamo": (1, 24, 100), "crnn-gru.torchscript": (1, 100, 64), "ast.torchscript": (1, 20, 26)}


def instructions(arguments):
    with tempfile.NamedTemporaryFile() as counts:
        # With the last three set the program does not start itself anew, which valgrind cannot follow.
        environment = {**os.environ, "ONEDNN_MAX_CPU_ISA": "AVX2", "SWIFT_DETERMINISTIC_HASHING": "1",
                       "OMP_WAIT_POLICY": "passive", "MALLOC_MMAP_THRESHOLD_": "4194304", "MALLOC_TRIM_THRESHOLD_": "16777216"}
        result = subprocess.run(
            ["valgrind", "--tool=callgrind", f"--callgrind-out-file={counts.name}", OTOSCOPE, *arguments], env=environment,
            capture_output=True, text=True)
        if result.returncode:
            sys.exit(f"{' '.join(arguments)}: {result.stderr[-400:]}")
        return int(re.search(r"Collected : (\d+)", result.stderr).group(1))


def measured():
    counts = {}
    with tempfile.TemporaryDirectory() as folder:
        for name, row in NETWORKS.items():
            path = f"{GOLDEN}/{name}.onnx"
            for what, few, many, verb in (("forward", 32, 96, ["run"]), ("saliency", 16, 48, ["attribute", "--method", "saliency", "--target", "0"])):
                numbers = []
                for rows in (few, many):
                    array = f"{folder}/{rows}.npy"
                    np.save(array, np.random.default_rng(0).normal(size=(rows, *row)).astype(np.float32))
                    numbers.append(instructions([verb[0], path, array, *verb[1:], "--threads", "1", "-o", f"{folder}/out.npz"]))
                counts[f"{name} {what}"] = (numbers[1] - numbers[0]) // (many - few)
    return counts


def main():
    global OTOSCOPE
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("otoscope"); parser.add_argument("--keep", action="store_true")
    arguments = parser.parse_args()
    OTOSCOPE = os.path.abspath(arguments.otoscope)
    counts = measured()
    if arguments.keep:
        with open(REFERENCE, "w") as file:
            json.dump(counts, file, indent=1); file.write("\n")
    with open(REFERENCE) as file:
        reference = json.load(file)
    worse = 0
    for name, count in counts.items():
        change = count / reference[name] - 1
        worse += change > NOISE
        print(f"{name:40} {count:12,} instructions a row, {100 * change:+.1f} %{'  MORE' if change > NOISE else ''}")
    sys.exit(worse > 0)


if __name__ == "__main__":
    main()
