"""ONNX Runtime's own operators, as its optimiser and its quantiser write them."""
import numpy as np

from .registry import cases

ALL = [range(14, 22)]


def own(kind, count):
    """Registers makers of an operator of the domain com.microsoft. Gradients are checked elsewhere: ONNX Runtime has no
    double kernels for them."""

    def register(function):
        def make(g):
            g.differentiable = False
            function(g, lambda inputs, outputs=1, **a: g.node(kind, inputs, outputs, domain="com.microsoft", **a))

        return cases(f"com.microsoft.{kind}", count, opsets=ALL)(make)

    return register


def quantized(g, *shape, symmetric=False):
    kind = np.int8 if symmetric else g.choose(np.uint8, np.int8)
    x = g.whole(*shape, low=0 if kind == np.uint8 else -128, high=255 if kind == np.uint8 else 127, dtype=kind)
    zero = kind(0) if symmetric else kind(g.count(0, 40))
    return x, np.float32(g.real(low=0.01, high=0.05)), zero


def triple(g, *shape):
    x, scale, zero = quantized(g, *shape)
    return [g.input(x), g.constant(scale), g.constant(zero)]


def result(g, like=np.uint8, low=0.02, high=0.1):
    return [g.constant(np.float32(g.real(low=low, high=high))), g.constant(like(g.count(0, 90)))]


@own("FusedConv", 8)
def fused_conv(g, node):
    x, w = g.input(g.real(2, 3, 6, 5)), g.constant(g.real(4, 3, 2, 3))
    name = g.choose("Relu", "LeakyRelu", "Clip", "HardSigmoid", "Sigmoid", "Tanh")
    numbers = {"LeakyRelu": [0.3], "Clip": [-1.0, 2.0], "HardSigmoid": [0.3, 0.4]}.get(name)
    added = g.input(g.real(2, 4, 5, 3)) if name == "Relu" and g.chance() else None
    bias = g.constant(g.real(4)) if g.chance() or added else None
    node([x, w, bias, added], activation=name, activation_params=numbers, kernel_shape=[2, 3])


@own("FusedMatMul", 8)
def fused_matmul(g, node):
    ta, tb, m, k, n = g.count(0, 1), g.count(0, 1), 3, 4, 2
    batch = g.choose([], [2], [2, 3])
    a, b = [k, m] if ta else [m, k], [n, k] if tb else [k, n]
    flags = {}
    if len(batch) == 1 and g.chance():
        # The batch stands between rows and columns.
        flags = dict(transBatchA=1)
        a = [a[0], batch[0], a[1]]
        node([g.input(g.real(*a)), g.operand(g.real(*batch, *b))], transA=ta, transB=tb, alpha=0.5, **flags)
    else:
        node([g.input(g.real(*batch, *a)), g.operand(g.real(*batch, *b))], transA=ta, transB=tb, alpha=0.5)


@own("FusedGemm", 6)
def fused_gemm(g, node):
    name = g.choose("Relu", "LeakyRelu", "Sigmoid", "Tanh")
    node(
        [g.input(g.real(3, 4)), g.operand(g.real(4, 2)), g.operand(g.real(2))], activation=name, alpha=0.5, beta=2.0,
        activation_alpha=0.3 if name == "LeakyRelu" else None)


@own("Gelu", 2)
def gelu(g, node):
    node([g.input(g.real(3, 4))])


@own("FastGelu", 3)
def fast_gelu(g, node):
    node([g.input(g.real(3, 4)), g.operand(g.real(4)) if g.chance() else None])


@own("BiasGelu", 2)
def bias_gelu(g, node):
    node([g.input(g.real(3, 4)), g.operand(g.real(4))])


@own("QuickGelu", 3)
def quick_gelu(g, node):
    node([g.input(g.real(3, 4))], alpha=g.choose(None, 0.7))


@own("SkipLayerNormalization", 4)
def skip_norm(g, node):
    bias = g.operand(g.real(4)) if g.chance() else None
    beta = g.operand(g.real(4)) if g.chance() or bias else None
    operands = [g.input(g.real(2, 3, 4)), g.operand(g.real(2, 3, 4)), g.operand(g.real(4)), beta, bias]
    node(operands, outputs=g.choose("1", "1001"), epsilon=1e-3)


@own("SkipSimplifiedLayerNormalization", 3)
def skip_simple(g, node):
    bias = g.operand(g.real(4)) if g.chance() else None
    node([g.input(g.real(2, 3, 4)), g.operand(g.real(2, 3, 4)), g.operand(g.real(4)), bias], outputs=g.choose("1", "1001"), epsilon=1e-3)


@own("EmbedLayerNormalization", 3)
def embed(g, node):
    ids = g.input(g.whole(2, 3, low=0, high=6, dtype=np.int32))
    segments = g.input(g.whole(2, 3, low=0, high=1, dtype=np.int32)) if g.chance() else None
    operands = [ids, segments, g.constant(g.real(7, 4)), g.constant(g.real(5, 4)), None if segments is None else g.constant(g.real(2, 4)), g.constant(g.real(4)), g.constant(g.real(4))]
    node(operands, outputs="10", epsilon=1e-3)


