"""Networks that read a sequence of spectra, as PyTorch modules: recurrent, attentive and pooling."""
import math

import torch
import torch.nn.functional as F
from torch import nn


class CRNN(nn.Module):
    """Convolutions that keep time, a recurrent network in both directions, a score a frame: `[rows, 1, frames, bands]`
    to `[rows, frames, classes]`."""

    def __init__(self, kind="GRU", width=32, hidden=64, layers=2, bands=64, classes=10):
        super().__init__()
        self.blocks = nn.Sequential(*(
            nn.Sequential(
                nn.Conv2d(before, width, 3, padding=1), nn.BatchNorm2d(width), nn.ReLU(), nn.MaxPool2d((1, 4)))
            for before in (1, width, width)))
        self.memory = getattr(nn, kind)(
            width * (bands // 64), hidden, layers, batch_first=True, bidirectional=True)
        self.classes = nn.Linear(2 * hidden, classes)

    def forward(self, x):
        x = self.blocks(x).permute(0, 2, 1, 3)
        x = x.reshape(x.shape[0], x.shape[1], -1)
        return torch.sigmoid(self.classes(self.memory(x)[0]))


class SpectrogramTransformer(nn.Module):
    """An audio spectrogram transformer (Gong et al., 2021): overlapping patches, a class token, positions."""

    def __init__(self, width=96, depth=3, heads=4, patch=16, stride=10, picture=(64, 96), classes=10):
        super().__init__()
        places = math.prod((extent - patch) // stride + 1 for extent in picture)
        self.patches = nn.Conv2d(1, width, patch, stride)
        self.token = nn.Parameter(0.02 * torch.randn(1, 1, width))
        self.positions = nn.Parameter(0.02 * torch.randn(1, places + 1, width))
        layer = nn.TransformerEncoderLayer(
            width, heads, 4 * width, 0.1, "gelu", batch_first=True, norm_first=True)
        self.encoder = nn.TransformerEncoder(layer, depth, nn.LayerNorm(width), enable_nested_tensor=False)
        self.classes = nn.Linear(width, classes)

    def forward(self, x):
        x = self.patches(x).flatten(2).transpose(1, 2)
        x = torch.cat([self.token.expand(x.shape[0], -1, -1), x], 1) + self.positions
        return self.classes(self.encoder(x)[:, 0])


class ConformerBlock(nn.Module):
    """Half a feed-forward layer, attention, a gated depthwise convolution, the other half (Gulati et al., 2020)."""

    def __init__(self, width, heads, kernel):
        super().__init__()
        def feed_forward():
            return nn.Sequential(
                nn.LayerNorm(width), nn.Linear(width, 4 * width), nn.SiLU(), nn.Dropout(0.1),
                nn.Linear(4 * width, width), nn.Dropout(0.1))
        self.first, self.second = feed_forward(), feed_forward()
        self.before_attention = nn.LayerNorm(width)
        self.attention = nn.MultiheadAttention(width, heads, batch_first=True)
        self.before_convolution = nn.LayerNorm(width)
        self.convolution = nn.Sequential(
            nn.Conv1d(width, 2 * width, 1), nn.GLU(1),
            nn.Conv1d(width, width, kernel, padding=kernel // 2, groups=width), nn.BatchNorm1d(width), nn.SiLU(),
            nn.Conv1d(width, width, 1))
        self.after = nn.LayerNorm(width)

    def forward(self, x):
        x = x + 0.5 * self.first(x)
        y = self.before_attention(x)
        x = x + self.attention(y, y, y, need_weights=False)[0]
        x = x + self.convolution(self.before_convolution(x).transpose(1, 2)).transpose(1, 2)
        return self.after(x + 0.5 * self.second(x))


class Conformer(nn.Module):
    """A quarter of the frames by strided convolutions, then conformer blocks: `[rows, frames, bands]` to scores of each
    frame."""

    def __init__(self, width=64, depth=2, heads=4, kernel=15, bands=64, classes=30):
        super().__init__()
        self.fewer = nn.Sequential(
            nn.Conv2d(1, width, 3, 2), nn.ReLU(), nn.Conv2d(width, width, 3, 2), nn.ReLU())
        self.project = nn.Linear(width * (((bands - 1) // 2 - 1) // 2), width)
        self.blocks = nn.ModuleList(ConformerBlock(width, heads, kernel) for _ in range(depth))
        self.classes = nn.Linear(width, classes)

    def forward(self, x):
        x = self.fewer(x.unsqueeze(1)).transpose(1, 2).flatten(2)
        x = self.project(x)
        for block in self.blocks:
            x = block(x)
        return F.log_softmax(self.classes(x), -1)


class WhisperEncoder(nn.Module):
    """Two convolutions with GELU, sinusoids as positions, and attention written out: `[rows, bands, frames]`."""

    def __init__(self, width=64, depth=2, heads=4, bands=80, longest=1500):
        super().__init__()
        self.heads = heads
        self.first, self.second = nn.Conv1d(bands, width, 3, padding=1), nn.Conv1d(width, width, 3, 2, 1)
        self.blocks = nn.ModuleList(
            nn.ModuleDict({
                "norm": nn.LayerNorm(width), "query": nn.Linear(width, width),
                "key": nn.Linear(width, width, bias=False), "value": nn.Linear(width, width),
                "out": nn.Linear(width, width),
                "mlp": nn.Sequential(
                    nn.LayerNorm(width), nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width))})
            for _ in range(depth))
        self.norm = nn.LayerNorm(width)
        rates = torch.exp(-math.log(10000) / (width // 2 - 1) * torch.arange(width // 2))
        angles = torch.arange(longest)[:, None] * rates
        self.register_buffer("positions", torch.cat([angles.sin(), angles.cos()], 1))

    def forward(self, x):
        x = F.gelu(self.second(F.gelu(self.first(x)))).permute(0, 2, 1)
        x = x + self.positions[: x.shape[1]]
        for block in self.blocks:
            y = block["norm"](x)
            query, key, value = (block[name](y) for name in ("query", "key", "value"))
            rows, frames, width = query.shape
            def split(t):
                return t.view(rows, frames, self.heads, -1).permute(0, 2, 1, 3)
            scale = (width // self.heads) ** -0.25
            scores = (split(query) * scale) @ (split(key) * scale).transpose(-1, -2)
            mixed = scores.softmax(-1) @ split(value)
            x = x + block["out"](mixed.permute(0, 2, 1, 3).flatten(2))
            x = x + block["mlp"](x)
        return self.norm(x)


class SqueezeExcitation(nn.Module):
    def __init__(self, width, hidden):
        super().__init__()
        self.gate = nn.Sequential(nn.Conv1d(width, hidden, 1), nn.ReLU(), nn.Conv1d(hidden, width, 1), nn.Sigmoid())

    def forward(self, x):
        return x * self.gate(x.mean(2, keepdim=True))


class Res2Block(nn.Module):
    """Channels in groups, each convolved with what the one before gave; squeeze and excitation; around it a bypass."""

    def __init__(self, width, dilation, scale=4):
        super().__init__()
        self.scale, part = scale, width // scale
        def convolution(before, after, kernel, **more):
            return nn.Sequential(nn.Conv1d(before, after, kernel, **more), nn.ReLU(), nn.BatchNorm1d(after))
        self.first, self.last = convolution(width, width, 1), convolution(width, width, 1)
        self.parts = nn.ModuleList(
            convolution(part, part, 3, padding=dilation, dilation=dilation) for _ in range(scale - 1))
        self.excite = SqueezeExcitation(width, width // 4)

    def forward(self, x):
        parts = list(torch.chunk(self.first(x), self.scale, 1))
        results = [parts[0]]
        for part, layer in zip(parts[1:], self.parts):
            results.append(layer(part if len(results) == 1 else part + results[-1]))
        return x + self.excite(self.last(torch.cat(results, 1)))


class ECAPA(nn.Module):
    """The speaker embedding ECAPA-TDNN (Desplanques et al., 2020) of `[rows, bands, frames]`: res2net blocks, all of them
    joined, mean and deviation over time weighted by attention."""

    def __init__(self, width=128, bands=64, embedding=64):
        super().__init__()
        self.first = nn.Sequential(nn.Conv1d(bands, width, 5, padding=2), nn.ReLU(), nn.BatchNorm1d(width))
        self.blocks = nn.ModuleList(Res2Block(width, dilation) for dilation in (2, 3, 4))
        self.join = nn.Conv1d(3 * width, 3 * width, 1)
        self.attention = nn.Sequential(
            nn.Conv1d(9 * width, width // 2, 1), nn.ReLU(), nn.BatchNorm1d(width // 2), nn.Tanh(),
            nn.Conv1d(width // 2, 3 * width, 1))
        self.norm = nn.BatchNorm1d(6 * width)
        self.embedding = nn.Linear(6 * width, embedding)

    def forward(self, x):
        x = self.first(x)
        passed = []
        for block in self.blocks:
            x = block(x)
            passed.append(x)
        x = F.relu(self.join(torch.cat(passed, 1)))
        mean, deviation = x.mean(2, keepdim=True), torch.sqrt(x.var(2, keepdim=True).clamp(min=1e-4))
        frames = x.shape[2]
        context = torch.cat([x, mean.repeat(1, 1, frames), deviation.repeat(1, 1, frames)], 1)
        weights = torch.softmax(self.attention(context), 2)
        mean = (x * weights).sum(2)
        deviation = torch.sqrt(((x**2 * weights).sum(2) - mean**2).clamp(min=1e-4))
        return F.normalize(self.embedding(self.norm(torch.cat([mean, deviation], 1))), dim=1)
