"""Networks that look at a spectrogram, as PyTorch modules. All take channels first: `[rows, 1, bands, frames]`, or
`[rows, 1, frames, bands]` where the published network does."""
import torch
import torch.nn.functional as F
from torch import nn


try:
    import torchvision
except RuntimeError:
    # One built for a GPU cannot load its own kernels beside a PyTorch for CPUs; the models here use none of them.
    KERNELS = torch.library.Library("torchvision", "FRAGMENT")
    for kernel in ("nms", "qnms"):
        KERNELS.define(f"{kernel}(Tensor boxes, Tensor scores, float threshold) -> Tensor")
    import torchvision
from torchvision import models
from torchvision.models.convnext import CNBlockConfig, ConvNeXt
from torchvision.models.efficientnet import EfficientNet, MBConvConfig
from torchvision.models.mobilenetv3 import InvertedResidualConfig, MobileNetV3


def one_channel(model, classes=10):
    """The model with a first convolution for one channel, and `classes` results."""
    for name, module in model.named_modules():
        if isinstance(module, nn.Conv2d):
            parent = model.get_submodule(name.rpartition(".")[0])
            first = nn.Conv2d(1, module.out_channels, module.kernel_size, module.stride, module.padding,
                              bias=module.bias is not None)
            setattr(parent, name.rpartition(".")[2], first)
            break
    last, module = [(name, module) for name, module in model.named_modules() if isinstance(module, nn.Linear)][-1]
    parent = model.get_submodule(last.rpartition(".")[0])
    setattr(parent, last.rpartition(".")[2], nn.Linear(module.in_features, classes))
    return model


def named(name, **settings):
    """A model of torchvision, for one channel and 10 classes."""
    return lambda: one_channel(getattr(models, name)(**settings))


def smooth(make):
    """The model with ELUs for rectifiers, whose slope has no jumps: its gradient does not hang on rounding."""
    def made():
        model = make()
        for name, module in list(model.named_modules()):
            if isinstance(module, nn.ReLU):
                setattr(model.get_submodule(name.rpartition(".")[0]), name.rpartition(".")[2], nn.ELU())
        return model
    return made


def vgg11_bn():
    """With a narrow classifier, as the published one is half a gigabyte; the pooling to 7 x 7 of smaller maps than that is
    what it is for anything but photographs."""
    model = models.vgg11_bn()
    model.classifier = nn.Sequential(nn.Linear(25088, 256), nn.ReLU(), nn.Dropout(), nn.Linear(256, 10))
    return one_channel(model)


def small_mobilenet_v3():
    """Squeeze and excitation, hard swish and hard sigmoid, in three narrow blocks."""
    block = InvertedResidualConfig
    blocks = [block(8, 3, 8, 8, True, "RE", 2, 1, 1), block(8, 5, 16, 8, True, "HS", 2, 1, 1),
              block(8, 5, 16, 8, True, "HS", 1, 1, 1)]
    return one_channel(MobileNetV3(blocks, 24, num_classes=10))


def small_efficientnet():
    blocks = [MBConvConfig(1, 3, 1, 8, 8, 1), MBConvConfig(4, 5, 2, 8, 12, 2)]
    return one_channel(EfficientNet(blocks, 0.2, last_channel=32, num_classes=10))


def convnext(blocks):
    """Normalization over channels brought behind, GELU, a scale for each layer."""
    return one_channel(ConvNeXt([CNBlockConfig(*block) for block in blocks]))


def swin(width=24, depths=(2, 2), heads=(2, 4), window=(4, 4)):
    """The Swin transformer, as HTS-AT has it: attention in shifted windows."""
    model = models.SwinTransformer([4, 4], width, list(depths), list(heads), list(window), num_classes=10)
    return one_channel(model)


class VGGish(nn.Module):
    """The AudioSet embedding: 96 frames of 64 bands; flattened channels last, as TensorFlow does."""

    def __init__(self, channels=(64, 128, 256, 256, 512, 512), hidden=4096, embedding=128):
        super().__init__()
        c = channels
        layers = []
        for before, after, pools in zip((1, *c), c, (1, 1, 0, 1, 0, 1)):
            layers += [nn.Conv2d(before, after, 3, padding=1), nn.ReLU()] + [nn.MaxPool2d(2, 2)] * pools
        self.features = nn.Sequential(*layers)
        self.embedding = nn.Sequential(
            nn.Linear(6 * 4 * c[-1], hidden), nn.ReLU(), nn.Linear(hidden, hidden), nn.ReLU(),
            nn.Linear(hidden, embedding))
        for module in self.modules():
            if isinstance(module, (nn.Conv2d, nn.Linear)):
                nn.init.kaiming_normal_(module.weight, nonlinearity="relu")

    def forward(self, x):
        return self.embedding(self.features(x).permute(0, 2, 3, 1).flatten(1))


