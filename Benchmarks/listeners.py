#!/usr/bin/env python3
"""Whether networks of every way to listen work with what `configure` proposes: AST, wav2vec2, Whisper's encoder and CLAP's audio
tower (random weights, from transformers' configurations, real sizes), CNN14 with its front end inside, SincNet, M5, CREPE.

    python Benchmarks/listeners.py .build/release/otoscope FOLDER [SOUND] [NAME ...]

Needs torch, transformers, onnx. For each network: exports it, lets `configure --write` describe it, then `classify` and `explain`
the sound; prints what was proposed, and how far values and gradients of what the network is given are from autograd's."""
import json, os, subprocess, sys, warnings
warnings.filterwarnings("ignore")
os.environ["TRANSFORMERS_OFFLINE"] = "1"
import numpy as np, torch
from torch import nn

torch.manual_seed(0)


class Pick(nn.Module):
    """One of a model's results."""
    def __init__(self, model, key):
        super().__init__(); self.model, self.key = model, key
    def forward(self, x):
        return getattr(self.model(x), self.key)


def ast():
    from transformers import ASTConfig, ASTForAudioClassification
    return Pick(ASTForAudioClassification(ASTConfig(num_labels=527, attn_implementation="eager")), "logits"), (1024, 128)


def whisper():
    from transformers import WhisperConfig, WhisperModel
    config = WhisperConfig(d_model=512, encoder_layers=6, encoder_attention_heads=8, decoder_layers=1,
                           decoder_attention_heads=8, encoder_ffn_dim=2048, attn_implementation="eager")
    return Pick(WhisperModel(config).encoder, "last_hidden_state"), (80, 3000)


def wav2vec2():
    from transformers import Wav2Vec2Config, Wav2Vec2ForSequenceClassification
    return Pick(Wav2Vec2ForSequenceClassification(Wav2Vec2Config(num_labels=10, attn_implementation="eager")), "logits"), (80000,)


class Clap(nn.Module):
    def __init__(self):
        super().__init__()
        from transformers import ClapAudioConfig, ClapAudioModelWithProjection
        self.model = ClapAudioModelWithProjection(ClapAudioConfig(enable_fusion=False))
    def forward(self, x):
        return self.model(input_features=x, is_longer=torch.zeros(x.shape[0], 1, dtype=torch.bool)).audio_embeds


def mel(bins, bands, rate, low, high):
    """librosa's Slaney filterbank."""
    import librosa
    return torch.from_numpy(librosa.filters.mel(sr=rate, n_fft=2 * (bins - 1), n_mels=bands, fmin=low, fmax=high).T)


class Cnn14Layers(nn.Module):
    """PANNs' CNN14 on a log-mel spectrogram, [N, 1, frames, 64]; Kong et al., 2020."""
    def __init__(self):
        super().__init__()
        widths = [1, 64, 128, 256, 512, 1024, 2048]
        self.bn0 = nn.BatchNorm2d(64)
        self.blocks = nn.ModuleList(nn.Sequential(
            nn.Conv2d(a, b, 3, padding=1, bias=False), nn.BatchNorm2d(b), nn.ReLU(),
            nn.Conv2d(b, b, 3, padding=1, bias=False), nn.BatchNorm2d(b), nn.ReLU()) for a, b in zip(widths, widths[1:]))
        self.fc1, self.fc2 = nn.Linear(2048, 2048), nn.Linear(2048, 527)
    def forward(self, x):
        x = self.bn0(x.transpose(1, 3)).transpose(1, 3)
        for index, block in enumerate(self.blocks):
            x = nn.functional.avg_pool2d(block(x), 2) if index < 5 else block(x)
        x = x.mean(3); x = x.amax(2) + x.mean(2)
        return self.fc2(torch.relu(self.fc1(x)))


