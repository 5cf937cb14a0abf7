"""Operators in double precision that neither ONNX Runtime nor ONNX's reference implementation has (or has right)."""
import functools
import itertools
import math

import numpy as np
import torch
from onnx.reference.op_run import OpRun

ACTIVATIONS = {
    "Sigmoid": lambda v: 1 / (1 + np.exp(-v)), "Tanh": np.tanh, "Relu": lambda v: np.maximum(v, 0),
    "HardSigmoid": lambda v: np.clip(0.2 * v + 0.5, 0, 1), "Softsign": lambda v: v / (1 + np.abs(v))}


class Erf(OpRun):
    def _run(self, x):
        return (np.vectorize(math.erf, otypes=[np.float64])(x),)


class Gelu(OpRun):
    def _run(self, x, approximate=None):
        if approximate == "tanh":
            return (0.5 * x * (1 + np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3))),)
        return (0.5 * x * (1 + np.vectorize(math.erf, otypes=[np.float64])(x / math.sqrt(2))),)


class Shrink(OpRun):
    def _run(self, x, bias=None, lambd=None):
        return (np.where(x < -lambd, x + bias, np.where(x > lambd, x - bias, 0 * x)),)


class Mean(OpRun):
    def _run(self, *values):
        return (sum(values) / len(values),)


class GlobalMaxPool(OpRun):
    def _run(self, x):
        return (x.max(axis=tuple(range(2, x.ndim)), keepdims=True),)


class GlobalLpPool(OpRun):
    def _run(self, x, p=2):
        return ((np.abs(x) ** p).sum(axis=tuple(range(2, x.ndim)), keepdims=True) ** (1 / p),)


