#!/usr/bin/env python3
"""Checks the networks that otoscope builds: valid ONNX, and the same outputs in ONNX Runtime and in PyTorch.

    OTOSCOPE_ARCHITECTURES=DIR swift test -c release --skip-build --filter ArchitectureFilesTests
    Benchmarks/architectures.py DIR [NAME.onnx ...] [--otoscope .build/release/otoscope]

For each file in DIR: onnx.checker with shape inference; the differences between `otoscope run` and ONNX Runtime, batches of 1
and 3 of noise, on logits and probabilities; and between ONNX Runtime and the PyTorch twins there are, in evaluation mode.
Fails above 1e-4, and above 1e-4 of the largest logit, as networks before training may make small ones. With OTOSCOPE_TRANSFER=FILE.onnx:FILE.onnx DIR also holds files with new heads. Wants onnx, onnxruntime, torch,
torchvision.
"""
import argparse
import json
import os
import subprocess
import sys
import tempfile

import numpy as np
import onnx
import onnxruntime
import torch

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "peers"))
from training_networks import twin  # noqa: E402

THREADS = 2
TWINS = ["sb-cnn", "vggish", "resnet-18"]


def input_shape(model, batch):
    """The first input's shape; what is open besides the batch is a second of samples, or 200 frames beside bands."""
    stored = {w.name for w in model.graph.initializer}
    value = next(v for v in model.graph.input if v.name not in stored)
    dims = value.type.tensor_type.shape.dim
    length = 200 if any(d.dim_value > 1 for d in dims[1:]) else 16000
    return value.name, [batch] + [d.dim_value or length for d in dims[1:]]


def check(path, otoscope):
    model = onnx.load(path)
    onnx.checker.check_model(path, full_check=True)
    # Logits, too: probabilities hide differences.
    wanted = ["logits", "probabilities"]
    whole = onnx.load(path)
    whole.graph.output.append(onnx.helper.make_tensor_value_info("logits", onnx.TensorProto.FLOAT, None))
    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads = THREADS
    session = onnxruntime.InferenceSession(
        whole.SerializeToString(), settings, providers=["CPUExecutionProvider"])
    worst = {}
    for batch in (1, 3):
        name, shape = input_shape(model, batch)
        x = np.random.default_rng(batch).standard_normal(shape).astype(np.float32)
        theirs = dict(zip(wanted, session.run(wanted, {name: x})))
        with tempfile.TemporaryDirectory() as folder:
            np.save(f"{folder}/x.npy", x)
            arguments = [argument for tensor in wanted for argument in ("--tensor", tensor)]
            subprocess.run([otoscope, "run", path, f"{folder}/x.npy", *arguments, "-o", f"{folder}/y.npz"], check=True)
            ours = np.load(f"{folder}/y.npz")
            for tensor in wanted:
                assert ours[tensor].shape == theirs[tensor].shape, (path, tensor)
                difference = float(np.abs(ours[tensor] - theirs[tensor]).max())
                worst[tensor] = max(worst.get(tensor, 0), difference)
        twin_name = os.path.basename(path).removesuffix(".onnx")
        if twin_name in TWINS:
            with torch.no_grad():
                made = twin(twin_name, path).eval()(torch.from_numpy(x)).numpy()
            worst["twin"] = max(worst.get("twin", 0), float(np.abs(made - theirs["logits"]).max()))
        largest = float(np.abs(theirs["logits"]).max())
        worst["largest logit"] = max(worst.get("largest logit", 0), largest)
        relative = float(np.abs(ours["logits"] - theirs["logits"]).max()) / largest
        worst["of largest"] = max(worst.get("of largest", 0), relative)
    return worst


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("names", nargs="*", help="files in it; all without")
    parser.add_argument("--otoscope", default=".build/release/otoscope")
    options = parser.parse_args()
    torch.set_num_threads(THREADS)
    failed = False
    for name in options.names or sorted(os.listdir(options.folder)):
        if not name.endswith(".onnx"):
            continue
        worst = check(os.path.join(options.folder, name), options.otoscope)
        bad = any(worst[key] > 1e-4 for key in worst if key != "largest logit")
        failed |= bad
        print(json.dumps({"file": name, **{key: float(f"{value:.2g}") for key, value in worst.items()}, "ok": not bad}), flush=True)
    sys.exit(failed)


if __name__ == "__main__":
    main()
