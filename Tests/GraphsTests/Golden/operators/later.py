"""Operators that are read as several others: those of opsets 22 to 26, and some that came before."""
import numpy as np

from .registry import cases

NEW = [range(24, 27), range(23, 24)]


@cases("Attention", 28, opsets=NEW)
def attention(g):
    batch, queries, keys, features, values = 2, g.count(1, 4), g.count(1, 4), 2 * g.count(1, 2), g.count(1, 3)
    kv = g.count(1, 2)
    heads = kv * g.count(1, 2)
    if g.chance(0.5):
        q, k, v = [batch, queries, heads * features], [batch, keys, kv * features], [batch, keys, kv * values]
        sizes = dict(q_num_heads=heads, kv_num_heads=kv)
    else:
        q, k, v = [batch, heads, queries, features], [batch, kv, keys, features], [batch, kv, keys, values]
        sizes = {}
    past = g.count(1, 2) if g.chance(0.3) else 0
    mask = g.choose(None, "float", "bool")
    operands = [g.input(g.real(*q)), g.operand(g.real(*k)), g.operand(g.real(*v)), None, None, None]
    if mask:
        shape = g.choose([queries, keys + past], [batch, 1, queries, keys + past], [1, heads, queries, keys + past])
        value = g.real(*shape) if mask == "float" else g.truth(*shape)
        if mask == "bool":
            value[..., 0] = True
        operands[3] = g.operand(value)
    if past:
        operands[4] = g.operand(g.real(batch, kv, past, features))
        operands[5] = g.operand(g.real(batch, kv, past, values))
    causal = 1 if g.chance(0.4) and (not past or g.opset >= 24) else None
    g.node(
        "Attention", operands, outputs="111" if past else 1, is_causal=causal, scale=g.choose(None, 0.3),
        softcap=g.choose(None, None, 2.0), **sizes)