@own("Attention", 8)
def attention(g, node):
    heads, features, time, width = 2, 3, g.count(2, 4), 5
    columns = 3 * heads * features
    mask = g.choose(None, "lengths", "raw", "full")
    value = {None: None, "lengths": np.array([time, 1], np.int32), "raw": np.ones([2, time], np.int32), "full": np.ones([2, time, time], np.int32)}[mask]
    if mask in ("raw", "full"):
        value[0, ..., -1] = 0
    operands = [g.input(g.real(2, time, width)), g.constant(g.real(width, columns)), g.constant(g.real(columns)), None if value is None else g.operand(value)]
    if g.chance(0.3):
        operands += [None] * (5 - len(operands)) + [g.operand(g.real(2, heads, time, time))]
    node(operands, num_heads=heads, unidirectional=g.choose(0, 1) if mask is None else 0)


@own("MultiHeadAttention", 8)
def multi_head(g, node):
    heads, features, time, keys = 2, 3, g.count(2, 3), g.count(2, 4)
    hidden = heads * features
    mask = g.choose(None, None, "raw")
    bias = g.constant(g.real(3 * hidden)) if g.chance() else None
    raw = None
    if mask:
        raw = np.ones([2, keys], np.int32)
        raw[1, -1] = 0
        raw = g.operand(raw)
    added = g.operand(g.real(1, heads, time, keys)) if g.chance(0.3) else None
    node(
        [g.input(g.real(2, time, hidden)), g.operand(g.real(2, keys, hidden)), g.operand(g.real(2, keys, hidden)), bias, raw, added],
        num_heads=heads, scale=g.choose(None, 0.4))


