"""What networks are given, by the very code their front ends come from, and golden files of it.

    python3 -m venv origins && origins/bin/pip install numpy torch torchaudio torchlibrosa transformers librosa speechbrain \\
        matplotlib pandas Deprecated aru-metadata-parser pytz pywavelets scikit-image ipython
    origins/bin/pip install --no-deps opensoundscape noisereduce
    rm -f origins/lib/python3*/site-packages/torchaudio/lib/*.so   # only where its extension wants a CUDA that is not there
    origins/bin/python make-front-ends.py                          # front-ends/*.npz
    origins/bin/python make-front-ends.py NAME samples.npy x.npy   # what the front end NAME makes of samples at its rate

`origin(name, samples)` takes mono samples within ±1 at `RATES[name]` hertz and returns an array in the layout of the network.

| front end | origin | layout |
|---|---|---|
| vggish | TensorFlow Models, `audioset/vggish/mel_features.py` and `vggish_input.py`, written out in NumPy | [patches, 96 frames, 64 bands] |
| yamnet | TensorFlow Models, `audioset/yamnet/features.py`, written out in NumPy | [patches, 96 frames, 64 bands] |
| musicnn | `musicnn/extractor.py` on librosa | [patches, 187 frames, 96 bands] |
| panns, panns-16k | torchlibrosa with `Cnn14`'s values | [1, 1, frames, 64 bands] |
| ast | transformers' `ASTFeatureExtractor` | [1, 1024 frames, 128 bands] |
| kaldi | `torchaudio.compliance.kaldi.fbank`, its defaults | [1, frames, 23 bands] |
| whisper | transformers' `WhisperFeatureExtractor` | [1, 80 bands, 3000 frames] |
| wav2vec2 | transformers' `Wav2Vec2FeatureExtractor` | [1, samples] |
| clap | transformers' `ClapFeatureExtractor` (`rand_trunc`, from 50 Hz, as laion/clap-htsat-unfused); sounds of up to 10 s | [1, 1, 1001 frames, 64 bands] |
| birdnet | BirdNET-Analyzer, `audio.split_signal`: windows of 3 s | [windows, 144000 samples] |
| perch | perch-hoplite, `frame_audio` and `normalize_audio`: windows of 5 s, mean off, peak of 0.25 | [windows, 160000 samples] |
| crepe | crepe, `core.get_activation`: windows of 1024 every 10 ms, each of mean 0 and deviation 1 | [frames, 1024 samples] |
| openl3 | openl3 (mel256) on kapre, written out in NumPy and librosa's filters | [windows, 256 bands, 199 frames, 1] |
| librosa | `librosa.feature.melspectrogram`, `power_to_db` with their defaults | [1, 128 bands, frames] |
| torchaudio | `torchaudio.transforms.MelSpectrogram` with its defaults | [1, 128 bands, frames] |
| opensoundscape | `Spectrogram.from_audio` and `to_image` as in `SpectrogramPreprocessor(5, 32000, height=224, width=224, channels=3)` | [clips, 3, 224 bands, 224 frames] |
| speechbrain | `speechbrain.lobes.features.Fbank`, its defaults | [1, frames, 40 bands] |
| openwakeword | torchlibrosa with the values of `melspectrogram.onnx`, then `x / 10 + 2`; the file itself is not on PyPI | [windows, 76 frames, 32 bands, 1] |
| hear-and-see | thommiano/hear-and-see_peerj: librosa's defaults, dB under the maximum, matplotlib's magma, 224 x 224, ImageNet statistics; without its JPEG files | [1, 3, 224 bands, 224 frames] |
| iminet-imitation, iminet-recording | interactiveaudiolab/Siamese-Vocal-Imitations, `utils/preprocessing.py` on librosa | [1, 1, 39 bands, 482 frames], [1, 1, 128 bands, 128 frames] |
"""
import os
import sys
import types
import warnings

import numpy as np

here = os.path.dirname(os.path.abspath(__file__))

