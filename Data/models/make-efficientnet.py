#!/usr/bin/env python3
"""Writes into EfficientNet-Lite0's ONNX file how it looks at pictures, and the names of its classes, as metadata.

  make-efficientnet.py EFFICIENTNET_LITE0.onnx OUT.onnx        (needs the Python packages onnx and torchvision)
"""
import json
import sys

import onnx
from torchvision.models._meta import _IMAGENET_CATEGORIES

source, target = sys.argv[1:]
model = onnx.load(source)
assert len(_IMAGENET_CATEGORIES) == 1000
onnx.helper.set_model_props(
    model,
    {
        # (byte - 127) / 128, red first: see ImageScaling.
        "otoscope.image": json.dumps({"scaling": "efficientnet-lite"}),
        "otoscope.labels": json.dumps(list(_IMAGENET_CATEGORIES)),
        "source": "EfficientNet-Lite0, TensorFlow; weights Apache-2.0; class names as in torchvision (BSD-3-Clause)",
    },
)
onnx.save(model, target)