class CNN14(nn.Module):
    """PANNs' tagger (Kong et al., 2020): normalized bands, pairs of convolutions, maximum and mean over time.

    With `attention`, the clip's score is a mean of the frames' weighted by attention (DecisionLevelAttention)."""

    def __init__(self, channels=(32, 64, 128, 256, 512, 1024), bands=64, classes=10, attention=False):
        super().__init__()
        self.normalize = nn.BatchNorm2d(bands)
        self.blocks = nn.ModuleList(
            nn.Sequential(
                nn.Conv2d(before, after, 3, padding=1, bias=False), nn.BatchNorm2d(after), nn.ReLU(),
                nn.Conv2d(after, after, 3, padding=1, bias=False), nn.BatchNorm2d(after), nn.ReLU())
            for before, after in zip((1, *channels), channels))
        last = channels[-1]
        self.hidden = nn.Linear(last, last)
        self.attention = nn.Conv1d(last, classes, 1) if attention else None
        self.classes = nn.Conv1d(last, classes, 1) if attention else nn.Linear(last, classes)

    def forward(self, x):
        x = self.normalize(x.transpose(1, 3)).transpose(1, 3)
        for index, block in enumerate(self.blocks):
            x = block(x)
            if index < len(self.blocks) - 1:
                x = F.avg_pool2d(x, 2)
            x = F.dropout(x, 0.2, self.training)
        x = x.mean(3)
        if self.attention is None:
            x = x.max(2).values + x.mean(2)
            return torch.sigmoid(self.classes(F.relu(self.hidden(x))))
        x = F.max_pool1d(x, 3, 1, 1) + F.avg_pool1d(x, 3, 1, 1)
        x = F.relu(self.hidden(x.transpose(1, 2))).transpose(1, 2)
        weights = torch.softmax(torch.tanh(self.attention(x)), -1)
        return (weights * torch.sigmoid(self.classes(x))).sum(2)


class UNet(nn.Module):
    """A mask for a spectrogram (Jansson et al., 2017): strided convolutions down, up again beside what was on the way.

    `up`: "transposed" convolutions, or "bilinear" stretching to the size of what is beside."""

    def __init__(self, channels=(16, 32, 64, 128), up="transposed"):
        super().__init__()
        self.up = up
        def block(before, after, kernel, *more):
            return nn.Sequential(
                nn.Conv2d(before, after, kernel, *more, bias=False), nn.BatchNorm2d(after), nn.LeakyReLU(0.2))
        self.down = nn.ModuleList(block(a, b, 5, 2, 2) for a, b in zip((1, *channels), channels))
        turned = channels[::-1]
        after = (*turned[1:], channels[0])
        before = (turned[0], *(2 * c for c in turned[1:]))
        if up == "transposed":
            self.raise_ = nn.ModuleList(
                nn.Sequential(
                    nn.ConvTranspose2d(b, a, 5, 2, 2, output_padding=1), nn.BatchNorm2d(a), nn.ReLU(),
                    nn.Dropout2d(0.5))
                for b, a in zip(before, after))
        else:
            self.raise_ = nn.ModuleList(block(b, a, 3, 1, 1) for b, a in zip(before, after))
        self.mask = nn.Conv2d(after[-1], 1, 1)

    def forward(self, x):
        passed, y = [], x
        for layer in self.down:
            passed.append(y)
            y = layer(y)
        for depth, (layer, beside) in enumerate(zip(self.raise_, passed[::-1])):
            if self.up != "transposed":
                y = F.interpolate(y, beside.shape[-2:], mode="bilinear", align_corners=False)
            y = layer(y)
            if depth < len(self.down) - 1:
                y = torch.cat([y, beside], 1)
        return torch.sigmoid(self.mask(y)) * x


class Siamese(nn.Module):
    """TL-IMINET: an imitation and a recording, a tower each, and one score."""

    def __init__(self, widths=(48, 24), hidden=108):
        super().__init__()
        a, b = widths
        def tower(channels, kernel, pools):
            layers = []
            for before, after, pool in zip((1, *channels), channels, pools):
                layers += [nn.Conv2d(before, after, kernel), nn.BatchNorm2d(after, eps=0.001), nn.ReLU()]
                layers += [nn.MaxPool2d(pool)] if pool else []
            return nn.Sequential(*layers, nn.Flatten())
        self.imitation = tower((a, a, a), 6, ((2, 2), (2, 2), (1, 2)))
        self.recording = tower((b, 2 * b, 2 * b), 5, ((2, 4), (2, 4), None))
        self.score = nn.Sequential(nn.LazyLinear(hidden), nn.ReLU(), nn.Linear(hidden, 1))

    def forward(self, imitation, recording):
        return torch.sigmoid(self.score(torch.cat([self.imitation(imitation), self.recording(recording)], 1)))
