"""Fourier transforms, windows and mel filters."""
import numpy as np

from .registry import cases


@cases("DFT", 48)
def fourier(g):
    parts = g.choose(1, 2)
    rank = g.choose(1, 1, 2)
    shape = [g.count(1, 2), *(g.count(2, 9) for _ in range(rank)), parts]
    axis = g.count(1, rank)
    n = shape[axis]
    inverse = g.choose(None, 0, 1)
    onesided = g.choose(None, 0, 1) if inverse != 1 and parts == 1 else None
    length = g.constant(np.array(g.choose(n, n, n + 2, max(2, n - 1)))) if g.chance(0.4) else None
    x = g.input(g.real(*shape))
    if g.opset < 20:
        g.node("DFT", [x, length], axis=axis if axis != 1 or g.chance() else None, inverse=inverse, onesided=onesided)
    else:
        which = g.constant(np.array(g.choose(axis, axis - len(shape)))) if axis != rank or g.chance() else None
        g.node("DFT", [x, length, which], inverse=inverse, onesided=onesided)


@cases("STFT", 24)
def short_time(g):
    frame = g.choose(4, 5, 6, 8)
    samples = frame + g.count(0, 12)
    step = g.count(1, 4)
    signal = g.input(g.real(g.count(1, 2), samples, *g.choose([1], [1])))
    window = g.constant(g.real(frame, low=0.1, high=1)) if g.chance(0.7) else None
    length = g.constant(np.array(frame)) if window is None or g.chance() else None
    g.node("STFT", [signal, g.constant(np.array(step)), window, length], onesided=g.choose(None, 0, 1))


def _window(kind):
    @cases(kind, 8)
    def make(g):
        n = g.count(3, 12)
        window = g.node(kind, [g.constant(np.array(n))], periodic=g.choose(None, 0, 1))
        g.node("Mul", [g.input(g.real(2, n)), window])


for kind in ("HannWindow", "HammingWindow", "BlackmanWindow"):
    _window(kind)


@cases("MelWeightMatrix", 10)
def mel(g):
    bands, length, rate = g.count(2, 6), g.choose(16, 32, 64), g.choose(8000, 16000)
    low, high = np.float32(g.choose(0, 100)), np.float32(g.choose(rate / 2, rate / 2 - 500))
    constants = [g.constant(np.int64(v)) for v in (bands, length, rate)] + [g.constant(v) for v in (low, high)]
    g.node("MatMul", [g.input(g.real(2, length // 2 + 1)), g.node("MelWeightMatrix", constants)])
