"""Stands in for torchvision, which some peers import for its pictures or models only: its absence or another build must
not matter. Import before them."""
import sys
import types
from importlib.machinery import ModuleSpec

CONTENTS = {
    "torchvision": [], "torchvision.transforms": ["Compose", "Normalize", "ToTensor"],
    "torchvision.transforms.functional": ["resize"], "torchvision.models": [],
    "torchvision.models.resnet": ["Bottleneck", "BasicBlock", "ResNet"], "torchvision.models.vgg": ["VGG"],
}
for name, contents in CONTENTS.items():
    sys.modules[name] = types.ModuleType(name)
    sys.modules[name].__spec__ = ModuleSpec(name, None)
    for content in contents:
        setattr(sys.modules[name], content, type(content, (), {}))