RATES = {
    "vggish": 16000, "yamnet": 16000, "musicnn": 16000, "panns": 32000, "panns-16k": 16000, "ast": 16000,
    "kaldi": 16000, "whisper": 16000, "wav2vec2": 16000, "clap": 48000, "birdnet": 48000, "perch": 32000,
    "crepe": 16000, "openl3": 48000, "librosa": 22050, "torchaudio": 16000, "opensoundscape": 32000,
    "speechbrain": 16000, "openwakeword": 16000, "hear-and-see": 22050, "iminet-imitation": 16000,
    "iminet-recording": 44100,
}

# The axes of what `origin` returns: patches n, channels c, frames f, bands b, samples s.
AXES = {
    "vggish": "nfb", "yamnet": "nfb", "musicnn": "nfb", "panns": "ncfb", "panns-16k": "ncfb", "ast": "nfb",
    "kaldi": "nfb", "whisper": "nbf", "wav2vec2": "ns", "clap": "ncfb", "birdnet": "ns", "perch": "ns", "crepe": "ns",
    "openl3": "nbfc", "librosa": "nbf", "torchaudio": "nbf", "opensoundscape": "ncbf", "speechbrain": "nfb",
    "openwakeword": "nfbc", "hear-and-see": "ncbf", "iminet-imitation": "ncbf", "iminet-recording": "ncbf",
}


def arranged(name, array):
    """What `origin` returned as `[patches, channels, frames, bands]`; samples are frames of one band."""
    axes = AXES[name].replace("s", "f")
    for missing in "cfb":
        if missing not in axes:
            axes, array = axes + missing, array[..., None]
    return array.transpose([axes.index(axis) for axis in "ncfb"])


def origin(name, samples):
    """What the network is given of `samples` (mono, float32 within ±1, at `RATES[name]`), as float32."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return np.ascontiguousarray(ORIGINS[name](np.asarray(samples, np.float32)), np.float32)


def windows(samples, length, hop):
    """All whole windows, `[windows, length]`."""
    return np.lib.stride_tricks.sliding_window_view(samples, length)[::hop]


# TensorFlow Models

def tensorflow_log_mel(samples, offset):
    """`mel_features.log_mel_spectrogram` of VGGish; YAMNet's `features.py` says the same with tf.signal."""
    frames = windows(samples.astype(np.float64), 400, 160)
    spectrum = np.abs(np.fft.rfft(frames * (0.5 - 0.5 * np.cos(2 * np.pi / 400 * np.arange(400))), 512))
    mel = lambda hertz: 1127.0 * np.log(1.0 + hertz / 700.0)
    bins = mel(np.linspace(0.0, 8000.0, 257))
    edges = np.linspace(mel(125.0), mel(7500.0), 66)
    weights = np.empty((257, 64))
    for band in range(64):
        low, centre, high = edges[band:band + 3]
        weights[:, band] = np.maximum(0.0, np.minimum((bins - low) / (centre - low), (high - bins) / (high - centre)))
    weights[0] = 0.0
    return np.log(spectrum @ weights + offset)


def vggish(samples):
    """`vggish_input.waveform_to_examples`: whole examples only; a shorter sound filled up with zeros to one, as the paper's
    windows of 0.96 s want (the original gives no example at all)."""
    if len(samples) < 96 * 160 + 240:
        samples = np.pad(samples, (0, 96 * 160 + 240 - len(samples)))
    return np.stack(patches(tensorflow_log_mel(samples, 0.01), 96, 96))


def patches(frames, length, hop):
    """All whole patches, `[length, bands]` each."""
    return [frames[start:start + length] for start in range(0, len(frames) - length + 1, hop)]


