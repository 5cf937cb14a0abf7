#!/usr/bin/env python3
"""Whether maps of a network without a picture find what it heard: a small raw-sample network is trained to tell a chirp, a
click and a hum, in noise and beside a louder burst that means nothing; then every method explains it on the STFT that
Otoscope puts before it (`--domain stft`), and its strongest place must lie within the sound (pointing game).

    python Benchmarks/raw-samples.py .build/release/otoscope [--clips 60] [--seed 0]

Needs torch, onnx, onnxruntime, soundfile. Prints for each method the share of clips whose maximum lies in the sound's time
and band, the same for loudness and for chance, and how complete integrated gradients are (Σ attribution against the
difference of ONNX Runtime's logits for the clip and for silence)."""
import argparse, glob, json, os, subprocess, tempfile
import numpy as np, onnxruntime, soundfile, torch

RATE, LENGTH = 16000, 16000
CLASSES = ["chirp", "click", "hum"]
METHODS = ["saliency", "input-x-gradient", "smoothgrad", "integrated-gradients", "lrp-epsilon", "occlusion", "rise",
           "lime", "kernel-shap", "grad-cam"]


def event(kind, rng):
    """The sound, and the band that it fills, in hertz."""
    if kind == "chirp":
        time = np.arange(int(.2 * RATE)) / RATE
        low, high = rng.uniform(500, 800), rng.uniform(2500, 3500)
        sound = np.sin(2 * np.pi * (low * time + (high - low) * time ** 2 / (2 * .2)))
        return .3 * sound * np.hanning(len(sound)), (low, high)
    if kind == "click":
        sound = rng.normal(size=int(.008 * RATE)) * np.hanning(int(.008 * RATE))
        return .9 * sound, (0, RATE / 2)
    time = np.arange(int(.35 * RATE)) / RATE
    pitch = rng.uniform(90, 130)
    sound = sum(np.sin(2 * np.pi * k * pitch * time + rng.uniform(0, 6.3)) / k for k in range(1, 5))
    return .25 * sound * np.hanning(len(sound)), (0, 5 * pitch)


def clip(kind, rng):
    """A second of sound; where the event lies: seconds and hertz."""
    x = .02 * rng.normal(size=LENGTH)
    sound, band = event(kind, rng)
    # A burst of noise about 5 to 6.5 kHz, louder than the event, elsewhere.
    burst = np.fft.rfft(rng.normal(size=int(.1 * RATE)))
    hertz = np.fft.rfftfreq(int(.1 * RATE), 1 / RATE)
    burst = np.fft.irfft(burst * ((hertz > 5000) & (hertz < 6500)), int(.1 * RATE))
    burst *= .9 / np.abs(burst).max()
    start, other = int(rng.integers(0, LENGTH - len(sound))), int(rng.integers(0, LENGTH - len(burst)))
    x[start:start + len(sound)] += sound
    x[other:other + len(burst)] += burst
    return np.clip(x, -1, 1).astype(np.float32), (start / RATE, (start + len(sound)) / RATE), band


