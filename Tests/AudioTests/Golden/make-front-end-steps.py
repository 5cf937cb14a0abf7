"""What librosa, torchaudio, SciPy and PyTorch make of the test signal, step by step: front-end-steps.npz.

Needs the environment of make-front-ends.py. Each array is `[frames, bands]` or `[channels, frames, bands]` of 0.5 s at 16 kHz; of
each are kept its shape and its values at every `stride`-th place. FrontEndStepTests says the same steps as JSON.
"""
import os

import librosa
import numpy as np
import scipy.signal
import torch
import torchaudio
import torchaudio.compliance.kaldi as kaldi

here = os.path.dirname(os.path.abspath(__file__))
RATE = 16000


def signal(count, rate):
    """A chirp and seeded noise: the same numbers as `testSignal` of AudioTests."""
    state = 12345
    noise = np.empty(count)
    for index in range(count):
        state = (state * 1664525 + 1013904223) % 2**32
        noise[index] = state / 2**32 - 0.5
    t = np.arange(count) / rate
    return (0.4 * np.sin(2 * np.pi * (200 * t + 1500 * t * t)) + 0.1 * noise).astype(np.float32)


x = signal(8000, RATE)
double = x.astype(np.float64)
tensor = torch.from_numpy(double)[None]
mel = librosa.feature.melspectrogram(y=double, sr=RATE, n_fft=512, hop_length=128, n_mels=40)
decibels = librosa.power_to_db(mel)
power = np.abs(librosa.stft(double, n_fft=512, hop_length=128)) ** 2


def mel_scale(**values):
    return torchaudio.transforms.MelSpectrogram(RATE, n_fft=400, n_mels=32, **values).double()(tensor)[0].T.numpy()


arrays = {
    "kaldi-whole": kaldi.fbank(tensor * 32768, snip_edges=False, window_type="hamming", num_mel_bins=40, preemphasis_coefficient=0.9),
    "kaldi-mfcc": kaldi.mfcc(tensor * 32768),
    "kaldi-blackman": kaldi.fbank(tensor * 32768, window_type="blackman", use_power=False, remove_dc_offset=False),
    "kaldi-rectangular": kaldi.fbank(tensor * 32768, window_type="rectangular", low_freq=100.0, high_freq=6000.0),
    "pcen": librosa.pcen(librosa.feature.melspectrogram(y=double, sr=RATE, n_fft=512, hop_length=128, n_mels=40, power=1), sr=RATE,
                         hop_length=128).T,
    "mfcc": librosa.feature.mfcc(S=decibels, n_mfcc=13, lifter=22).T,
    "dct": librosa.feature.mfcc(S=decibels, n_mfcc=10, norm=None).T,
    "amplitude": librosa.amplitude_to_db(np.abs(librosa.stft(double, n_fft=256, hop_length=100, pad_mode="edge")), ref=np.max).T,
    "normalized": mel_scale(normalized=True, norm="slaney", mel_scale="slaney", window_fn=torch.hamming_window),
    "frame-length": mel_scale(normalized="frame_length", power=1.0, pad_mode="constant"),
    "density": scipy.signal.spectrogram(double, RATE, window="hann", nperseg=256, noverlap=128, scaling="density")[2].T,
    "spectrum": scipy.signal.spectrogram(double, RATE, window="blackman", nperseg=256, noverlap=156, nfft=300, scaling="spectrum",
                                         detrend=False)[2].T,
    "pre-emphasis": librosa.power_to_db(librosa.feature.melspectrogram(
        y=torchaudio.functional.preemphasis(torch.from_numpy(32768 * (double - double.mean()))[None], 0.95)[0].numpy(), sr=RATE,
        n_fft=512, hop_length=128, n_mels=40), top_db=None).T,
    "logarithmic": np.stack([np.interp(np.geomspace(100, 6000, 30), np.arange(257) * RATE / 512, frame) for frame in power.T]),
    "cube-root": np.cbrt(mel).T,
    "by-band": ((torch.from_numpy(decibels) - torch.from_numpy(decibels).mean(1, keepdim=True))
                / (torch.from_numpy(decibels).std(1, keepdim=True) + 1e-3)).T.numpy(),
    "deltas": np.stack([decibels.T] + [librosa.feature.delta(decibels, width=9, order=order).T for order in (1, 2)]),
    "slopes": (lambda d: torch.stack([d, torchaudio.functional.compute_deltas(d),
                                      torchaudio.functional.compute_deltas(torchaudio.functional.compute_deltas(d))]).transpose(1, 2)
               )(torch.from_numpy(decibels)).numpy(),
    "smaller": torch.nn.functional.interpolate(torch.from_numpy(decibels.T.copy())[None, None], size=(20, 50), mode="bilinear",
                                               align_corners=False)[0].numpy(),
    "nearest": torch.nn.functional.interpolate(torch.from_numpy(decibels.T.copy())[None, None], size=(100, 17))[0].numpy(),
}

kept = {}
for name, array in arrays.items():
    array = np.ascontiguousarray(array, np.float32)
    stride = next(n for n in range(max(1, array.size // 100), 1 << 30) if all(n % d for d in range(2, int(n**0.5) + 1)))
    kept[f"{name} shape"] = np.array(array.shape, np.float32)
    kept[f"{name} stride"] = np.array([stride], np.float32)
    kept[name] = array.reshape(-1)[::stride]
    print(name, array.shape)
np.savez(os.path.join(here, "front-end-steps.npz"), **kept)