def yamnet(samples):
    patch, step = 15600, 7680
    count = max(len(samples), patch)
    count = patch + -(-(count - patch) // step) * step
    return np.stack(patches(tensorflow_log_mel(np.pad(samples, (0, count - len(samples))), 0.001), 96, 48))


# librosa

def musicnn(samples):
    import librosa
    if len(samples) < 186 * 256:
        samples = np.pad(samples, (0, 186 * 256 - len(samples)))
    mel = librosa.feature.melspectrogram(y=samples, sr=16000, hop_length=256, n_fft=512, n_mels=96).T
    return np.stack(patches(np.log10(10000 * mel + 1), 187, 187))


def librosa_defaults(samples):
    import librosa
    return librosa.power_to_db(librosa.feature.melspectrogram(y=samples))[None]


def hear_and_see(samples):
    """`4_generate_spectrograms.py`, `save_spectrogram`; the picture is drawn cell by cell, in colours of eight bits as a
    file has them, but for JPEG's losses; then resized and normalised as torchvision's models want it."""
    import librosa
    import matplotlib
    import torch
    decibels = librosa.power_to_db(librosa.feature.melspectrogram(y=samples, sr=22050), ref=np.max)
    low, high = decibels.min(), decibels.max()
    unit = (decibels - low) / (high - low) if high > low else np.zeros_like(decibels)
    colours = np.rint(255 * matplotlib.colormaps["magma"](unit)[::-1, :, :3]) / 255
    picture = torch.tensor(np.ascontiguousarray(colours.transpose(2, 0, 1))[None], dtype=torch.float32)
    picture = torch.nn.functional.interpolate(picture, size=(224, 224), mode="bilinear", align_corners=False)
    mean, deviation = [torch.tensor(v).view(1, 3, 1, 1) for v in ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])]
    return ((picture - mean) / deviation).numpy()


def iminet(samples, rate, frames, **values):
    import librosa
    samples = np.pad(samples, (0, max(0, 4 * rate - len(samples))))[:4 * rate]
    mel = librosa.feature.melspectrogram(y=samples, sr=rate, power=2, **values)
    if frames == 482:
        decibels = librosa.power_to_db(mel[:, :482], ref=np.max)
    else:
        decibels = librosa.power_to_db(mel, ref=np.max)[:, :frames]
    return ((decibels - decibels.mean()) / decibels.std())[None, None]


# PyTorch

def torchlibrosa(samples, rate, window, hop, bands, lowest, highest):
    import torch
    from torchlibrosa.stft import LogmelFilterBank, Spectrogram
    spectrogram = Spectrogram(n_fft=window, hop_length=hop, win_length=window, window="hann", center=True,
                              pad_mode="reflect", freeze_parameters=True)
    log_mel = LogmelFilterBank(sr=rate, n_fft=window, n_mels=bands, fmin=lowest, fmax=highest, ref=1.0, amin=1e-10,
                               top_db=None, freeze_parameters=True)
    with torch.no_grad():
        return log_mel(spectrogram(torch.from_numpy(samples)[None])).numpy()


def openwakeword(samples):
    """`AudioFeatures._get_melspectrogram` on 16-bit samples, `_get_embeddings`' windows; the sound is filled up with zeros
    to one window."""
    import torch
    from torchlibrosa.stft import LogmelFilterBank, Spectrogram
    samples = np.pad(samples * np.float32(32768), (0, max(0, 512 + 75 * 160 - len(samples))))
    spectrogram = Spectrogram(n_fft=512, hop_length=160, win_length=400, window="hann", center=False,
                              freeze_parameters=True)
    log_mel = LogmelFilterBank(sr=16000, n_fft=512, n_mels=32, fmin=60, fmax=3800, ref=1.0, amin=1e-10, top_db=80.0,
                               freeze_parameters=True)
    with torch.no_grad():
        frames = log_mel(spectrogram(torch.from_numpy(samples)[None]))[0, 0].numpy() / 10 + 2
    return np.stack(patches(frames, 76, 8))[..., None]


def kaldi(samples):
    import torch
    import torchaudio.compliance.kaldi
    return torchaudio.compliance.kaldi.fbank(torch.from_numpy(samples)[None], dither=0.0).numpy()[None]


def torchaudio_defaults(samples):
    import torch
    import torchaudio
    return torchaudio.transforms.MelSpectrogram()(torch.from_numpy(samples)[None]).numpy()


