#!/usr/bin/env python3
"""Makes cases.npz: small random models of every operator, and what ONNX Runtime and finite differences make of them.

  cases.py [OPERATOR ...]     (wants numpy, onnx, onnxruntime; made with onnx 1.23, onnxruntime 1.31)

With operators named, tries these and writes nothing. Models that ONNX Runtime refuses, or whose gradient cannot be
told, are made again with another seed, and printed. In cases.npz:
  models          the bytes of all models, one after another
  numbers         all arrays, one after another, as float32 (their four bytes apart: rows 0 to 3)
  index           UTF-8, a line for each case, of the fields (between tabs)
                    operator, opset, bytes of the model, what it says,
                    inputs as name:extents, seeds and outputs as name:extents:whole or :real,
                    gradients as output>input:extents, lists separated by blanks
The arrays of a case follow in the order of its line: inputs; for each output its value and, if it is real and there are
gradients, its seed; gradients of Σ seed · output with respect to inputs, each from central differences in float64.
"""
import collections
import os
import sys
import zlib

import numpy as np
import onnx

from operators import differences, registry

ATTEMPTS = 12
# Whether ONNX's own reference tells what ONNX Runtime has no kernel for.
TAKES_REFERENCE = False


class Refused(Exception):
    pass


def checked(model):
    """The model's bytes, and its outputs by name."""
    proto = model.proto()
    try:
        session = differences.session(proto)
        names = [o.name for o in session.get_outputs()]
        outputs = dict(zip(names, session.run(names, model.inputs)))
    except Exception as error:
        if not (TAKES_REFERENCE and "NOT_IMPLEMENTED" in str(error)):
            raise Refused(f"ONNX Runtime: {str(error)[:140]}")
        names = [o.name for o in proto.graph.output]
        try:
            outputs = dict(zip(names, differences.ReferenceEvaluator(proto, new_ops=differences.OPERATORS).run(names, model.inputs)))
        except Exception as error:
            raise Refused(f"ONNX's reference: {str(error)[:140]}")
    for value in outputs.values():
        if value.size == 0 or not np.all(np.isfinite(value.astype(np.float64))):
            raise Refused("its output is empty or not finite")
    return proto, outputs


def seeds_for(outputs, random):
    return {
        name: ((2 * random.integers(-16, 16, value.shape) + 1) / 32).astype(np.float32)
        for name, value in outputs.items() if value.dtype == np.float32}


def build(kind, make, opset, seed):
    """One case: its line without the arrays' places, and its arrays."""
    random = np.random.default_rng(seed)
    from operators.model import Model
    model = Model(kind, opset, random)
    make(model)
    if not model.inputs:
        raise Refused("it has no input")
    proto, outputs = checked(model)
    gradients, seeds = {}, {}
    floats = [n for n, v in model.inputs.items() if v.dtype == np.float32]
    if model.differentiable and floats and any(v.dtype == np.float32 for v in outputs.values()):
        seeds = seeds_for(outputs, random)
        gradients = differences.gradients(proto, model.inputs, outputs, seeds)
    return proto, model, outputs, seeds, gradients


def words(name, value, *rest):
    return ":".join([name, ",".join(map(str, value.shape)), *rest])


class Archive:
    def __init__(self):
        self.lines, self.models, self.numbers = [], [], []

    def add(self, proto, model, outputs, seeds, gradients):
        data = proto.SerializeToString()
        inputs, results, slopes = [], [], []
        for name, value in model.inputs.items():
            inputs.append(words(name, value))
            self.numbers.append(value)
        for name, value in outputs.items():
            results.append(words(name, value, "real" if value.dtype in (np.float32, np.float64) else "whole"))
            self.numbers.append(value)
            if name in seeds:
                results[-1] += ":seeded"
                self.numbers.append(seeds[name])
        for output, found in gradients.items():
            for name, value in found.items():
                slopes.append(words(f"{output}>{name}", value))
                self.numbers.append(value)
        said = " ".join(model.words)
        fields = [model.kind, model.opset, len(data), said, " ".join(inputs), " ".join(results), " ".join(slopes)]
        self.lines.append("\t".join(map(str, fields)))
        self.models.append(data)

    def save(self, path):
        numbers = np.concatenate([np.asarray(n, np.float32).reshape(-1) for n in self.numbers])
        planes = np.ascontiguousarray(numbers.view(np.uint8).reshape(-1, 4).T)
        text = lambda data: np.frombuffer(data, np.uint8)
        np.savez_compressed(
            path, index=text("\n".join(self.lines).encode()), models=text(b"".join(self.models)), numbers=planes)
        print(f"{len(self.lines)} cases, {numbers.size} numbers, {sum(map(len, self.models))} bytes of models, "
              f"{os.path.getsize(path)} bytes written")


def main(wanted, path="cases.npz"):
    archive, refused = Archive(), collections.Counter()
    for kind in sorted(registry.makers):
        if wanted and kind not in wanted:
            continue
        made = 0
        for place, (make, count, opsets) in enumerate(registry.makers[kind]):
            for index in range(count):
                for attempt in range(ATTEMPTS):
                    seed = [zlib.crc32(kind.encode()), place, index, attempt]
                    versions = opsets[index % len(opsets)]
                    opset = int(np.random.default_rng(seed).choice(versions))
                    try:
                        archive.add(*build(kind, make, opset, seed))
                        made += 1
                        break
                    except (Refused, differences.Unevaluable, differences.Kink) as error:
                        refused[f"{kind} {opset}: {type(error).__name__} {error}"] += 1
        print(f"{kind}: {made}", flush=True)
    for reason, count in sorted(refused.items()):
        print(f"dropped {count} of {reason}")
    if not wanted:
        archive.save(os.path.join(os.path.dirname(os.path.abspath(__file__)), path))


if __name__ == "__main__":
    main(sys.argv[1:])