@cases("RotaryEmbedding", 14, opsets=[range(23, 27)])
def rotary(g):
    batch, heads, time, features = 2, g.count(1, 3), g.count(1, 4), 2 * g.count(1, 3)
    flat = g.chance()
    x = [batch, time, heads * features] if flat else [batch, heads, time, features]
    rotated = features if g.chance(0.6) else 2
    positions = g.chance()
    table = [6, rotated // 2] if positions else [batch, time, rotated // 2]
    operands = [g.input(g.real(*x)), g.operand(g.real(*table)), g.operand(g.real(*table))]
    if positions:
        operands.append(g.operand(g.whole(batch, time, low=0, high=5)))
    g.node(
        "RotaryEmbedding", operands, interleaved=g.choose(None, 1), num_heads=heads if flat else None,
        rotary_embedding_dim=rotated if rotated < features else None)


@cases("RMSNormalization", 10, opsets=[range(23, 27)])
def rms(g):
    shape = g.shape(2, 4)
    axis = g.choose(-1, -2, 1)
    place = axis % len(shape)
    g.node(
        "RMSNormalization", [g.input(g.real(*shape)), g.operand(g.real(*shape[place:]))], axis=axis,
        epsilon=g.choose(None, 1e-2))


@cases("Swish", 6, opsets=[range(24, 27)])
def swish(g):
    g.node("Swish", [g.input(g.real(*g.shape()))], alpha=g.choose(None, 0.7))


@cases("TensorScatter", 10, opsets=[range(24, 27)])
def tensor_scatter(g):
    batch, length, update, rest = 2, g.count(3, 5), g.count(1, 3), g.count(1, 3)
    circular = g.chance()
    shape = [batch, 2, length, rest] if g.chance() else [batch, length, rest]
    axis = len(shape) - 2
    part = [*shape[:axis], update, rest]
    operands = [g.input(g.real(*shape)), g.operand(g.real(*part))]
    if g.chance(0.7):
        operands.append(g.operand(g.whole(batch, low=0, high=length - 1 if circular else length - update)))
    g.node("TensorScatter", operands, mode="circular" if circular else None, axis=g.choose(None, axis))


@cases("CumProd", 10, opsets=[range(26, 27)])
def cumulative_product(g):
    shape = g.shape(1, 3)
    axis = g.count(-len(shape), len(shape) - 1)
    g.node(
        "CumProd", [g.input(g.real(*shape)), g.constant(np.int64(axis))], exclusive=g.choose(None, 1),
        reverse=g.choose(None, 1))


@cases("GridSample", 24, opsets=[range(20, 22), range(22, 27)])
def grid_sample(g):
    cubic = g.chance(0.3)
    axes = 2 if cubic else g.count(1, 3) if g.chance(0.5) else 2
    axes = max(axes, 2)
    # Of a map of one element the gradient is nothing but rounding.
    extents, places = [g.count(2, 4) for _ in range(axes)], [g.count(1, 3) for _ in range(axes)]
    x = g.input(g.real(2, 2, *extents))
    grid = g.operand(g.real(2, *places, axes, low=-1.4, high=1.4))
    mode = "cubic" if cubic else g.choose("linear", "nearest", "linear")
    g.node(
        "GridSample", [x, grid], mode=mode, padding_mode=g.choose("zeros", "border", "reflection"),
        align_corners=g.choose(0, 1))


@cases("AffineGrid", 6, opsets=[range(20, 27)])
def affine_grid(g):
    axes = g.count(2, 3)
    size = np.array([2, 1] + [g.count(2, 4) for _ in range(axes)], np.int64)
    g.node(
        "AffineGrid", [g.input(g.real(2, axes, axes + 1)), g.constant(size)], align_corners=g.choose(0, 1))


@cases("Col2Im", 10, opsets=[range(18, 27)])
def col2im(g):
    axes = g.count(1, 2)
    block = [g.count(1, 3) for _ in range(axes)]
    strides, dilations = [g.count(1, 2) for _ in range(axes)], [g.count(1, 2) for _ in range(axes)]
    pads = [g.count(0, 1) for _ in range(2 * axes)]
    image = [g.count(4, 6) for _ in range(axes)]
    steps = [
        (image[i] + pads[i] + pads[axes + i] - (block[i] - 1) * dilations[i] - 1) // strides[i] + 1
        for i in range(axes)]
    x = g.real(2, 2 * int(np.prod(block)), int(np.prod(steps)))
    operands = [g.input(x), g.constant(np.array(image, np.int64)), g.constant(np.array(block, np.int64))]
    g.node("Col2Im", operands, strides=strides, dilations=dilations, pads=pads)


@cases("CenterCropPad", 6, opsets=[range(18, 27)])
def center(g):
    shape = g.shape(2, 3)
    axes = g.choose(None, [-1], [0])
    wanted = np.array([g.count(1, 6) for _ in (axes or shape)], np.int64)
    g.node("CenterCropPad", [g.input(g.real(*shape)), g.constant(wanted)], axes=axes)


@cases("MaxUnpool", 6, opsets=[range(11, 22), range(22, 27)])
def unpool(g):
    """Each maximum back where it came from."""
    extents = [g.count(1, 3) for _ in range(g.count(1, 2))]
    window = dict(kernel_shape=[2] * len(extents), strides=[2] * len(extents))
    # The first or the last place of each window.
    wide = np.arange(4 * 2 ** len(extents) * np.prod(extents)).reshape(2, 2, *(2 * e for e in extents))
    start = g.count(0, 1)
    places = wide[(slice(None), slice(None), *[slice(start, None, 2)] * len(extents))]
    g.node("MaxUnpool", [g.input(g.real(2, 2, *extents)), g.constant(places.astype(np.int64))], **window)


@cases("DeformConv", 10, opsets=[range(19, 22), range(22, 27)])
def deform(g):
    groups, offset_groups = g.choose(1, 2), g.choose(1, 2)
    height, width, kernel = g.count(3, 4), g.count(3, 4), [g.count(1, 2), g.count(1, 2)]
    pads, strides = [g.count(0, 1) for _ in range(4)], [g.count(1, 2), g.count(1, 2)]
    out = [
        (e + pads[i] + pads[2 + i] - kernel[i]) // strides[i] + 1 for i, e in enumerate([height, width])]
    places = offset_groups * kernel[0] * kernel[1]
    operands = [
        g.input(g.real(1, 4, height, width)), g.operand(g.real(2 * groups, 4 // groups, *kernel)),
        g.operand(g.real(1, 2 * places, *out, low=-0.9, high=0.9)),
        g.operand(g.real(2 * groups)) if g.chance() else None,
        g.operand(g.real(1, places, *out)) if g.chance() else None]
    g.node("DeformConv", operands, group=groups, offset_group=offset_groups, pads=pads, strides=strides, kernel_shape=kernel)


@cases("RoiAlign", 6, opsets=[range(16, 22)])
def roi(g):
    low = g.real(3, 2, low=0, high=2)
    rois = np.concatenate([low, low + g.real(3, 2, low=1, high=3)], 1)
    g.node(
        "RoiAlign", [g.input(g.real(2, 2, 6, 5)), g.constant(rois), g.constant(g.whole(3, low=0, high=1))],
        output_height=2, output_width=g.count(1, 3), sampling_ratio=g.count(1, 2), spatial_scale=g.choose(1.0, 0.7),
        coordinate_transformation_mode=g.choose("half_pixel", "output_half_pixel"))


@cases("Scan", 6, opsets=[range(11, 22), range(22, 27)])
def scan(g):
    """A running sum, forwards or backwards."""
    from onnx import TensorProto, helper
    body = helper.make_graph(
        [helper.make_node("Mul", ["s", "x"], ["p"]), helper.make_node("Add", ["p", "x"], ["t"]),
         helper.make_node("Identity", ["t"], ["y"])], "body",
        [helper.make_tensor_value_info(n, TensorProto.FLOAT, [2]) for n in ("s", "x")],
        [helper.make_tensor_value_info(n, TensorProto.FLOAT, [2]) for n in ("t", "y")])
    axis = g.count(0, 1)
    x = g.real(*([3, 2] if axis == 0 else [2, 3]))
    g.node(
        "Scan", [g.operand(g.real(2)), g.input(x)], outputs=2, body=body, num_scan_inputs=1, scan_input_axes=[axis],
        scan_input_directions=[g.count(0, 1)], scan_output_axes=[g.count(0, 1)],
        scan_output_directions=[g.count(0, 1)])


@cases("SplitToSequence", 4, opsets=[range(11, 24), range(24, 27)])
def sequence(g):
    """A list taken apart and put together again."""
    x = g.input(g.real(4, 3))
    axis = g.count(0, 1)
    sizes = g.choose(None, np.array([1, 2, 1] if axis == 0 else [2, 1], np.int64))
    parts = g.node(
        "SplitToSequence", [x, None if sizes is None else g.constant(sizes)], axis=axis,
        keepdims=g.choose(1, 0) if sizes is None else None)
    second = g.node("SequenceAt", [parts, g.constant(np.int64(-1))])
    longer = g.node("SequenceInsert", [parts, second, g.constant(np.int64(0))])
    new = sizes is None and g.chance(0.3)
    g.node("ConcatFromSequence", [longer], axis=0 if new else axis if sizes is not None else 0, new_axis=int(new))


@cases("BitwiseAnd", 3, opsets=[range(18, 27)])
def bitwise(g):
    kind = g.choose("BitwiseAnd", "BitwiseOr", "BitwiseXor")
    g.node(kind, [g.input(g.whole(3, 4, low=-90, high=90)), g.operand(g.whole(4, low=-9, high=9))])


@cases("Cast", 8, opsets=[range(19, 23), range(23, 25), range(25, 27)])
def small_floats(g):
    """To 8 bits and back."""
    g.differentiable = False
    kind = g.choose(17, 18, 19, 20)
    x = g.input(g.real(12, low=-500, high=500) if g.chance() else g.real(12, low=-0.1, high=0.1))
    g.node("Cast", [g.node("Cast", [x], to=kind, saturate=1)], to=1)