class Cnn14(nn.Module):
    """CNN14 with torchlibrosa's front end inside, an STFT by convolutions."""
    def __init__(self, size=1024, hop=320, rate=32000):
        super().__init__()
        n, k = torch.arange(size), torch.arange(size // 2 + 1)[:, None]
        window = torch.hann_window(size)
        turn = 2 * np.pi * n * k / size
        self.real, self.imaginary = nn.Conv1d(1, len(k), size, hop, bias=False), nn.Conv1d(1, len(k), size, hop, bias=False)
        self.real.weight = nn.Parameter((torch.cos(turn) * window)[:, None])
        self.imaginary.weight = nn.Parameter((-torch.sin(turn) * window)[:, None])
        self.register_buffer("mel", mel(len(k), 64, rate, 50, 14000))
        self.pad, self.layers = size // 2, Cnn14Layers()
    def forward(self, x):
        x = nn.functional.pad(x[:, None], (self.pad, self.pad), mode="reflect")
        power = self.real(x) ** 2 + self.imaginary(x) ** 2
        return self.layers(10 * torch.log10(torch.clamp(power.transpose(1, 2) @ self.mel, min=1e-10))[:, None])


class SincNet(nn.Module):
    """Band-pass filters of learned edges; Ravanelli and Bengio, 2018: 80 filters of 251 samples, then convolutions."""
    def __init__(self, rate=16000, filters=80, length=251):
        super().__init__()
        edges = 700 * (10 ** (np.linspace(2595 * np.log10(1 + 30 / 700), 2595 * np.log10(1 + 7900 / 700), filters + 1) / 2595) - 1)
        n = (torch.arange(length) - length // 2).double()
        sinc = lambda f: 2 * f / rate * torch.sinc(2 * f / rate * n)
        bank = torch.stack([(sinc(b) - sinc(a)) * torch.hamming_window(length, False) for a, b in zip(edges, edges[1:])])
        self.bank = nn.Conv1d(1, filters, length, bias=False)
        self.bank.weight = nn.Parameter(bank.float()[:, None] / bank.abs().amax(1).float()[:, None, None])
        self.body = nn.Sequential(
            nn.MaxPool1d(3), nn.BatchNorm1d(80), nn.LeakyReLU(.2), nn.Conv1d(80, 60, 5), nn.MaxPool1d(3), nn.BatchNorm1d(60),
            nn.LeakyReLU(.2), nn.Conv1d(60, 60, 5), nn.MaxPool1d(3), nn.BatchNorm1d(60), nn.LeakyReLU(.2))
        self.head = nn.Linear(60, 20)
    def forward(self, x):
        return self.head(self.body(self.bank(x[:, None]).abs()).mean(-1))


class M5(nn.Module):
    """Dai et al., 2017, for Speech Commands at 8 kHz."""
    def __init__(self, classes=35):
        super().__init__()
        layers, last = [], 1
        for width, kernel, stride in ((32, 80, 16), (32, 3, 1), (64, 3, 1), (64, 3, 1)):
            layers += [nn.Conv1d(last, width, kernel, stride), nn.BatchNorm1d(width), nn.ReLU(), nn.MaxPool1d(4)]; last = width
        self.body, self.head = nn.Sequential(*layers), nn.Linear(64, classes)
    def forward(self, x):
        return torch.log_softmax(self.head(self.body(x).mean(-1)), -1)


class Crepe(nn.Module):
    """Kim et al., 2018, the full model: 1024 samples, 360 bins of pitch."""
    def __init__(self):
        super().__init__()
        widths, kernels, strides, last = [1024, 128, 128, 128, 256, 512], [512, 64, 64, 64, 64, 64], [4, 1, 1, 1, 1, 1], 1
        layers = []
        for width, kernel, stride in zip(widths, kernels, strides):
            left = (kernel - stride) // 2
            layers += [nn.ConstantPad1d((left, kernel - stride - left), 0.), nn.Conv1d(last, width, kernel, stride), nn.ReLU(),
                       nn.BatchNorm1d(width), nn.MaxPool1d(2)]; last = width
        self.body, self.head = nn.Sequential(*layers), nn.Linear(2048, 360)
    def forward(self, x):
        return torch.sigmoid(self.head(self.body(x[:, None]).transpose(1, 2).flatten(1)))


NETWORKS = {
    "ast": ast, "wav2vec2": wav2vec2, "whisper-encoder": whisper, "clap-audio": lambda: (Clap(), (1, 1001, 64)),
    "cnn14": lambda: (Cnn14(), (320000,)), "sincnet": lambda: (SincNet(), (16000,)), "m5": lambda: (M5(), (1, 8000)),
    "crepe": lambda: (Crepe(), (1024,)),
}


def run(*arguments):
    result = subprocess.run(arguments, capture_output=True, text=True)
    if result.returncode:
        raise RuntimeError(f"{' '.join(arguments[1:4])}: {result.stderr.strip()[-300:]}")
    return result.stdout


def check(otoscope, folder, sound, name):
    # The same weights whichever networks are asked for.
    torch.manual_seed(0)
    model, row = NETWORKS[name]()
    model.eval()
    for module in model.modules():
        # Statistics that are not all 0 and 1, as in a trained network.
        if isinstance(module, (nn.BatchNorm1d, nn.BatchNorm2d)):
            module.running_mean.normal_(0, .1); module.running_var.uniform_(.5, 1.5)
    path = f"{folder}/{name}.onnx"
    axes = {"x": {0: "N"}, "logits": {0: "N"}}
    if name == "wav2vec2":
        axes["x"][1] = "T"
    torch.onnx.export(model, (torch.randn(2, *row),), path, input_names=["x"], output_names=["logits"],
                      dynamic_axes=axes, opset_version=17, dynamo=False)
    if os.path.exists(f"{folder}/{name}.json"):
        os.remove(f"{folder}/{name}.json")
    proposed = json.loads(run(otoscope, "configure", path, "--sound", sound, "--write", "--json"))
    keys = {k["key"]: (k["value"], k["certainty"]) for k in proposed["keys"]}
    heard = json.loads(run(otoscope, "classify", sound, "--model", path, "--json"))
    run(otoscope, "explain", sound, "--model", path, "--method", "saliency", "--output", f"{folder}/{name}")
    run(otoscope, "front-end", sound, "--model", path, "-o", f"{folder}/{name}.npy")
    x = np.load(f"{folder}/{name}.npy")[:1]
    np.save(f"{folder}/{name}.npy", x)
    run(otoscope, "attribute", path, f"{folder}/{name}.npy", "--of", "logits", "--method", "saliency-signed", "--target", "0",
        "-o", f"{folder}/{name}.npz")
    run(otoscope, "run", path, f"{folder}/{name}.npy", "--tensor", "logits", "-o", f"{folder}/{name}.values.npz")
    z = torch.from_numpy(x).requires_grad_(True)
    y = model(z)
    gradient, = torch.autograd.grad(y.reshape(-1)[0], z)
    ours = np.load(f"{folder}/{name}.npz")["attribution"].reshape(gradient.shape)
    values = np.load(f"{folder}/{name}.values.npz")["logits"].reshape(y.shape)
    relative = lambda a, b: np.linalg.norm(a - b) / np.linalg.norm(b)
    front = keys["front_end"]
    print(f"{name:16} front end {json.dumps(front[0])[:60]} ({front[1]}), activation {keys.get('activation', ('in the graph',))[0]}; "
          f"picture: {(proposed.get('picture') or 'given')[:70]}\n{'':16} values {relative(values, y.detach().numpy()):.1e}, "
          f"gradient {relative(ours, gradient.numpy()):.1e}; first class {heard['classes'][0]}", flush=True)


def main():
    otoscope, folder = sys.argv[1:3]
    sound = sys.argv[3] if len(sys.argv) > 3 else "Data/sounds/dog.mp3"
    os.makedirs(folder, exist_ok=True)
    for name in sys.argv[4:] or NETWORKS:
        try:
            check(otoscope, folder, sound, name)
        except Exception as error:
            print(f"{name:16} FAILS: {str(error)[:400]}", flush=True)


if __name__ == "__main__":
    main()
