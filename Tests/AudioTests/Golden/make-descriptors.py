"""What librosa, Essentia and libebur128 make of loop_tabla.flac: descriptors.npz.

Needs librosa 0.11, Essentia 2.1b6 (PyPI: essentia), soundfile, libebur128 (Debian: libebur128-1). librosa hears every second sample of
1.5 s of the left channel as if it were at 22,050 Hz, Essentia all of them; both are `[frames, values]`. `onset_rate` and `lufs`
(integrated, largest short-term) are of the whole loop: its left channel, and both. `onset_times` are those of librosa on every second
sample of the left channel.
"""
import ctypes
import os

import essentia
import essentia.standard as es
import librosa
import numpy as np
import soundfile

essentia.log.infoActive = False
here = os.path.dirname(os.path.abspath(__file__))
loop, rate = soundfile.read(f"{here}/../../../Data/sounds/loop_tabla.flac", dtype="float32", always_2d=True)
left = np.ascontiguousarray(loop[:, 0])
z = left[44100:44100 + 66150]
y = np.ascontiguousarray(z[::2])

S = np.abs(librosa.stft(y))
H, P = librosa.decompose.hpss(S)
arrays = {
    "rms": librosa.feature.rms(y=y).T,
    "zero_crossing_rate": librosa.feature.zero_crossing_rate(y).T,
    "centroid_hz": librosa.feature.spectral_centroid(S=S, sr=22050).T,
    "bandwidth_hz": librosa.feature.spectral_bandwidth(S=S, sr=22050).T,
    "rolloff_hz": librosa.feature.spectral_rolloff(S=S, sr=22050).T,
    "flatness": librosa.feature.spectral_flatness(S=S).T,
    "onset_strength": librosa.onset.onset_strength(y=y, sr=22050)[:, None],
    "mfcc": librosa.feature.mfcc(y=y, sr=22050, n_mfcc=13).T,
    "chroma": librosa.feature.chroma_stft(y=y, sr=22050).T,
    "tuning": np.array([librosa.estimate_tuning(S=S ** 2, sr=22050)]),
    "harmonic_share": ((H ** 2).sum(0) / ((H ** 2).sum(0) + (P ** 2).sum(0)))[:, None],
    "onset_times": librosa.onset.onset_detect(y=np.ascontiguousarray(left[::2]), sr=22050, units="time"),
}

window = es.Windowing(type="blackmanharris62", size=4096)
spectrum, hpcp, salience, loudness, flux = es.Spectrum(size=4096), es.HPCP(), es.PitchSalience(), es.Loudness(), es.Flux()
peaks = es.SpectralPeaks(sampleRate=44100, minFrequency=40, maxFrequency=5000, magnitudeThreshold=1e-5, maxPeaks=10000,
                         orderBy="frequency")
padded = np.concatenate([np.zeros(2048, np.float32), z, np.zeros(8192, np.float32)])
rows = {"hpcp": [], "pitch_salience": [], "loudness_stevens": []}
for t in range(S.shape[1]):
    frame = padded[1024 * t:1024 * t + 4096]
    magnitudes = spectrum(window(frame))
    rows["hpcp"].append(hpcp(*peaks(magnitudes)))
    rows["pitch_salience"].append([salience(magnitudes)])
    rows["loudness_stevens"].append([loudness(frame[1024:3072])])
arrays.update({name: np.array(values) for name, values in rows.items()})
# Of the same spectra as librosa's, scaled so that a sine of amplitude 1 has a magnitude of 1.
arrays["flux"] = np.array([[flux(np.ascontiguousarray(column))] for column in (S * 4 / 2048).T.astype(np.float32)])
arrays["onset_rate"] = np.array([es.OnsetRate()(left)[1]])

library = ctypes.CDLL("libebur128.so.1")
library.ebur128_init.restype = ctypes.c_void_p
state, out, largest = ctypes.c_void_p(library.ebur128_init(2, ctypes.c_ulong(rate), 0x0F)), ctypes.c_double(), -np.inf
for start in range(0, len(loop), 4410):
    part = np.ascontiguousarray(loop[start:start + 4410])
    library.ebur128_add_frames_float(state, part.ctypes.data_as(ctypes.c_void_p), ctypes.c_size_t(len(part)))
    if start + 4410 >= 30 * 4410 and len(part) == 4410:
        library.ebur128_loudness_shortterm(state, ctypes.byref(out))
        largest = max(largest, out.value)
library.ebur128_loudness_global(state, ctypes.byref(out))
arrays["lufs"] = np.array([out.value, largest])

np.savez_compressed(f"{here}/descriptors.npz", **{name: np.asarray(values, np.float32) for name, values in arrays.items()})
print({name: np.asarray(values).shape for name, values in arrays.items()}, arrays["onset_rate"], arrays["lufs"])