def speechbrain(samples):
    import torch
    from speechbrain.lobes.features import Fbank
    with torch.no_grad():
        return Fbank()(torch.from_numpy(samples)[None]).numpy()


def opensoundscape(samples):
    """The steps of `SpectrogramPreprocessor` that are no augmentations; incomplete last clips are left out, a shorter sound
    is filled up with zeros."""
    import importlib
    import importlib.util
    import torch
    if "opensoundscape" not in sys.modules:  # its __init__ imports all of its training code
        package = types.ModuleType("opensoundscape")
        package.__path__ = list(importlib.util.find_spec("opensoundscape").submodule_search_locations)
        sys.modules["opensoundscape"] = package
    Audio = importlib.import_module("opensoundscape.audio").Audio
    Spectrogram = importlib.import_module("opensoundscape.spectrogram").Spectrogram
    samples = np.pad(samples, (0, max(0, 160000 - len(samples))))
    clips = []
    for clip in windows(samples, 160000, 160000):
        spectrogram = Spectrogram.from_audio(Audio(clip.copy(), 32000)).bandpass(0, 16000, out_of_bounds_ok=False)
        clips.append((spectrogram.to_image(shape=[224, 224], channels=3, return_type="torch") - 0.5) / 0.5)
    return torch.stack(clips).numpy()


# transformers

def ast(samples):
    from transformers import ASTFeatureExtractor
    return ASTFeatureExtractor()(samples, sampling_rate=16000, return_tensors="np")["input_values"]


def ast_in_double(samples):
    """The same in double precision, which `ASTFeatureExtractor` does not offer: how far single precision is from it."""
    import torch
    import torchaudio.compliance.kaldi
    frames = torchaudio.compliance.kaldi.fbank(
        torch.from_numpy(samples.astype(np.float64))[None], sample_frequency=16000, window_type="hanning", num_mel_bins=128,
        dither=0.0).numpy()[:1024]
    return (np.pad(frames, ((0, 1024 - len(frames)), (0, 0))) + 4.2677393) / (2 * 4.5689974)


def whisper(samples):
    from transformers import WhisperFeatureExtractor
    return WhisperFeatureExtractor()(samples, sampling_rate=16000, return_tensors="np")["input_features"]


def wav2vec2(samples):
    from transformers import Wav2Vec2FeatureExtractor
    return Wav2Vec2FeatureExtractor()(samples, sampling_rate=16000, return_tensors="np")["input_values"]


def clap(samples):
    from transformers import ClapFeatureExtractor
    extractor = ClapFeatureExtractor(truncation="rand_trunc", padding="repeatpad", frequency_min=50, frequency_max=14000)
    return extractor(samples, sampling_rate=48000, return_tensors="np")["input_features"]


# samples

def birdnet(samples):
    """`split_signal` with `SIG_LENGTH` 3, `SIG_OVERLAP` 0, `SIG_MINLEN` 1: a last window of at least 1 s is filled up with
    zeros, a shorter one is left out; a sound shorter than that is one window."""
    step = 144000
    starts = range(0, max(1, len(samples)), step)
    parts = [samples[start:start + step] for start in starts]
    kept = [part for index, part in enumerate(parts) if index == 0 or len(part) >= 48000]
    return np.stack([np.pad(part, (0, step - len(part))) for part in kept])