@own("GroupQueryAttention", 5)
def group_query(g, node):
    kv, features, time = g.count(1, 2), 16, g.count(2, 4)
    heads = 2 * kv
    rotary = g.count(0, 1)
    operands = [
        g.input(g.real(1, time, heads * features)), g.operand(g.real(1, time, kv * features)),
        g.operand(g.real(1, time, kv * features)), None, None, g.constant(np.array([time - 1], np.int32)),
        g.constant(np.array([time], np.int32))]
    if rotary:
        operands += [g.constant(g.real(8, features // 2)), g.constant(g.real(8, features // 2))]
    node(operands, outputs="111", num_heads=heads, kv_num_heads=kv, do_rotary=rotary, local_window_size=g.choose(None, 2))


@own("RotaryEmbedding", 4)
def rotary(g, node):
    positions = g.choose(np.array([1], np.int64), g.whole(2, 3, low=0, high=5))
    flat = g.chance()
    x = g.real(2, 3, 12) if flat else g.real(2, 2, 3, 6)
    node([g.input(x), g.operand(positions), g.constant(g.real(6, 3)), g.constant(g.real(6, 3))], interleaved=g.choose(0, 1))


@own("DynamicQuantizeMatMul", 5)
def dynamic(g, node):
    columns = g.chance()
    w = g.whole(4, 3, low=-127, high=127, dtype=np.int8)
    scale = g.real(*([3] if columns else []), low=0.01, high=0.03)
    zero = g.constant(np.zeros([3] if columns else [], np.int8)) if g.chance() else None
    node([g.input(g.real(2, 5, 4)), g.constant(w), g.constant(scale), zero, g.constant(g.real(3)) if g.chance() else None])


@own("MatMulIntegerToFloat", 4)
def to_float(g, node):
    a, a_scale, a_zero = quantized(g, 3, 4)
    b, b_scale, b_zero = quantized(g, 4, 2, symmetric=True)
    node([g.input(a.astype(np.uint8)), g.constant(b), g.constant(a_scale), g.constant(b_scale), g.constant(np.uint8(abs(int(a_zero)))), g.constant(b_zero), g.constant(g.real(2)) if g.chance() else None])


@own("QGemm", 5)
def q_gemm(g, node):
    tb = g.count(0, 1)
    b = g.whole(*([2, 4] if tb else [4, 2]), low=-100, high=100, dtype=np.int8)
    columns = g.chance()
    scale = g.real(*([2] if columns else []), low=0.01, high=0.03)
    operands = [g.input(g.whole(3, 4, low=0, high=255, dtype=np.uint8)), g.constant(np.float32(0.02)), g.constant(np.uint8(9)), g.constant(b), g.constant(scale), g.constant(np.zeros([2] if columns else [], np.int8)), g.constant(g.whole(2, low=-900, high=900, dtype=np.int32)) if g.chance() else None]
    node(operands + (result(g) if g.chance() else []), transB=tb)


@own("QLinearAdd", 3)
def q_add(g, node):
    node(pair(g) + result(g))


@own("QLinearMul", 3)
def q_mul(g, node):
    node(pair(g) + result(g))


def pair(g):
    a, b = [[g.input(g.whole(*s, low=0, high=255, dtype=np.uint8)), g.constant(np.float32(g.real(low=0.01, high=0.05))), g.constant(np.uint8(g.count(0, 40)))] for s in ([2, 3, 4], [3, 4])]
    return a + b


def one(g, *shape):
    return [g.input(g.whole(*shape, low=0, high=255, dtype=np.uint8)), g.constant(np.float32(g.real(low=0.01, high=0.05))), g.constant(np.uint8(g.count(0, 200)))]


@own("QLinearSigmoid", 2)
def q_sigmoid(g, node):
    node(one(g, 3, 4) + [g.constant(np.float32(1 / 256)), g.constant(np.uint8(0))])


@own("QLinearLeakyRelu", 2)
def q_leaky(g, node):
    node(one(g, 3, 4) + result(g), alpha=0.2)


@own("QLinearSoftmax", 2)
def q_softmax(g, node):
    node(one(g, 3, 4) + [g.constant(np.float32(1 / 256)), g.constant(np.uint8(0))], axis=-1, opset=13)


@own("QLinearAveragePool", 3)
def q_average(g, node):
    last = g.count(0, 1)
    x = one(g, 2, 5, 6, 3) if last else one(g, 2, 3, 5, 6)
    node(x + result(g), kernel_shape=[2, 3], channels_last=last, count_include_pad=g.count(0, 1), pads=[1, 1, 0, 1])


@own("QLinearGlobalAveragePool", 2)
def q_global(g, node):
    last = g.count(0, 1)
    node((one(g, 2, 5, 6, 3) if last else one(g, 2, 3, 5, 6)) + result(g), channels_last=last)


@own("QLinearConcat", 2)
def q_concat(g, node):
    node(result(g) + one(g, 2, 3) + one(g, 2, 2), axis=1)


@own("QLinearWhere", 2)
def q_where(g, node):
    node([g.input(g.truth(3, 4))] + one(g, 3, 4) + one(g, 4) + result(g))


@own("QLinearConv", 3)
def q_conv(g, node):
    last = g.count(0, 1)
    x = one(g, 2, 5, 6, 3) if last else one(g, 2, 3, 5, 6)
    w = [g.constant(g.whole(4, 3, 2, 2, low=-90, high=90, dtype=np.int8)), g.constant(g.real(4, low=0.01, high=0.02)), g.constant(np.zeros(4, np.int8))]
    node(x + w + result(g, low=0.1, high=0.3) + [g.constant(g.whole(4, low=-500, high=500, dtype=np.int32))], channels_last=last, kernel_shape=[2, 2])


@own("QAttention", 3)
def q_attention(g, node):
    heads, width, columns = 2, 5, 12
    mask = np.array([3, 2], np.int32) if g.chance() else None
    operands = [g.input(g.whole(2, 3, width, low=0, high=255, dtype=np.uint8)), g.constant(g.whole(width, columns, low=-100, high=100, dtype=np.int8)), g.constant(g.real(columns)), g.constant(np.float32(0.02)), g.constant(np.float32(0.01)), None if mask is None else g.operand(mask), g.constant(np.uint8(120)), g.constant(np.int8(0))]
    node(operands, num_heads=heads)


@own("QuantizeLinear", 3)
def quantize(g, node):
    kind = g.choose(np.uint8, np.uint16, np.int16)
    node([g.input(g.real(3, 4)), g.constant(np.float32(0.01)), g.constant(kind(30))])


@own("DequantizeLinear", 3)
def dequantize(g, node):
    kind = g.choose(np.uint8, np.uint16, np.int16)
    node([g.input(g.whole(3, 4, low=0, high=200, dtype=kind)), g.constant(np.float32(0.01)), g.constant(kind(30))])


@own("MatMulNBits", 8)
def few_bits(g, node):
    bits, block, depth, columns = g.choose(4, 4, 8), 16, g.choose(16, 32, 40), 3
    blocks = (depth + block - 1) // block
    codes = g.whole(columns, blocks, block * bits // 8, low=0, high=255, dtype=np.uint8)
    zeros = g.constant(g.whole(columns * ((blocks * bits + 7) // 8), low=0, high=255, dtype=np.uint8)) if g.chance() else None
    bias = g.constant(g.real(columns)) if g.chance(0.3) else None
    node([g.input(g.real(2, 3, depth)), g.constant(codes), g.constant(g.real(columns * blocks, low=0.01, high=0.1)), zeros, None, bias], K=depth, N=columns, bits=bits, block_size=block)


@own("Trilu", 1)
def trilu(g, node):
    node([g.input(g.real(3, 4))], upper=0)


@own("ExpandDims", 1)
def expand(g, node):
    node([g.input(g.real(3, 4)), g.constant(np.int32(1))])


@own("Pad", 2)
def pad(g, node):
    node([g.input(g.real(3, 4)), g.constant(np.array([0, 1, 1, 0], np.int64)), g.constant(np.float32(2))], mode="constant")
