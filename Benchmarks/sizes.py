#!/usr/bin/env python3
"""Networks at the sizes people run, with random weights: forward passes of one and eight rows against ONNX Runtime, saliency
against PyTorch's autograd with its weights frozen. Equal threads, rounds in turns, medians. Prints a line of Markdown each,
with the share of the machine's matrix-product peak and where the rest of the time goes (`bench --profile`).

    nets/bin/pip install torch torchvision transformers onnx onnxruntime
    nets/bin/python Benchmarks/sizes.py .build/release/otoscope FOLDER [NAME ...] [--keras keras/bin/python] [--file birdnet.onnx]

Networks are exported into FOLDER where they are missing. `--file` adds an ONNX file of one's own."""
import argparse, json, os, statistics, subprocess, time, warnings
warnings.filterwarnings("ignore")
os.environ["TRANSFORMERS_OFFLINE"] = "1"
import numpy as np, onnxruntime, torch
from torch import nn
from listeners import Clap, Cnn14Layers, Crepe, Pick


class Crnn(nn.Module):
    """Convolutions, then two bidirectional GRUs over 10 s: sound event detection."""
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(*[layer for a, b in ((1, 64), (64, 128), (128, 256)) for layer in (
            nn.Conv2d(a, b, 3, padding=1), nn.BatchNorm2d(b), nn.ReLU(), nn.AvgPool2d((1, 4)))])
        self.gru, self.head = nn.GRU(256, 256, 2, bidirectional=True, batch_first=True), nn.Linear(512, 10)
    def forward(self, x):
        return self.head(self.gru(self.body(x).mean(3).transpose(1, 2))[0]).mean(1)


def ast():
    from transformers import ASTConfig, ASTForAudioClassification
    return Pick(ASTForAudioClassification(ASTConfig(num_labels=527, attn_implementation="eager")), "logits")


def whisper():
    from transformers import WhisperConfig, WhisperModel
    return Pick(WhisperModel(WhisperConfig(
        d_model=512, encoder_layers=6, encoder_attention_heads=8, decoder_layers=1, decoder_attention_heads=8,
        encoder_ffn_dim=2048, attn_implementation="eager")).encoder, "last_hidden_state")


def wav2vec2():
    from transformers import Wav2Vec2Config, Wav2Vec2ForSequenceClassification
    return Pick(Wav2Vec2ForSequenceClassification(Wav2Vec2Config(num_labels=10, attn_implementation="eager")), "logits")


def vision(name, **arguments):
    import torchvision
    return getattr(torchvision.models, name)(num_classes=527, **arguments)


NETWORKS = {
    "cnn14": (Cnn14Layers, (1, 1001, 64)), "ast-base": (ast, (1024, 128)), "whisper-base-encoder": (whisper, (80, 3000)),
    "wav2vec2-base": (wav2vec2, (80000,)), "efficientnet-b0": (lambda: vision("efficientnet_b0"), (3, 224, 224)),
    "mobilenet-v3-large": (lambda: vision("mobilenet_v3_large"), (3, 128, 1000)),
    "convnext-tiny": (lambda: vision("convnext_tiny"), (3, 128, 512)), "crnn-gru": (Crnn, (1, 626, 64)),
    "densenet121": (lambda: vision("densenet121"), (3, 128, 512)), "resnet34": (lambda: vision("resnet34"), (3, 128, 512)),
    "swin-t": (lambda: vision("swin_t"), (3, 224, 224)), "clap-audio": (Clap, (1, 1001, 64)), "crepe": (Crepe, (1024,)),
}
KERAS = {"keras-mobilenet-v2": ("MobileNetV2", (128, 512, 3))}


def export_keras(python, name, path):
    model, row = KERAS[name]
    subprocess.run([python, "-c", f"""
import os; os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import tensorflow as tf, tf2onnx
model = tf.keras.applications.{model}(weights=None, classes=527, input_shape={row})
tf2onnx.convert.from_function(tf.function(lambda x: model(x)), input_signature=[tf.TensorSpec((None,) + {row}, name="x")],
                              opset=17, output_path={path!r})
"""], check=True, capture_output=True)


def median(run, count):
    run()
    times = []
    for _ in range(count):
        start = time.perf_counter(); run(); times.append(time.perf_counter() - start)
    return statistics.median(times)


