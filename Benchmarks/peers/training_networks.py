"""PyTorch twins of networks that otoscope builds, with the weights of an ONNX file, for comparing training.

    from training_networks import twin
    network = twin("sb-cnn", "sb-cnn.onnx")        # torch.nn.Module: [N, 1, frames, bands] -> logits

Weights are read by name, so that both begin alike; dropouts are modules, batch normalizations have the file's epsilon and
momentum. The network gives logits. Checked against ONNX Runtime by Benchmarks/architectures.py.
"""
import onnx
import torch
from onnx import numpy_helper
from torch import nn


class SBCNN(nn.Module):
    def __init__(self, classes, frames, bands, channels=1):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, 24, 5)
        self.conv2 = nn.Conv2d(24, 48, 5)
        self.conv3 = nn.Conv2d(48, 48, 5)
        self.pool = nn.MaxPool2d((4, 2))
        self.dropout1, self.dropout2 = nn.Dropout(0.5), nn.Dropout(0.5)

        def places(extent, pool):
            return ((extent - 4) // pool - 4) // pool - 4

        self.fc1 = nn.Linear(48 * places(frames, 4) * places(bands, 2), 64)
        self.fc2 = nn.Linear(64, classes)

    def forward(self, x):
        x = self.pool(torch.relu(self.conv1(x)))
        x = self.pool(torch.relu(self.conv2(x)))
        x = torch.relu(self.conv3(x)).flatten(1)
        x = torch.relu(self.fc1(self.dropout1(x)))
        return self.fc2(self.dropout2(x))


class VGGish(nn.Module):
    def __init__(self, classes, frames, bands, channels=1):
        super().__init__()
        self.blocks = []
        for block, counts in enumerate([[64], [128], [256, 256], [512, 512]], 1):
            names = [f"conv{block}"] if len(counts) == 1 else [f"conv{block}_{place}" for place in (1, 2)]
            for name, count in zip(names, counts):
                setattr(self, name, nn.Conv2d(channels, count, 3, padding=1))
                channels = count
            self.blocks.append(names)
        self.pool = nn.MaxPool2d(2, ceil_mode=True)
        for _ in self.blocks:
            frames, bands = -(-frames // 2), -(-bands // 2)
        self.fc1_1 = nn.Linear(channels * frames * bands, 4096)
        self.fc1_2 = nn.Linear(4096, 4096)
        self.fc2 = nn.Linear(4096, 128)
        self.classifier = nn.Linear(128, classes)

    def forward(self, x):
        for names in self.blocks:
            for name in names:
                x = torch.relu(getattr(self, name)(x))
            x = self.pool(x)
        x = torch.relu(self.fc1_1(x.flatten(1)))
        x = torch.relu(self.fc1_2(x))
        return self.classifier(torch.relu(self.fc2(x)))


def resnet18(classes, channels=1):
    import torchvision

    network = torchvision.models.resnet18(num_classes=classes)
    network.conv1 = nn.Conv2d(channels, 64, 7, stride=2, padding=3, bias=False)
    return network


def twin(name, onnx_path):
    """The network `name` (sb-cnn, vggish, resnet-18) with the weights of the file, in training mode."""
    graph = onnx.load(onnx_path).graph
    weights = {w.name: numpy_helper.to_array(w) for w in graph.initializer}
    _, channels, frames, bands = (d.dim_value for d in graph.input[0].type.tensor_type.shape.dim)
    if name == "sb-cnn":
        network = SBCNN(weights["fc2.weight"].shape[0], frames, bands, channels)
    elif name == "vggish":
        network = VGGish(weights["classifier.weight"].shape[0], frames, bands, channels)
    elif name == "resnet-18":
        network = resnet18(weights["fc.weight"].shape[0], channels)
    else:
        raise ValueError(f"no twin of {name}")
    state = network.state_dict()
    for key in state:
        if not key.endswith("num_batches_tracked"):
            state[key] = torch.from_numpy(weights[key].copy())
    network.load_state_dict(state)
    for node in graph.node:
        if node.op_type == "BatchNormalization":
            module = network.get_submodule(node.output[0])
            attributes = {a.name: a.f for a in node.attribute}
            module.eps, module.momentum = attributes["epsilon"], 1 - attributes["momentum"]
    return network.train()
