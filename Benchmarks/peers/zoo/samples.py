"""Networks that take samples, as PyTorch modules: `[rows, 1, samples]` or `[rows, samples]`."""
import math

import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.utils.parametrizations import weight_norm


class M5(nn.Module):
    """Very deep convolutional networks for raw waveforms (Dai et al., 2017)."""

    def __init__(self, width=128, classes=10):
        super().__init__()
        def block(before, after, kernel, stride=1):
            return nn.Sequential(
                nn.Conv1d(before, after, kernel, stride), nn.BatchNorm1d(after), nn.ReLU(), nn.MaxPool1d(4))
        w = width
        self.blocks = nn.Sequential(
            block(1, w, 80, 4), block(w, w, 3), block(w, 2 * w, 3), block(2 * w, 4 * w, 3))
        self.classes = nn.Linear(4 * w, classes)

    def forward(self, x):
        x = self.blocks(x)
        x = F.avg_pool1d(x, x.shape[-1]).permute(0, 2, 1)
        return F.log_softmax(self.classes(x), dim=2)


class CREPE(nn.Module):
    """A pitch from 1024 samples (Kim et al., 2018), in torchcrepe's form: padded as TensorFlow pads."""

    def __init__(self, width=4, kernel=512, pitches=360):
        super().__init__()
        channels = [1] + [width * c for c in (32, 4, 4, 4, 8, 16)]
        kernels = [kernel] + [kernel // 8] * 5
        self.pads = [(kernel // 2 - 2, kernel // 2 - 2)] + [((k - 1) // 2, k // 2) for k in kernels[1:]]
        self.layers = nn.ModuleList(
            nn.Conv2d(a, b, (k, 1), (4 if i == 0 else 1, 1))
            for i, (a, b, k) in enumerate(zip(channels, channels[1:], kernels)))
        self.normalize = nn.ModuleList(nn.BatchNorm2d(c, eps=0.001, momentum=0) for c in channels[1:])
        self.pitch = nn.Linear(4 * channels[-1], pitches)

    def forward(self, x):
        x = x - x.mean(1, keepdim=True)
        x = x / torch.clamp(x.std(1, keepdim=True), min=1e-10)
        x = x[:, None, :, None]
        for layer, normalize, pad in zip(self.layers, self.normalize, self.pads):
            x = F.max_pool2d(normalize(F.relu(layer(F.pad(x, (0, 0, *pad))))), (2, 1), (2, 1))
        x = x.permute(0, 2, 1, 3).reshape(-1, self.pitch.in_features)
        return torch.sigmoid(self.pitch(x))


class TCN(nn.Module):
    """A temporal convolutional network (Bai et al., 2018): causal, dilated, normalized weights, residual."""

    def __init__(self, width=64, depth=6, classes=10, kernel=3):
        super().__init__()
        self.layers = nn.ModuleList()
        for index in range(depth):
            pad = (kernel - 1) * 2**index
            before = 1 if index == 0 else width
            self.layers.append(nn.ModuleDict({
                "first": weight_norm(nn.Conv1d(before, width, kernel, padding=pad, dilation=2**index)),
                "second": weight_norm(nn.Conv1d(width, width, kernel, padding=pad, dilation=2**index)),
                "beside": nn.Conv1d(before, width, 1) if index == 0 else nn.Identity()}))
        self.classes = nn.Linear(width, classes)

    def forward(self, x):
        for index, layer in enumerate(self.layers):
            cut = layer["first"].padding[0]
            y = F.relu(layer["first"](x)[:, :, :-cut].contiguous())
            y = F.relu(layer["second"](y)[:, :, :-cut].contiguous())
            x = F.relu(y + layer["beside"](x))
        return self.classes(x[:, :, -1])


class SpectrumInside(nn.Module):
    """A front end in the graph: the Fourier transform as a convolution (nnAudio's way) or as `torch.stft`, mel bands as
    a matrix product, decibels; then a small tagger."""

    def __init__(self, size=512, hop=160, bands=64, width=32, classes=10, transform="convolution"):
        super().__init__()
        self.size, self.hop, self.transform = size, hop, transform
        n, k = torch.arange(size), torch.arange(size // 2 + 1)[:, None]
        window = torch.hann_window(size)
        angle = 2 * math.pi / size * (n * k % size)
        self.register_buffer("window", window)
        self.register_buffer("cosine", (angle.cos() * window)[:, None])
        self.register_buffer("sine", (-angle.sin() * window)[:, None])
        centers = torch.linspace(0, 1, bands + 2)[:, None] ** 2 * (size // 2)
        bins = torch.arange(size // 2 + 1)
        rise = (bins - centers[:-2]) / (centers[1:-1] - centers[:-2])
        fall = (centers[2:] - bins) / (centers[2:] - centers[1:-1])
        self.register_buffer("mel", torch.clamp(torch.minimum(rise, fall), min=0))
        w = width
        self.tagger = nn.Sequential(
            nn.BatchNorm2d(1), nn.Conv2d(1, w, 3, 2), nn.ReLU6(), nn.Conv2d(w, 2 * w, 3, 2), nn.SiLU(),
            nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(2 * w, classes))

    def forward(self, x):
        if self.transform == "convolution":
            padded = F.pad(x[:, None], (self.size // 2, self.size // 2), mode="reflect")
            real, imaginary = (F.conv1d(padded, part, stride=self.hop) for part in (self.cosine, self.sine))
            power = real**2 + imaginary**2
        else:
            spectrum = torch.stft(
                x, self.size, self.hop, window=self.window, center=False, return_complex=True)
            power = torch.view_as_real(spectrum).pow(2).sum(-1)
        mel = torch.matmul(self.mel, power)
        decibels = 10 * torch.log10(torch.clamp(mel, min=1e-5))
        return self.tagger(decibels[:, None] / 20)


class FeatureExtractor(nn.Module):
    """What wav2vec 2.0 begins with: strided convolutions with GELU, GroupNorm behind the first, LayerNorm, positions by
    a grouped convolution; then one layer of a transformer."""

    def __init__(self, width=128, heads=4, classes=10, kernels=(10, 3, 3, 3, 3, 2, 2), position=32):
        super().__init__()
        strides = [5] + [2] * (len(kernels) - 1)
        self.layers = nn.ModuleList(
            nn.Conv1d(1 if i == 0 else width, width, k, s, bias=False) for i, (k, s) in enumerate(zip(kernels, strides)))
        self.group = nn.GroupNorm(width, width)
        self.norm = nn.LayerNorm(width)
        self.position = weight_norm(
            nn.Conv1d(width, width, position, padding=position // 2, groups=heads), dim=2)
        self.encoder = nn.TransformerEncoderLayer(width, heads, 2 * width, activation="gelu", batch_first=True)
        self.classes = nn.Linear(width, classes)

    def forward(self, x):
        x = x[:, None]
        for index, layer in enumerate(self.layers):
            x = layer(x)
            x = F.gelu(self.group(x) if index == 0 else x)
        x = self.norm(x.transpose(1, 2))
        x = x + F.gelu(self.position(x.transpose(1, 2))[:, :, :-1]).transpose(1, 2)
        return self.classes(self.encoder(x)).mean(1)


class Separator(nn.Module):
    """Conv-TasNet (Luo and Mesgarani, 2019): a learned transform, masks by dilated blocks with PReLU and normalization
    over everything, and back to samples."""

    def __init__(self, filters=64, width=32, hidden=64, blocks=4, sources=2, kernel=16):
        super().__init__()
        self.sources = sources
        self.encoder = nn.Conv1d(1, filters, kernel, kernel // 2, bias=False)
        self.start = nn.Sequential(nn.GroupNorm(1, filters, eps=1e-8), nn.Conv1d(filters, width, 1))
        self.blocks = nn.ModuleList(
            nn.Sequential(
                nn.Conv1d(width, hidden, 1), nn.PReLU(), nn.GroupNorm(1, hidden, eps=1e-8),
                nn.Conv1d(hidden, hidden, 3, padding=2**i, dilation=2**i, groups=hidden), nn.PReLU(),
                nn.GroupNorm(1, hidden, eps=1e-8), nn.Conv1d(hidden, width, 1))
            for i in range(blocks))
        self.masks = nn.Sequential(nn.PReLU(), nn.Conv1d(width, sources * filters, 1), nn.Sigmoid())
        self.decoder = nn.ConvTranspose1d(filters, 1, kernel, kernel // 2, bias=False)

    def forward(self, x):
        spectrum = F.relu(self.encoder(x))
        y = self.start(spectrum)
        for block in self.blocks:
            y = y + block(y)
        masks = self.masks(y).view(x.shape[0], self.sources, spectrum.shape[1], -1)
        masked = masks * spectrum.unsqueeze(1)
        parts = self.decoder(masked.view(x.shape[0] * self.sources, spectrum.shape[1], -1))
        return parts.view(x.shape[0], self.sources, -1)


class Demucs(nn.Module):
    """The separator of Défossez et al. (2019): gated convolutions, an LSTM in the middle, transposed convolutions."""

    def __init__(self, width=16, depth=3, sources=2):
        super().__init__()
        self.down, self.raise_ = nn.ModuleList(), nn.ModuleList()
        before = 1
        for index in range(depth):
            after = width * 2**index
            self.down.append(nn.Sequential(
                nn.Conv1d(before, after, 8, 4), nn.ReLU(), nn.Conv1d(after, 2 * after, 1), nn.GLU(1)))
            last = index == 0
            self.raise_.insert(0, nn.Sequential(
                nn.Conv1d(after, 2 * after, 3, padding=1), nn.GLU(1),
                nn.ConvTranspose1d(after, sources if last else before, 8, 4),
                nn.Identity() if last else nn.ReLU()))
            before = after
        self.memory = nn.LSTM(before, before, 2, bidirectional=True)
        self.mix = nn.Linear(2 * before, before)

    def forward(self, x):
        passed = []
        for layer in self.down:
            x = layer(x)
            passed.append(x)
        x = self.mix(self.memory(x.permute(2, 0, 1))[0]).permute(1, 2, 0)
        for layer in self.raise_:
            beside = passed.pop()
            x = layer(x + beside[..., : x.shape[-1]])
        return x
