"""Does `otoscope front-end --compare` name what is wrong? Seeded mistakes in five front ends, made in NumPy.

    python Benchmarks/culprits.py --otoscope .build-app/release/otoscope --sounds Data/sounds [--singles 100] [--doubles 40]

Needs the environment of Tests/AudioTests/Golden/make-front-ends.py. `listen` below writes the five front ends out in NumPy, in double
precision; before anything else it is held against their origins. A mistake changes one of its settings as people do by accident.
The command is given the sound and the array with the mistake in it; it must name the setting. With two mistakes from different
settings it must say that none alone explains the difference. Mistakes that change nothing on the sound (less than 1e-3 of the
range) are drawn again.
"""
import argparse
import collections
import copy
import importlib.util
import json
import os
import random
import subprocess
import sys
import tempfile

import librosa
import numpy as np
import soundfile

here = os.path.dirname(os.path.abspath(__file__))
specification = importlib.util.spec_from_file_location(
    "origins", os.path.join(here, "..", "Tests", "AudioTests", "Golden", "make-front-ends.py"))
origins = importlib.util.module_from_spec(specification)
specification.loader.exec_module(origins)

# The front ends as settings.

PRESETS = {
    "vggish": dict(
        rate=16000, window=400, hop=160, fft=512, shape="hann", framing="from-start", exponent=1,
        bank=dict(bands=64, low=125, high=7500, scale="htk", norm="none", construction="tensorflow"),
        compression=dict(kind="log", base=np.e, offset=0.01), patch=dict(frames=96, tail="drop")),
    "panns": dict(
        rate=32000, window=1024, hop=320, fft=1024, shape="hann", framing="centred", padding="reflect", exponent=2,
        bank=dict(bands=64, low=50, high=14000, scale="slaney", norm="slaney", construction="hertz"),
        compression=dict(kind="decibels", floor=1e-10), patch=dict(frames=None)),
    "ast": dict(
        rate=16000, window=400, hop=160, fft=512, shape="hann", symmetric=True, framing="from-start", exponent=2,
        removes_mean=True, pre_emphasis=0.97,
        bank=dict(bands=128, low=20, high=8000, scale="htk", norm="none", construction="kaldi"),
        compression=dict(kind="log", base=np.e, floor=float(np.finfo(np.float32).eps)),
        patch=dict(frames=1024, tail="pad-frames"), normalisation=(-4.2677393, 2 * 4.5689974)),
    "whisper": dict(
        rate=16000, window=400, hop=160, fft=400, shape="hann", framing="centred", padding="reflect", exponent=2,
        drops_last=True, length=480000,
        bank=dict(bands=80, low=0, high=8000, scale="slaney", norm="slaney", construction="hertz"),
        compression=dict(kind="log", base=10, floor=1e-10, range=8), patch=dict(frames=3000, tail="drop"),
        normalisation=(-4, 4)),
    "librosa": dict(
        rate=22050, window=2048, hop=512, fft=2048, shape="hann", framing="centred", padding="constant", exponent=2,
        bank=dict(bands=128, low=0, high=11025, scale="slaney", norm="slaney", construction="hertz"),
        compression=dict(kind="decibels", floor=1e-10, range=80), patch=dict(frames=None)),
}

SHAPES = {
    "hann": lambda a: 0.5 - 0.5 * np.cos(a), "hamming": lambda a: 0.54 - 0.46 * np.cos(a),
    "blackman": lambda a: 0.42 - 0.5 * np.cos(a) + 0.08 * np.cos(2 * a),
    "povey": lambda a: (0.5 - 0.5 * np.cos(a))**0.85, "rectangular": lambda a: np.ones_like(a),
}