class LRN(OpRun):
    def _run(self, x, alpha=None, beta=None, bias=None, size=None):
        total = np.zeros_like(x)
        for c in range(x.shape[1]):
            low, high = max(0, c - (size - 1) // 2), min(x.shape[1], c + size // 2 + 1)
            total[:, c] = (x[:, low:high] ** 2).sum(axis=1)
        return (x / (bias + alpha / size * total) ** beta,)


class MeanVarianceNormalization(OpRun):
    def _run(self, x, axes=None):
        axes = tuple(axes or (0, 2, 3))
        return ((x - x.mean(axes, keepdims=True)) / (x.std(axes, keepdims=True) + 1e-9),)


class GroupNormalization(OpRun):
    def _run(self, x, scale, bias, epsilon=None, num_groups=None, stash_type=None):
        rows = x.reshape(x.shape[0], num_groups, -1)
        rows = (rows - rows.mean(-1, keepdims=True)) / np.sqrt(rows.var(-1, keepdims=True) + epsilon)
        channels, tail = x.shape[1], [1] * (x.ndim - 2)
        scale, bias = (np.repeat(v, channels // len(v)).reshape(1, -1, *tail) for v in (scale, bias))
        return (rows.reshape(x.shape) * scale + bias,)


class BatchNormalization(OpRun):
    def _run(self, x, scale, bias, mean, variance, epsilon=None, **training):
        scale, bias, mean, variance = (v.reshape(1, -1, *[1] * (x.ndim - 2)) for v in (scale, bias, mean, variance))
        return ((x - mean) / np.sqrt(variance + epsilon) * scale + bias,)


class Conv(OpRun):
    def _run(self, x, w, b=None, auto_pad=None, dilations=None, group=None, kernel_shape=None, pads=None, strides=None):
        rank = x.ndim - 2
        strides, dilations = strides or [1] * rank, dilations or [1] * rank
        pads = _pads(x.shape[2:], w.shape[2:], strides, dilations, pads, auto_pad)
        padded = np.pad(x, [(0, 0), (0, 0), *pads])
        t = torch.from_numpy
        function = (torch.nn.functional.conv1d, torch.nn.functional.conv2d, torch.nn.functional.conv3d)[rank - 1]
        y = function(t(np.ascontiguousarray(padded)), t(w.copy()), None if b is None else t(b.copy()), tuple(strides), 0, tuple(dilations), group or 1)
        return (y.numpy(),)


def _pads(extents, kernel, strides, dilations, pads, auto_pad):
    if auto_pad in (None, "", "NOTSET"):
        pads = pads or [0] * 2 * len(kernel)
        return list(zip(pads[: len(kernel)], pads[len(kernel) :]))
    if auto_pad == "VALID":
        return [(0, 0)] * len(kernel)
    result = []
    for n, k, s, d in zip(extents, kernel, strides, dilations):
        total = max(0, (-(-n // s) - 1) * s + (k - 1) * d + 1 - n)
        result.append((total // 2, total - total // 2) if auto_pad == "SAME_UPPER" else (total - total // 2, total // 2))
    return result


@functools.lru_cache
def _places(extents, kernel, strides, dilations, pads, auto_pad, ceil_mode):
    """For each place of the result, the flat places its window covers (the last one past the end: outside), and how many
    of them lie within the padding."""
    rank = len(extents)
    strides, dilations = strides or (1,) * rank, dilations or (1,) * rank
    padding = _pads(extents, kernel, strides, dilations, pads, auto_pad)
    axes = []
    for n, k, s, d, (before, after) in zip(extents, kernel, strides, dilations, padding):
        span = n + before + after - ((k - 1) * d + 1)
        count = (-(-span // s) if ceil_mode else span // s) + 1
        if ceil_mode and (count - 1) * s >= n + before:
            count -= 1
        axes.append([[o * s - before + i * d for i in range(k)] for o in range(count)])
    table, reached = [], []
    for windows in itertools.product(*axes):
        row = []
        for place in itertools.product(*windows):
            inside = all(0 <= p < n for p, n in zip(place, extents))
            row.append(int(np.ravel_multi_index(place, extents)) if inside else math.prod(extents))
        table.append(row)
        reached.append(math.prod(
            sum(p < n + after for p in w) for w, n, (_, after) in zip(windows, extents, padding)))
    return np.array(table), np.array(reached), [len(a) for a in axes]


def _pool(x, fill, reduce, *window):
    window = [tuple(w) if isinstance(w, (list, np.ndarray)) else w for w in window]
    table, reached, extents = _places(x.shape[2:], *window)
    rows = np.concatenate([x.reshape(*x.shape[:2], -1), np.full((*x.shape[:2], 1), fill)], -1)
    y = reduce(rows[:, :, table], (table < rows.shape[-1] - 1).sum(-1), reached)
    return (y.reshape(*x.shape[:2], *extents),)


class MaxPool(OpRun):
    def _run(self, x, auto_pad=None, ceil_mode=None, dilations=None, kernel_shape=None, pads=None, storage_order=None,
             strides=None):
        if len(self.onnx_node.output) > 1:
            raise NotImplementedError("places of maxima")
        window = kernel_shape, strides, dilations, pads, auto_pad, ceil_mode
        return _pool(x, -np.inf, lambda v, *_: v.max(-1), *window)


class AveragePool(OpRun):
    def _run(self, x, auto_pad=None, ceil_mode=None, count_include_pad=None, dilations=None, kernel_shape=None, pads=None,
             strides=None):
        window = kernel_shape, strides, dilations, pads, auto_pad, ceil_mode
        return _pool(x, 0, lambda v, own, all: v.sum(-1) / (all if count_include_pad else own), *window)


class LpPool(OpRun):
    def _run(self, x, auto_pad=None, ceil_mode=None, dilations=None, kernel_shape=None, p=2, pads=None, strides=None):
        window = kernel_shape, strides, dilations, pads, auto_pad, ceil_mode
        return _pool(x, 0, lambda v, *_: (np.abs(v) ** p).sum(-1) ** (1 / p), *window)


class _Recurrent(OpRun):
    def _scan(self, kind, gates, x, w, r, b, lengths, h0, c0, p, activations, clip, direction, hidden_size, **options):
        steps, batch, _ = x.shape
        ways, n = w.shape[0], hidden_size
        names = activations or {"LSTM": ["Sigmoid", "Tanh", "Tanh"], "GRU": ["Sigmoid", "Tanh"], "RNN": ["Tanh"]}[kind] * ways
        each = len(names) // ways
        lengths = np.full(batch, steps) if lengths is None else lengths
        y = np.zeros((steps, ways, batch, n))
        last_h, last_c = np.zeros((ways, batch, n)), np.zeros((ways, batch, n))
        for way in range(ways):
            functions = [_clipped(ACTIVATIONS[a], clip) for a in names[way * each : way * each + each]]
            plain = ACTIVATIONS[names[way * each + each - 1]]
            bias = np.zeros(2 * gates * n) if b is None else b[way]
            h = np.zeros((batch, n)) if h0 is None else h0[way]
            c = np.zeros((batch, n)) if c0 is None else c0[way]
            rows = np.arange(batch)
            for step in range(steps):
                backward = direction == "reverse" or way == 1
                t = np.maximum(lengths - 1 - step, 0) if backward else np.full(batch, step)
                a = x[t, rows] @ w[way].T + bias[: gates * n]
                next_h, next_c = self._step(
                    a, r[way], bias[gates * n :], h, c, None if p is None else p[way], functions, plain, n, **options)
                goes_on = (step < lengths)[:, None]
                h, c = np.where(goes_on, next_h, h), np.where(goes_on, next_c, c)
                own = step < lengths
                y[t[own], way, rows[own]] = h[own]
            last_h[way], last_c[way] = h, c
        return y, last_h, last_c


def _clipped(function, clip):
    return function if not clip else lambda v: function(np.clip(v, -clip, clip))


class LSTM(_Recurrent):
    def _run(self, x, w, r, b=None, lengths=None, h0=None, c0=None, p=None, activation_alpha=None, activation_beta=None,
             activations=None, clip=None, direction=None, hidden_size=None, input_forget=None, layout=None):
        return self._scan(
            "LSTM", 4, x, w, r, b, lengths, h0, c0, p, activations, clip, direction, hidden_size, coupled=input_forget)

    def _step(self, a, r, rb, h, c, p, functions, plain, n, coupled):
        f, g, last = functions[0], functions[1], plain
        i, o, forget, cell = np.split(a + h @ r.T + rb, 4, -1)
        pi, po, pf = np.split(p, 3) if p is not None else (0, 0, 0)
        i = f(i + pi * c)
        forget = 1 - i if coupled else f(forget + pf * c)
        c = forget * c + i * g(cell)
        return f(o + po * c) * last(c), c


class GRU(_Recurrent):
    def _run(self, x, w, r, b=None, lengths=None, h0=None, activation_alpha=None, activation_beta=None, activations=None,
             clip=None, direction=None, hidden_size=None, layout=None, linear_before_reset=None):
        return self._scan(
            "GRU", 3, x, w, r, b, lengths, h0, None, None, activations, clip, direction, hidden_size,
            linear=linear_before_reset)[:2]

    def _step(self, a, r, rb, h, c, p, functions, plain, n, linear):
        f, g = functions
        z, reset = (f(v) for v in np.split(a[:, : 2 * n] + h @ r[: 2 * n].T + rb[: 2 * n], 2, -1))
        tail = slice(2 * n, 3 * n)
        inner = reset * (h @ r[tail].T + rb[tail]) if linear else (reset * h) @ r[tail].T + rb[tail]
        return (1 - z) * g(a[:, tail] + inner) + z * h, c


class RNN(_Recurrent):
    def _run(self, x, w, r, b=None, lengths=None, h0=None, activation_alpha=None, activation_beta=None, activations=None,
             clip=None, direction=None, hidden_size=None, layout=None):
        return self._scan(
            "RNN", 1, x, w, r, b, lengths, h0, None, None, activations, clip, direction, hidden_size)[:2]

    def _step(self, a, r, rb, h, c, p, functions, plain, n):
        return functions[0](a + h @ r.T + rb), c


OPERATORS = [
    Erf, Gelu, Shrink, Mean, GlobalMaxPool, GlobalLpPool, LRN, MeanVarianceNormalization, GroupNormalization,
    BatchNormalization, Conv, MaxPool, AveragePool, LpPool, LSTM, GRU, RNN]
