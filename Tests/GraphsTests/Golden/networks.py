#!/usr/bin/env python3
"""Makes the golden networks of exporters: narrow versions of Benchmarks/peers/zoo, as both exporters of PyTorch write
them.

  networks.py [NAME ...]       (wants torch, torchvision, onnx, onnxscript and onnxruntime; made with torch 2.13, onnx
                                1.23, onnxruntime 1.31)

Writes NAME.torchscript.onnx, NAME.dynamo.onnx or both, and NAME.npz with
  x, or x0, x1    two rows of the inputs
  y               the result, as PyTorch computes it in double precision; ONNX Runtime's is compared with it here
  gradient        of element `element` of each row of y with respect to the first input, likewise
Rows are taken whose gradient does not hang on rounding. keras_networks.py beside the zoo, with --small, makes those by
Keras: NAME.keras.onnx and NAME.keras.npz.
"""
import os
import sys

import numpy as np
import onnx
import onnxruntime
import torch

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../../../Benchmarks/peers"))
import exports  # noqa: E402
from zoo import CATALOGUE  # noqa: E402

# What tells most for its size, a megabyte in all: where both exporters write much the same, the later one only.
NAMES = {name: CATALOGUE[name].exporters for name in (
    "cnn14", "attention-tagger", "unet-bilinear", "tcn", "mel-inside", "stft-inside", "wav2vec", "conv-tasnet", "crnn-gru",
    "crnn-lstm", "ast", "conformer", "whisper", "ecapa")}
NAMES |= {name: ("dynamo",) for name in ("mobilenet-v3-small", "unet-transposed", "siamese", "demucs", "swin")}


def without_notes(path):
    """Drops what exporters tell people: stack traces, types of inner tensors."""
    model = onnx.load(path)
    del model.graph.value_info[:]
    del model.graph.metadata_props[:]
    for node in model.graph.node:
        node.doc_string = ""
        del node.metadata_props[:]
    onnx.save(model, path)


def make(name):
    architecture = CATALOGUE[name]
    shapes = architecture.small_inputs
    module = exports.trained(architecture.small, shapes)
    arrays = exports.facts(module, architecture, shapes, count=2)
    inputs = {name: arrays[name] for name in exports.input_names(architecture)}
    for exporter in NAMES[name]:
        path = os.path.join(HERE, f"{name}.{exporter}.onnx")
        exports.export(module, architecture, shapes, exporter, path)
        without_notes(path)
    with torch.no_grad():
        arrays["y"] = module.double()(*(torch.from_numpy(x).double() for x in inputs.values())).float().numpy()
    for exporter in NAMES[name]:
        path = os.path.join(HERE, f"{name}.{exporter}.onnx")
        theirs = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"]).run(None, inputs)[0]
        np.testing.assert_allclose(theirs, arrays["y"], rtol=1e-3, atol=1e-4 * np.abs(arrays["y"]).max())
        print(f"{name}.{exporter}: {os.path.getsize(path)} bytes, change {arrays['change'].max():.1e}")
    wanted = {name: np.float32(arrays[name]) for name in [*inputs, "y", "gradient", "element"]}
    np.savez_compressed(os.path.join(HERE, f"{name}.npz"), **wanted)


for name in sys.argv[1:] or NAMES:
    make(name)