def bank(settings):
    """Mel triangles, `[bands, bins]`."""
    values, rate, fft = settings["bank"], settings.get("bank_rate", settings["rate"]), settings["fft"]
    if values["scale"] == "htk":
        mel, hertz = lambda f: 2595 * np.log10(1 + f / 700), lambda m: 700 * (10**(m / 2595) - 1)
    else:
        mel, hertz = librosa.hz_to_mel, librosa.mel_to_hz
    edges = np.linspace(mel(values["low"]), mel(values["high"]), values["bands"] + 2)
    bins = np.arange(fft // 2 + 1) * rate / fft
    if values["construction"] == "hertz":
        places, corners = bins, hertz(edges)
    else:
        places, corners = mel(bins), edges
    low, centre, high = corners[:-2, None], corners[1:-1, None], corners[2:, None]
    weights = np.maximum(0, np.minimum((places - low) / (centre - low), (high - places) / (high - centre)))
    if values["construction"] == "tensorflow":
        weights[:, 0] = 0
    if values["construction"] == "kaldi":
        weights[:, -1] = 0
    if values["norm"] == "slaney":
        weights *= 2 / (hertz(edges[2:]) - hertz(edges[:-2]))[:, None]
    return weights


def listen(samples, settings):
    """What the settings make of samples: `[patches, frames, bands]`."""
    window, hop, fft = settings["window"], settings["hop"], settings["fft"]
    x = samples.astype(np.float64) * settings.get("factor", 1)
    if settings.get("peak"):
        x = x / np.abs(x).max()
    skip = settings.get("skip", 0)
    x = x[skip:] if skip >= 0 else np.pad(x, (-skip, 0))
    emphasis = settings.get("sound_pre_emphasis", 0)
    if emphasis:
        x = np.append(x[0], x[1:] - emphasis * x[:-1])
    length, frames = settings.get("length"), settings["patch"]["frames"]
    if length:
        x = np.pad(x, (0, max(0, length - len(x))))[:length]
    elif frames and settings["patch"]["tail"] == "drop":
        x = np.pad(x, (0, max(0, (frames - 1) * hop + window - len(x))))
    weights = SHAPES[settings["shape"]](2 * np.pi * np.arange(window) / (window - bool(settings.get("symmetric"))))
    if settings["framing"] == "centred":
        x = np.pad(x, fft // 2, mode=settings.get("padding", "constant"))
        frame_list = origins.windows(x, fft, hop)
        left = (fft - window) // 2
        frame_list = frame_list[:, left:left + window]
    else:
        frame_list = origins.windows(x, window, hop)
    if settings.get("removes_mean"):
        frame_list = frame_list - frame_list.mean(axis=1, keepdims=True)
    emphasis = settings.get("pre_emphasis", 0)
    if emphasis:
        frame_list = frame_list - emphasis * np.pad(frame_list, ((0, 0), (1, 0)), mode="edge")[:, :-1]
    if settings.get("drops_last"):
        frame_list = frame_list[:-1]
    spectrum = np.abs(np.fft.rfft(frame_list * weights, fft))**settings["exponent"]
    y = spectrum @ bank(settings).T
    compression = settings["compression"]
    floor = compression.get("floor", 0)
    if compression["kind"] == "log":
        y = np.log(np.maximum(y, floor) + compression.get("offset", 0)) / np.log(compression["base"])
    elif compression["kind"] == "decibels":
        reference = max(floor, y.max()) if compression.get("reference") == "max" else 1
        y = compression.get("factor", 10) * np.log10(np.maximum(y, floor) / reference)
    if compression.get("range"):
        y = np.maximum(y, y.max() - compression["range"])
    mean, deviation = settings.get("normalisation", (0, 1))
    if settings["patch"].get("tail") == "pad-frames":
        y = np.pad(y, ((0, max(0, frames - len(y))), (0, 0)))[:frames]
    y = (y - mean) / deviation
    result = np.stack(origins.patches(y, frames, frames) if frames else [y])
    if settings.get("flipped"):
        result = result[:, :, ::-1]
    return result.transpose(0, 2, 1) if settings.get("transposed") else result


# Mistakes: what the command calls the setting, and how a draw changes it; None where it does not apply.

def change(*path):
    """A mistake that sets one value: `values(draw, old)` gives the new one, or None."""
    def with_values(values):
        def make(settings, draw):
            place = settings
            for key in path[:-1]:
                place = place[key]
            new = values(draw, place.get(path[-1]))
            if new is None or new == place.get(path[-1]):
                return None
            place[path[-1]] = new
            return f"{'.'.join(path)}={new:.6g}" if isinstance(new, float) else f"{'.'.join(path)}={new}"
        return make
    return with_values


def compression_kind(settings, draw):
    compression = settings["compression"]
    if compression["kind"] == "log":
        new = draw.choice([b for b in (np.e, 10, 2) if b != compression["base"]])
        compression["base"] = new
        return f"base={new:.4g}"
    if draw.random() < 0.5:
        compression["factor"] = 20
        return "factor=20"
    settings["compression"] = dict(kind="log", base=np.e, floor=compression["floor"])
    return "natural logarithm"


def no_logarithm(settings, draw):
    # Where the range is a step of its own, as Whisper's, it stays.
    own = settings["compression"]["kind"] == "log" and "range" in settings["compression"]
    settings["compression"] = dict(kind="none", range=settings["compression"]["range"]) if own else dict(kind="none")
    return "no logarithm"


def framing(settings, draw):
    if settings["framing"] == "centred":
        settings["framing"] = "from-start"
        return "from-start"
    settings["framing"], settings["padding"] = "centred", "reflect"
    return "centred, reflect"


def hop_size(draw, old):
    return draw.choice([old // 2, old * 2, old + old // 4, old // 4 * 3])


def window_size(settings, draw):
    old, fft = settings["window"], settings["fft"]
    settings["window"] = draw.choice([n for n in (fft, old // 2, old // 4 * 3) if n <= fft and n != old])
    return f"window={settings['window']}"


def fft_size(settings, draw):
    old = settings["fft"]
    new = draw.choice([n for n in (512, 1024, 2048, 4096, 400) if n >= settings["window"] and n != old])
    settings["fft"] = new
    return f"fft={new}"


def bank_rate(settings, draw):
    # With triangles beyond half that rate librosa warns of empty ones: no silent mistake.
    rates = [rate for rate in (22050, 44100, 48000) if rate != settings["rate"] and rate >= 2 * settings["bank"]["high"]]
    settings["bank_rate"] = draw.choice(rates)
    return f"triangles for {settings['bank_rate']}"


def own_rate(settings, draw):
    settings["reads_own_rate"] = True
    return "not resampled"


def pre_emphasis(settings, draw):
    if settings.get("pre_emphasis"):
        settings["pre_emphasis"] = 0
        return "left out"
    settings["sound_pre_emphasis"] = draw.choice([0.97, 0.95, 0.9])
    return f"of {settings['sound_pre_emphasis']}"


def normalisation(settings, draw):
    if "normalisation" not in settings:
        return None
    del settings["normalisation"]
    return "left out"


def flag(name, given=None):
    def make(settings, draw):
        if given is not None and bool(settings.get(name)) != given:
            return None
        settings[name] = not settings.get(name)
        return f"{name}={settings[name]}"
    return make


MISTAKES = {
    "first-sample": change("skip")(lambda draw, old: draw.choice([-1, 1]) * draw.randint(3, 300)),
    "framing": framing,
    "padding": lambda settings, draw: change("padding")(
        lambda draw, old: draw.choice(["reflect", "constant", "edge"]) if old else None)(settings, draw),
    "spectrum": change("exponent")(lambda draw, old: 3 - old),
    "mel.norm": change("bank", "norm")(lambda draw, old: "slaney" if old == "none" else "none"),
    "mel.scale": change("bank", "scale")(lambda draw, old: "slaney" if old == "htk" else "htk"),
    "mel.construction": change("bank", "construction")(
        lambda draw, old: draw.choice(["hertz", "tensorflow", "kaldi"])),
    "mel.lowest": change("bank", "low")(lambda draw, old: draw.choice([0, 20, 50, 60, 80, 125, 150, 200, 300])),
    "mel.highest": change("bank", "high")(lambda draw, old: draw.choice([3800, 4000, 6000, 7000, 7500, 7600, 7800])),
    "compression.base": compression_kind,
    "compression": no_logarithm,
    "compression.offset": change("compression", "offset")(
        lambda draw, old: None if not old else draw.choice([1e-3, 1e-4, 1e-6, 1e-8, 0.1, 1.0])),
    "compression.floor": change("compression", "floor")(
        lambda draw, old: None if not old else draw.choice([1e-5, 1e-6, 1e-8, 1e-12, 1e-3])),
    "compression.reference": change("compression", "reference")(
        lambda draw, old: "max"),
    "compression.range": change("compression", "range")(
        lambda draw, old: draw.choice([60, 80, 40]) if not old else draw.choice([None, old * 0.75, old / 2])),
    "transposition": flag("transposed"),
    "bands-order": flag("flipped"),
    "scaling": lambda settings, draw: flag("peak")(settings, draw) if draw.random() < 0.3 else change("factor")(
        lambda draw, old: draw.choice([32768.0, 32767.0, 0.5]))(settings, draw),
    "window.shape": change("shape")(lambda draw, old: draw.choice(list(SHAPES))),
    "window.symmetry": flag("symmetric"),
    "hop": change("hop")(hop_size),
    "window": window_size,
    "fft": fft_size,
    "sample-rate": own_rate,
    "mel.sample-rate": bank_rate,
    "pre-emphasis": pre_emphasis,
    "normalisation": normalisation,
    "frame-mean": flag("removes_mean", given=True),
    "last-frame": flag("drops_last", given=True),
    "channel": change("channel")(lambda draw, old: draw.choice(["left", "right"])),
}

# What the command calls the settings.
NAMES = {
    "first-sample": {"first_sample"}, "compression.base": {"compression.base", "compression.factor", "compression.kind"},
    "compression": {"compression.kind"}, "compression.range": {"compression.top_db", "steps", "patch.steps"},
    "transposition": {"axes"}, "bands-order": {"band_order"}, "window.shape": {"window_shape"},
    "window.symmetry": {"window_symmetry"}, "sample-rate": {"sample_rate"}, "mel.sample-rate": {"mel.sample_rate"},
    "pre-emphasis": {"pre_emphasis", "frame_pre_emphasis"}, "normalisation": {"steps", "patch.steps"},
    "frame-mean": {"remove_frame_mean"}, "last-frame": {"drop_last_frame"}, "channel": {"channels"},
}

# Settings of which two mistakes can be one: both move or stretch all values alike, or move the frames.
GROUPS = [
    {"compression.base", "compression", "compression.offset", "compression.floor", "compression.reference",
     "compression.range", "scaling", "normalisation", "spectrum"},
    {"first-sample", "framing", "padding", "window", "last-frame"},
    {"sample-rate", "mel.sample-rate", "mel.lowest", "mel.highest", "hop"},
    {"transposition", "bands-order"},
]


def samples_of(path, settings):
    """Read as people read: librosa, mixed; or with the mistake in the reading."""
    rate = None if settings.get("reads_own_rate") else settings["rate"]
    channel = settings.get("channel")
    samples, _ = librosa.load(path, sr=rate, mono=channel is None)
    return samples if channel is None else samples[0 if channel == "left" else 1]


def spoiled(preset, path, names, draw):
    """The array with mistakes in it, and what they are; None where one does not apply or changes nothing."""
    settings = copy.deepcopy(PRESETS[preset])
    words = []
    right = listen(samples_of(path, settings), settings)
    before = right
    for name in names:
        word = MISTAKES[name](settings, draw)
        if word is None:
            return None
        words.append(f"{name} ({word})")
        try:
            wrong = listen(samples_of(path, settings), settings)
        except ValueError:  # no patch left
            return None
        if not np.isfinite(wrong).all():
            return None
        spread = np.ptp(before)
        if wrong.shape == before.shape and np.abs(wrong - before).max() < 1e-3 * spread:
            return None
        before = wrong
    return before.astype(np.float32), " and ".join(words)


def clip(folder, scratch, preset, stereo_rate):
    """Three seconds in two channels: a dog, and a bell beside it, at the front end's rate or another."""
    rate = stereo_rate or PRESETS[preset]["rate"]
    left = librosa.load(os.path.join(folder, "dog.mp3"), sr=rate, duration=3)[0]
    right = librosa.load(os.path.join(folder, "perc_bell.flac"), sr=rate, duration=3)[0]
    noise = np.random.default_rng(5).normal(0, 1e-3, (2, len(left)))  # no digital silence: all frames count
    path = os.path.join(scratch, f"{preset}-{rate}.wav")
    if not os.path.exists(path):
        soundfile.write(path, (np.stack([left, right[:len(left)]]) * 0.7 + noise).T, rate, subtype="PCM_16")
    return path


def ask(otoscope, path, preset, array, scratch):
    theirs = os.path.join(scratch, "theirs.npy")
    np.save(theirs, array)
    outcome = subprocess.run(
        [otoscope, "front-end", path, "--front-end", preset, "--compare", theirs, "--json"], capture_output=True, text=True)
    if not outcome.stdout.strip():
        return dict(verdict="error: " + outcome.stderr.strip())
    return json.loads(outcome.stdout.strip().split("\n")[-1])["comparison"]


def nearest(answer):
    return [(each["setting"], each["theirs"], each["remaining"]) for each in answer.get("nearest", [])[:2]]


def check_origins(folder, scratch):
    """`listen` must say what the origins say, or its mistakes would not be single."""
    for preset, settings in PRESETS.items():
        samples = samples_of(clip(folder, scratch, preset, None), settings)
        ours = listen(samples, settings)
        theirs = origins.arranged(preset, origins.origin(preset, samples))[:, 0]
        difference = np.abs(ours - theirs).max() / np.ptp(theirs)
        print(f"{preset:10} in NumPy: {difference:.1e} of the range from its origin", flush=True)
        assert ours.shape == theirs.shape and difference < 2e-4


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--otoscope", required=True)
    parser.add_argument("--sounds", required=True)
    parser.add_argument("--singles", type=int, default=100)
    parser.add_argument("--doubles", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", help="a setting")
    arguments = parser.parse_args()
    draw = random.Random(arguments.seed)
    with tempfile.TemporaryDirectory() as scratch:
        check_origins(arguments.sounds, scratch)
        first, among, wrong = 0, 0, collections.Counter()
        done = 0
        while done < arguments.singles:
            preset = list(PRESETS)[done % len(PRESETS)]
            name = arguments.only or draw.choice(list(MISTAKES))
            path = clip(arguments.sounds, scratch, preset, 44100 if name == "sample-rate" else None)
            case = spoiled(preset, path, [name], draw)
            if case is None:
                if arguments.only:
                    done += 1
                continue
            done += 1
            answer = ask(arguments.otoscope, path, preset, case[0], scratch)
            named = [culprit["setting"] for culprit in answer.get("culprits", [])]
            wanted = NAMES.get(name, {name})
            is_first = bool(named) and named[0] in wanted
            first += is_first
            among += bool(wanted & set(named))
            if not is_first:
                wrong[name] += 1
                print(f"  {preset}: {case[1]}: {answer['verdict']} {named} {nearest(answer)}", flush=True)
        print(f"single mistakes: {first} of {done} named first, {among} named among those that explain it alone")
        right, done = 0, 0
        while done < arguments.doubles:
            preset = list(PRESETS)[done % len(PRESETS)]
            names = draw.sample(list(MISTAKES), 2)
            if any(set(names) <= group for group in GROUPS):
                continue
            path = clip(arguments.sounds, scratch, preset, 44100 if "sample-rate" in names else None)
            case = spoiled(preset, path, names, draw)
            if case is None:
                continue
            done += 1
            answer = ask(arguments.otoscope, path, preset, case[0], scratch)
            right += answer["verdict"] == "none-alone"
            named = [culprit["setting"] for culprit in answer.get("culprits", [])]
            if answer["verdict"] != "none-alone":
                print(f"  {preset}: {case[1]}: {answer['verdict']} {named}", flush=True)
        print(f"double mistakes: none alone for {right} of {done}")
    sys.exit(not (first >= 0.95 * arguments.singles and right == done))


if __name__ == "__main__":
    main()
