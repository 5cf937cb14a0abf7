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
        # A value is (byte - mean) / deviation, of bytes from 0 to 255.
        "otoscope.picture": json.dumps({"colours": "rgb", "mean": [127, 127, 127], "deviation": [128, 128, 128]}),
        "otoscope.labels": json.dumps(list(_IMAGENET_CATEGORIES)),
        "source": "EfficientNet-Lite0, TensorFlow; weights Apache-2.0; class names as in torchvision (BSD-3-Clause)",
    },
)
onnx.save(model, target)