class Comparison:
    def __init__(self, otoscope, threads, rounds):
        self.otoscope, self.threads, self.rounds = otoscope, threads, rounds

    def bench(self, path, array, *arguments):
        result = subprocess.run([self.otoscope, "bench", path, array, "--threads", str(self.threads), "--runs", "7", "--json",
                                 *arguments], capture_output=True, text=True, check=True)
        return json.loads(result.stdout.splitlines()[-1])

    def forward(self, path, array):
        """Our median and ONNX Runtime's, and the largest difference over the largest value."""
        x = np.load(array)
        options = onnxruntime.SessionOptions(); options.intra_op_num_threads = self.threads
        session = onnxruntime.InferenceSession(path, options)
        feed = {session.get_inputs()[0].name: x}
        expected = session.run(None, feed)[0]
        subprocess.run([self.otoscope, "run", path, array, "-o", array + ".npz"], check=True, capture_output=True)
        values = np.load(array + ".npz")
        difference = np.abs(values[values.files[0]].reshape(expected.shape) - expected).max() / np.abs(expected).max()
        ours, theirs = [], []
        for _ in range(self.rounds):
            theirs.append(median(lambda: session.run(None, feed), 5))
            ours.append(self.bench(path, array)["median_s"])
            # Threads of ONNX Runtime spin for a while after a run.
            time.sleep(.5)
        return statistics.median(ours), statistics.median(theirs), difference

    def line(self, name, path, row, model=None, rows=(1, 8)):
        cells = []
        for count in rows:
            array = f"{os.path.dirname(path)}/{name}.{count}.npy"
            np.save(array, np.random.default_rng(0).normal(size=(count, *row)).astype(np.float32))
            ours, theirs, difference = self.forward(path, array)
            cells.append(f"{1e3 * ours:.1f} ms, {ours / theirs:.2f} ({difference:.0e})")
            if count == 1:
                first, forward = array, ours
        saliency = self.bench(path, first, "--method", "saliency")["median_s"]
        words = f"{saliency / forward:.1f} passes"
        if model is not None:
            torch.set_num_threads(self.threads)
            for weights in model.parameters():
                weights.requires_grad_(False)
            x = torch.from_numpy(np.load(first))
            def gradient():
                z = x.clone().requires_grad_(True)
                torch.autograd.grad(model(z).reshape(-1)[0], z)
            words += f", {median(gradient, 3) / saliency:.1f} times autograd"
        profile = self.bench(path, first, "--profile")
        rest = ", ".join(f"{kind['kind']} {100 * kind['share']:.0f} %" for kind in profile["profile"]["kinds"][:3])
        print(f"| {name} | {' | '.join(cells)} | {words} | {100 * profile['share_of_peak']:.0f} % | {rest} |", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("otoscope"); parser.add_argument("folder"); parser.add_argument("names", nargs="*")
    parser.add_argument("--keras"); parser.add_argument("--file", action="append", default=[])
    parser.add_argument("--threads", type=int, default=2); parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    os.makedirs(arguments.folder, exist_ok=True)
    comparison = Comparison(arguments.otoscope, arguments.threads, arguments.rounds)
    print("| network | one row, of ONNX Runtime | eight rows | saliency | of peak | most time in |\n|---|---|---|---|---|---|")
    for name in arguments.names or [*NETWORKS, *(KERAS if arguments.keras else {})]:
        path, model = f"{arguments.folder}/{name}.onnx", None
        if name in KERAS:
            row = KERAS[name][1]
            if not os.path.exists(path):
                export_keras(arguments.keras, name, path)
        else:
            torch.manual_seed(0)
            make, row = NETWORKS[name]
            model = make().eval()
            if not os.path.exists(path):
                torch.onnx.export(model, (torch.randn(2, *row),), path, input_names=["x"], output_names=["y"],
                                  dynamic_axes={"x": {0: "N"}, "y": {0: "N"}}, opset_version=17, dynamo=False)
        comparison.line(name, path, row, model)
    for path in arguments.file:
        session = onnxruntime.InferenceSession(path)
        comparison.line(os.path.basename(path)[:-5], path, tuple(session.get_inputs()[0].shape[1:]))


if __name__ == "__main__":
    main()
