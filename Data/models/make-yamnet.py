#!/usr/bin/env python3
"""Writes the front end and the class names into YAMNet's ONNX file, as metadata.

  make-yamnet.py YAMNET.onnx YAMNET_CLASS_MAP.csv OUT.onnx        (needs the Python package onnx)
"""
import csv
import json
import sys

import onnx

source, classes, target = sys.argv[1:]
model = onnx.load(source)
with open(classes, newline="") as file:
    labels = [row["display_name"] for row in csv.DictReader(file)]
onnx.helper.set_model_props(
    model,
    {
        "otoscope.front_end": json.dumps({"preset": "yamnet"}),
        "otoscope.labels": json.dumps(labels),
        "source": "YAMNet, TensorFlow Models; weights Apache-2.0; class names CC-BY-4.0 (AudioSet ontology)",
    },
)
onnx.save(model, target)