class Network(torch.nn.Module):
    def __init__(self):
        super().__init__()
        def block(a, b, width, stride):
            return [torch.nn.Conv1d(a, b, width, stride, width // 2), torch.nn.BatchNorm1d(b), torch.nn.ReLU()]
        self.body = torch.nn.Sequential(
            *block(1, 24, 81, 4), torch.nn.MaxPool1d(4), *block(24, 32, 9, 1), torch.nn.MaxPool1d(4),
            *block(32, 48, 5, 1), torch.nn.MaxPool1d(2), *block(48, 48, 3, 1))
        self.head = torch.nn.Linear(48, 3)

    def forward(self, x):
        return self.head(self.body(x.unsqueeze(1)).amax(-1))


def trained(rng, path):
    network = Network()
    optimizer = torch.optim.Adam(network.parameters(), 2e-3)
    for step in range(400):
        kinds = rng.integers(0, 3, 32)
        x = torch.from_numpy(np.stack([clip(CLASSES[k], rng)[0] for k in kinds]))
        loss = torch.nn.functional.cross_entropy(network(x), torch.from_numpy(kinds))
        optimizer.zero_grad(); loss.backward(); optimizer.step()
    network.eval()
    kinds = rng.integers(0, 3, 200)
    x = torch.from_numpy(np.stack([clip(CLASSES[k], rng)[0] for k in kinds]))
    with torch.no_grad():
        print(f"accuracy on 200 clips: {(network(x).argmax(1).numpy() == kinds).mean():.3f}")
    torch.onnx.export(network, (x[:1],), path, input_names=["sound"], output_names=["logits"],
                      dynamic_axes={"sound": {0: "N"}, "logits": {0: "N"}}, opset_version=17, dynamo=False)
    description = {"front_end": {"sample_rate": RATE, "samples": {"length": LENGTH}}, "labels": CLASSES,
                   "activation": "softmax"}
    open(path[:-5] + ".json", "w").write(json.dumps(description))


def points(map_, seconds, hertz, time, band):
    frame, bin_ = np.unravel_index(np.argmax(np.abs(map_)), map_.shape)
    hop, width = seconds[1] - seconds[0], hertz[1] - hertz[0]
    # A frame that sees part of the sound, a bin within its main lobe.
    return (time[0] - 2 * hop <= seconds[frame] <= time[1] + 2 * hop
            and band[0] - 3 * width <= hertz[bin_] <= band[1] + 3 * width)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("otoscope"); parser.add_argument("--clips", type=int, default=60)
    parser.add_argument("--seed", type=int, default=0); parser.add_argument("--methods", default=",".join(METHODS))
    arguments = parser.parse_args()
    rng = np.random.default_rng(arguments.seed); torch.manual_seed(arguments.seed)
    methods = arguments.methods.split(",")
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/net.onnx"
        trained(rng, path)
        session = onnxruntime.InferenceSession(path)
        known = {}
        for index in range(arguments.clips):
            kind = CLASSES[index % 3]
            x, time, band = clip(kind, rng)
            known[f"clip{index:02d}"] = (kind, x, time, band)
            soundfile.write(f"{folder}/clip{index:02d}.wav", x, RATE, subtype="FLOAT")
        hits, loud, chance, errors = {m: [] for m in methods}, [], [], []
        for kind in CLASSES:
            sounds = [f"{folder}/{name}.wav" for name in known if known[name][0] == kind]
            subprocess.run([arguments.otoscope, "explain", *sounds, "--model", path, "--method", ",".join(methods),
                            "--domain", "stft", "--tolerance", "1e-3", "--target", kind, "--output", f"{folder}/{kind}"], check=True,
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for name, (kind, x, time, band) in known.items():
            for method in methods:
                found = glob.glob(f"{folder}/{kind}/{name}.{method}.*.npz")
                arrays = np.load(found[0])
                map_, seconds, hertz = arrays["attribution"], arrays["frame_seconds"], arrays["bin_hertz"]
                hits[method].append(points(map_, seconds, hertz, time, band))
                if method == "integrated-gradients":
                    row, silence = x[None], np.zeros_like(x[None])
                    logits = [session.run(None, {"sound": v})[0][0, CLASSES.index(kind)] for v in (row, silence)]
                    errors.append(abs(map_.sum() - (logits[0] - logits[1])) / abs(logits[0] - logits[1]))
            loud.append(points(arrays["magnitudes"], seconds, hertz, time, band))
            inside = ((seconds >= time[0]) & (seconds <= time[1])).mean() * ((hertz >= band[0]) & (hertz <= band[1])).mean()
            chance.append(inside)
        for method in methods:
            print(f"{method:24} {100 * np.mean(hits[method]):5.1f} %")
        print(f"{'loudness':24} {100 * np.mean(loud):5.1f} %\n{'chance':24} {100 * np.mean(chance):5.1f} %")
        if errors:
            print(f"integrated gradients: largest incompleteness {max(errors):.1e}, median {np.median(errors):.1e}")


if __name__ == "__main__":
    main()