def perch(samples):
    if len(samples) < 160000:
        missing = 160000 - len(samples)
        samples = np.pad(samples, (missing // 2, missing - missing // 2))  # librosa.util.pad_center
    framed = windows(samples, 160000, 160000).copy()
    framed -= framed.mean(axis=-1, keepdims=True)
    peak = np.abs(framed).max(axis=-1, keepdims=True)
    return np.divide(framed, peak, where=peak > 0, out=framed) * 0.25


def crepe(samples):
    padded = np.pad(samples, 512)
    count = 1 + (len(padded) - 1024) // 160
    frames = windows(padded, 1024, 160)[:count].copy()
    frames -= frames.mean(axis=1)[:, None]
    frames /= np.clip(frames.std(axis=1)[:, None], 1e-8, None)
    return frames


def openl3(samples, centred=True):
    """`core._preprocess_audio_batch` (centred windows of 1 s every 0.1 s), then kapre's `get_melspectrogram_layer(n_fft=2048,
    hop_length=242, n_mels=256, pad_end=True)` and openl3's `kapre_v0_1_4_magnitude_to_decibel`."""
    import librosa
    samples = np.pad(samples.astype(np.float64), (24000 if centred else 0, 0))
    missing = 48000 - len(samples) if len(samples) < 48000 else -(-(len(samples) - 48000) // 4800) * 4800 - (len(samples) - 48000)
    clips = windows(np.pad(samples, (0, missing)), 48000, 4800)
    weights = librosa.filters.mel(sr=48000, n_fft=2048, n_mels=256, fmin=0, fmax=None, htk=False, norm="slaney").astype(np.float64)
    window = 0.5 - 0.5 * np.cos(2 * np.pi / 2048 * np.arange(2048))
    result = []
    for clip in clips:
        # tf.signal.stft(pad_end=True): a frame at every hop that begins within the clip, zeros behind it.
        count = -(-48000 // 242)
        frames = windows(np.pad(clip, (0, (count - 1) * 242 + 2048 - 48000)), 2048, 242)
        magnitudes = np.abs(np.fft.rfft(frames * window))
        decibels = 10 * np.log10(np.maximum(magnitudes @ weights.T, 1e-10))
        result.append(np.maximum(decibels - decibels.max(), -80).T)
    return np.stack(result)[..., None]


ORIGINS = {
    "vggish": vggish, "yamnet": yamnet, "musicnn": musicnn,
    "panns": lambda x: torchlibrosa(x, 32000, 1024, 320, 64, 50, 14000),
    "panns-16k": lambda x: torchlibrosa(x, 16000, 512, 160, 64, 50, 8000),
    "ast": ast, "kaldi": kaldi, "whisper": whisper, "wav2vec2": wav2vec2, "clap": clap, "birdnet": birdnet,
    "perch": perch, "crepe": crepe, "openl3": openl3, "librosa": librosa_defaults, "torchaudio": torchaudio_defaults,
    "opensoundscape": opensoundscape, "speechbrain": speechbrain, "openwakeword": openwakeword,
    "hear-and-see": hear_and_see,
    "iminet-imitation": lambda x: iminet(x, 16000, 482, n_fft=133, hop_length=133, n_mels=39, fmin=0.0, fmax=5000),
    "iminet-recording": lambda x: iminet(x, 44100, 128, n_fft=1024, hop_length=1024),
}


def signal(count, rate):
    """A chirp and seeded noise: the same numbers as `testSignal` of AudioTests."""
    state = 12345
    noise = np.empty(count)
    for index in range(count):
        state = (state * 1664525 + 1013904223) % 2**32
        noise[index] = state / 2**32 - 0.5
    t = np.arange(count) / rate
    return (0.4 * np.sin(2 * np.pi * (200 * t + 1500 * t * t)) + 0.1 * noise).astype(np.float32)


def golden(name):
    """2.3 s of the signal: the array's shape, and its values at every `stride`-th place, a prime, so that all frames and
    bands are met."""
    values = origin(name, signal(int(2.3 * RATES[name]), RATES[name]))
    stride = next(n for n in range(max(1, values.size // 700), 1 << 30) if all(n % d for d in range(2, int(n**0.5) + 1)))
    np.savez(os.path.join(here, "front-ends", name + ".npz"), shape=np.array(values.shape, np.float32),
             stride=np.array([stride], np.float32), values=values.reshape(-1)[::stride])
    return values.shape


if __name__ == "__main__":
    if len(sys.argv) == 4:
        name, source, target = sys.argv[1:]
        np.save(target, origin(name, np.load(source)))
    else:
        for name in ORIGINS:
            print(name, golden(name), flush=True)
