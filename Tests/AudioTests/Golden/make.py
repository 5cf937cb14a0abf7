"""Makes the golden files of AudioTests. Needs numpy, librosa, soundfile and (for film.mp4) av.

    python make.py            # all
The log-mels are computed in double precision from librosa's and TensorFlow's definitions.
"""
import os
import sys

import numpy as np

here = os.path.dirname(os.path.abspath(__file__))


def signal(count, rate):
    """A chirp and seeded noise: the same numbers as AudioTests' `testSignal`."""
    state = 12345
    noise = np.empty(count)
    for index in range(count):
        state = (state * 1664525 + 1013904223) % 2**32
        noise[index] = state / 2**32 - 0.5
    t = np.arange(count) / rate
    return (0.4 * np.sin(2 * np.pi * (200 * t + 1500 * t * t)) + 0.1 * noise).astype(np.float32)


def tone(seconds, rate, hertz):
    t = np.arange(int(seconds * rate)) / rate
    return (0.5 * np.sin(2 * np.pi * hertz * t) * (0.5 + 0.5 * np.sin(2 * np.pi * 0.7 * t))).astype(np.float32)


def save(name, array):
    np.save(os.path.join(here, name), np.ascontiguousarray(array, np.float32))


def yamnet(samples):
    """tf.signal.stft, linear_to_mel_weight_matrix and yamnet's padding, in float64."""
    patch, step = 15600, 7680
    count = max(len(samples), patch)
    count = patch + -(-(count - patch) // step) * step
    padded = np.pad(samples.astype(np.float64), (0, count - len(samples)))
    frames = np.lib.stride_tricks.sliding_window_view(padded, 400)[::160]
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(400) / 400)
    mel = lambda hertz: 1127 * np.log(1 + hertz / 700)
    place = mel(np.linspace(0, 8000, 257)[1:])[:, None]
    edges = np.linspace(mel(125), mel(7500), 66)
    rising = (place - edges[:-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[2:] - place) / (edges[2:] - edges[1:-1])
    weights = np.vstack([np.zeros((1, 64)), np.maximum(0, np.minimum(rising, falling))])
    return np.log(np.abs(np.fft.rfft(frames * window, 512)) @ weights + 0.001), weights.T


def musicnn(samples):
    import librosa

    samples = np.pad(samples.astype(np.float64), (0, max(0, 186 * 256 - len(samples))))
    weights = librosa.filters.mel(sr=16000, n_fft=512, n_mels=96, dtype=np.float64)
    power = np.abs(librosa.stft(samples, n_fft=512, hop_length=256)) ** 2
    return np.log10(10000 * (weights @ power) + 1).T, weights


def numbers():
    import librosa

    short = signal(20000, 16000)
    save("yamnet.npy", yamnet(short)[0])
    save("musicnn.npy", musicnn(short)[0])
    save("resampled.npy", librosa.resample(signal(11025, 44100), orig_sr=44100, target_sr=16000))


def separation():
    """One second of a tabla loop and 0.05 s of it (3 frames, less than the kernel), every 16th sample of the former."""
    import librosa
    import soundfile

    samples, _ = soundfile.read(os.path.join(here, "../../../Data/sounds/loop_tabla.flac"), dtype="float32")
    samples = samples[44100:88200, 0]
    save("separation.npy", np.stack(librosa.effects.hpss(samples))[:, ::16])
    save("separation-short.npy", np.stack(librosa.effects.hpss(samples[:2205])))


def sounds():
    import librosa
    import soundfile

    both = tone(6, 16000, 440)
    soundfile.write(os.path.join(here, "tone.mp3"), both, 16000, compression_level=0.9)
    soundfile.write(os.path.join(here, "tone.ogg"), both, 16000, compression_level=0.9)
    soundfile.write(os.path.join(here, "tone.flac"), np.stack([both[:8000], -both[:8000] / 2], 1), 16000)
    decoded, _ = librosa.load(os.path.join(here, "tone.mp3"), sr=None)
    print("tone.mp3 has", len(decoded), "samples")
    save("tone.mp3.npy", decoded[:4000])


def film():
    import av

    path = os.path.join(here, "film.mp4")
    with av.open(path, "w") as out:
        picture = out.add_stream("mpeg4", rate=5)
        picture.width = picture.height = 32
        sound = out.add_stream("aac", rate=44100, layout="stereo")
        sound.bit_rate = 48000
        for _ in range(10):
            out.mux(picture.encode(av.VideoFrame.from_ndarray(np.zeros((32, 32, 3), np.uint8), format="rgb24")))
        out.mux(picture.encode(None))
        samples = np.stack([tone(2, 44100, 440)] * 2)
        for start in range(0, samples.shape[1], 1024):
            frame = av.AudioFrame.from_ndarray(samples[:, start : start + 1024].copy(), format="fltp", layout="stereo")
            frame.sample_rate, frame.pts = 44100, start
            out.mux(sound.encode(frame))
        out.mux(sound.encode(None))


if __name__ == "__main__":
    for step in sys.argv[1:] or ["numbers", "separation", "sounds", "film"]:
        {"numbers": numbers, "separation": separation, "sounds": sounds, "film": film}[step]()
