#!/usr/bin/env python3
"""ResNet-50 for pictures of 3 x 224 x 224 and VGGish for patches of 1 x 96 x 64, with random weights, for methods.py.

    large_networks.py FOLDER        writes FOLDER/resnet50.onnx and FOLDER/vggish.onnx
"""
import os
import sys

import onnx
import torch
from torch import nn

from zoo.pictures import models


class VGGish(nn.Module):
    """Hershey et al., 2017, with the embedding as the result."""

    def __init__(self):
        super().__init__()
        layers, channels = [], 1
        for width in [64, None, 128, None, 256, 256, None, 512, 512, None]:
            if width is None:
                layers.append(nn.MaxPool2d(2, 2))
            else:
                layers += [nn.Conv2d(channels, width, 3, padding=1), nn.ReLU()]
                channels = width
        self.features = nn.Sequential(*layers)
        self.head = nn.Sequential(nn.Linear(512 * 4 * 6, 4096), nn.ReLU(), nn.Linear(4096, 4096), nn.ReLU(),
                                  nn.Linear(4096, 128))

    def forward(self, x):
        return self.head(self.features(x).permute(0, 2, 3, 1).flatten(1))


def without_shared_biases(model):
    """The exporter writes equal biases once and hands them on by Identity, which peers.py does not follow."""
    constants = {tensor.name for tensor in model.graph.initializer}
    names = {node.output[0]: node.input[0] for node in model.graph.node
             if node.op_type == "Identity" and node.input[0] in constants}
    nodes = [node for node in model.graph.node if node.output[0] not in names]
    for node in nodes:
        node.input[:] = [names.get(name, name) for name in node.input]
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    return model


def main():
    torch.manual_seed(0)
    for name, module, shape in [("resnet50", models.resnet50(), (2, 3, 224, 224)), ("vggish", VGGish(), (2, 1, 96, 64))]:
        path = os.path.join(sys.argv[1], f"{name}.onnx")
        torch.onnx.export(module.eval(), torch.randn(shape), path, input_names=["x"], output_names=["logits"],
                          dynamic_axes={"x": {0: "N"}, "logits": {0: "N"}}, opset_version=17, dynamo=False)
        onnx.save(without_shared_biases(onnx.load(path)), path)


if __name__ == "__main__":
    main()
