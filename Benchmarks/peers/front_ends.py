"""The front ends of the two audio networks, written out in NumPy, and the networks run by ONNX Runtime.

A reference to compare ours with. It shares nothing with it but the definitions: everything is computed in float64, as
plainly as it is defined, and rounded to float32 only for the network. Samples are mono, 16 kHz, in [-1, 1].
"""
import os

import numpy as np

RATE = 16_000


def frames(samples, length, hop):
    """[count, length]: every stretch of `length` samples that is all there, one each `hop`."""
    count = 1 + (len(samples) - length) // hop
    return samples[np.arange(length) + hop * np.arange(count)[:, None]]


def hann(length):
    """The periodic Hann window, whose period is `length`."""
    return 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(length) / length)


def triangles(points, edges):
    """[points, bands]: at each point the weight of each band, a triangle from edges[b] over edges[b + 1] to
    edges[b + 2]."""
    points = points[:, None]
    rising = (points - edges[:-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[2:] - points) / (edges[2:] - edges[1:-1])
    return np.maximum(0, np.minimum(rising, falling))


# YAMNet

def yamnet_mel_weights():
    """[257, 64]: triangles that are straight over mel (HTK's), 125 to 7500 Hz, as TensorFlow's
    linear_to_mel_weight_matrix makes them; the bin at 0 Hz is in none."""
    def mel(hertz):
        return 1127 * np.log(1 + np.asarray(hertz) / 700)

    edges = np.linspace(mel(125), mel(7500), 64 + 2)
    bins = np.linspace(0, RATE / 2, 257)
    weights = triangles(mel(bins), edges)
    weights[0] = 0
    return weights


def yamnet_patches(samples):
    """[patches, 96 frames, 64 bands]: ln(mel + 0.001) of magnitudes; a patch each 48 frames.

    The samples are padded with zeros to one patch (15600), and beyond that to whole hops of patches (7680).
    """
    samples = np.asarray(samples, np.float64)
    hops = max(0, -(-(len(samples) - 15_600) // 7_680))
    samples = np.pad(samples, (0, 15_600 + 7_680 * hops - len(samples)))
    spectrum = np.abs(np.fft.rfft(frames(samples, 400, 160) * hann(400), 512))
    log_mel = np.log(spectrum @ yamnet_mel_weights() + 0.001)
    return np.stack([log_mel[48 * patch:48 * patch + 96] for patch in range(hops + 1)])


# MTT_vgg

def slaney_mel_weights():
    """[257, 96]: triangles that are straight over hertz, 0 to 8000 Hz, spaced by Slaney's mel scale (linear to 1 kHz,
    logarithmic above) and each of area 1, as librosa's filters.mel makes them."""
    step = np.log(6.4) / 27

    def mel(hertz):
        return 3 * hertz / 200 if hertz < 1000 else 15 + np.log(hertz / 1000) / step

    def hertz(mel):
        return np.where(mel < 15, 200 * mel / 3, 1000 * np.exp(step * (mel - 15)))

    edges = hertz(np.linspace(mel(0), mel(RATE / 2), 96 + 2))
    return triangles(np.linspace(0, RATE / 2, 257), edges) * 2 / (edges[2:] - edges[:-2])


def mtt_vgg_patches(samples):
    """[patches, 187 frames, 96 bands]: log10(10000 mel + 1) of powers; centred frames of 512 every 256; patches side by
    side, an incomplete last one dropped. A clip of less than a patch is padded with zeros at its end (47616 samples).
    """
    samples = np.asarray(samples, np.float64)
    samples = np.pad(samples, (0, max(0, 186 * 256 - len(samples))))
    power = np.abs(np.fft.rfft(frames(np.pad(samples, 256), 512, 256) * hann(512), 512)) ** 2
    log_mel = np.log10(10_000 * (power @ slaney_mel_weights()) + 1)
    count = len(log_mel) // 187
    return log_mel[:187 * count].reshape(count, 187, 96)


# The networks

class AudioModel:
    def __init__(self, file, patches, channel_axis, scores):
        self.file, self.patches, self.channel_axis, self.scores = file, patches, channel_axis, scores

    def input(self, samples):
        """What the network takes, float32: [patches, 1, 96, 64] or [patches, 187, 96]."""
        patches = self.patches(samples).astype(np.float32)
        return patches[:, None] if self.channel_axis else patches

    def run(self, models, input, threads=0):
        """logits and scores, each [patches, classes]; `models` is the folder of the ONNX files."""
        return run(os.path.join(models, self.file), input, ["logits", self.scores], threads)


MODELS = {
    "yamnet": AudioModel("yamnet.onnx", yamnet_patches, True, "scores"),
    "musicnn": AudioModel("mtt_vgg.onnx", mtt_vgg_patches, False, "tags"),
}


def run(path, input, tensors, threads=0):
    """The named tensors, inner ones too, that ONNX Runtime computes of `input`."""
    import onnx
    import onnxruntime

    model = onnx.load(path)
    known = {output.name for output in model.graph.output}
    model.graph.output.extend(onnx.ValueInfoProto(name=name) for name in tensors if name not in known)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    return session.run(tensors, {session.get_inputs()[0].name: input})


# Sounds

def read_wav(path):
    """The samples of a 16 kHz file; channels are averaged."""
    import soundfile

    samples, rate = soundfile.read(path, dtype="float64", always_2d=True)
    if rate != RATE:
        raise SystemExit(f"{path}: is sampled at {rate} Hz; resample it to {RATE} Hz first")
    return samples.mean(axis=1)


def decode(path):
    """The samples of any sound, mono, resampled to 16 kHz by librosa (soxr)."""
    import librosa

    return librosa.load(path, sr=RATE, mono=True)[0]
