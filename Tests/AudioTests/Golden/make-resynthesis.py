"""What librosa makes of magnitudes without phases: griffin-lim.npz.

Needs librosa 0.11 (numpy 2). `sound`: 12 iterations from given phases on 0.4 s of `testSignal` at 16 kHz, frames of 512 samples
every 128. `convergence`: ‖|STFT(y)| − S‖ / ‖S‖ after 32 iterations from random phases (mean of ten seeds) on one second of
loop_tabla and one of `testSignal` at 22,050 Hz, by frames of 2048 every 512, as GriffinLimTests measures it.
`nnls`: for 40 mel bands of 257 bins and bands that no spectrum has, the smallest residual by scipy's nnls.
"""
import os

import librosa
import numpy as np
import scipy.optimize
import soundfile

here = os.path.dirname(os.path.abspath(__file__))
sounds = os.path.join(here, "../../../Data/sounds")


def signal(count, rate):
    """A chirp and seeded noise: the same numbers as `testSignal` of AudioTests."""
    state = 12345
    noise = np.empty(count)
    for index in range(count):
        state = (state * 1664525 + 1013904223) % 2**32
        noise[index] = state / 2**32 - 0.5
    t = np.arange(count) / rate
    return (0.4 * np.sin(2 * np.pi * (200 * t + 1500 * t * t)) + 0.1 * noise).astype(np.float32)


x = signal(6400, 16000)
S = np.abs(librosa.stft(x, n_fft=512, hop_length=128))


class Fixed(np.random.RandomState):
    """Phases that the test makes, too, in the order of frames."""

    def random(self, size):
        bins, frames = size
        return (np.arange(frames * bins) * 7919 % 1000 / 1000).reshape(frames, bins).T


y = librosa.griffinlim(S, n_iter=12, n_fft=512, hop_length=128, random_state=Fixed(), length=len(x))


def convergence(samples):
    S = np.abs(librosa.stft(samples))
    values = []
    for seed in range(10):
        y = librosa.griffinlim(S, n_iter=32, random_state=seed, length=len(samples))
        values.append(np.linalg.norm(np.abs(librosa.stft(y)) - S) / np.linalg.norm(S))
    return np.mean(values)


clips = []
tabla, rate = soundfile.read(f"{sounds}/loop_tabla.flac", dtype="float32", always_2d=True)
clips.append(tabla[44100:88200, 0])
clips.append(signal(22050, 22050))

mel = librosa.filters.mel(sr=16000, n_fft=512, n_mels=40, htk=False, norm=None).astype(np.float64)
bands = np.array([[((7 * f + 3 * b) % 5 == 0) * (1.0 + b) + 0.001 * b for b in range(40)] for f in range(6)])
nnls = [scipy.optimize.nnls(mel, row)[1] for row in bands]

np.savez_compressed(os.path.join(here, "griffin-lim.npz"), sound=y.astype(np.float32),
                    convergence=np.array([convergence(c) for c in clips], np.float32), nnls=np.array(nnls, np.float32))
print([convergence(c) for c in clips], nnls, np.abs(y).max())
