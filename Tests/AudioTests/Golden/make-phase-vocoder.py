"""What librosa makes slower, faster and higher: phase-vocoder.npz.

Needs librosa 0.11 (numpy 2). 0.5 s of `testSignal` at 16 kHz, in double precision: librosa adds up phases in the precision of
its input, and in single precision they are wrong by a hundredth of a turn after a few seconds. Every 4th sample of
`time_stretch` at rates 0.81 and 1.23, and of `pitch_shift` by 2 and -3.5 semitones.
"""
import os

import librosa
import numpy as np

here = os.path.dirname(os.path.abspath(__file__))


def signal(count, rate):
    """A chirp and seeded noise: the same numbers as `testSignal` of AudioTests."""
    state = 12345
    noise = np.empty(count)
    for index in range(count):
        state = (state * 1664525 + 1013904223) % 2**32
        noise[index] = state / 2**32 - 0.5
    t = np.arange(count) / rate
    return (0.4 * np.sin(2 * np.pi * (200 * t + 1500 * t * t)) + 0.1 * noise).astype(np.float32).astype(np.float64)


x = signal(8000, 16000)
arrays = {}
for rate in [0.81, 1.23]:
    y = librosa.effects.time_stretch(x, rate=rate)
    arrays[f"stretched {rate}"] = y[::4].astype(np.float32)
    arrays[f"length {rate}"] = np.array([len(y)], np.float32)
for steps in [2.0, -3.5]:
    arrays[f"pitched {steps}"] = librosa.effects.pitch_shift(x, sr=16000, n_steps=steps)[::4].astype(np.float32)
np.savez_compressed(os.path.join(here, "phase-vocoder.npz"), **arrays)
print({name: (a.shape, float(np.abs(a).max())) for name, a in arrays.items()})
