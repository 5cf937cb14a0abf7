"""What moves elements, picks some of them, or looks at them in another shape."""
import numpy as np

from .registry import cases


def value(g, *shape):
    return g.real(*shape) if g.chance(0.85) else g.whole(*shape)


def axis_of(g, shape, since=11):
    """An axis, sometimes counted from behind."""
    axis = g.count(0, len(shape) - 1)
    return axis - len(shape) if g.opset >= since and g.chance(0.3) else axis


@cases("Concat", 24)
def concat(g):
    shape = g.shape()
    axis = axis_of(g, shape)
    parts = []
    for _ in range(g.count(1, 4)):
        part = list(shape)
        part[axis] = g.count(1, 4)
        parts.append(g.real(*part))
    operands = [g.input(parts[0]), *map(g.operand, parts[1:])]
    if g.chance(0.2):
        operands.append(operands[0])
    g.node("Concat", operands, axis=axis)


@cases("Split", 30)
def split(g):
    shape = g.shape(1, 4)
    axis = axis_of(g, shape)
    parts = g.count(1, 3)
    sizes = [g.count(1, 3) for _ in range(parts)] if g.chance(0.6) else None
    shape[axis] = sum(sizes) if sizes else parts * g.count(1, 2)
    x = g.input(g.real(*shape))
    axis = axis if axis or g.chance() else None
    if g.opset < 13:
        g.node("Split", [x], parts, axis=axis, split=sizes)
    elif sizes:
        g.node("Split", [x, g.constant(np.array(sizes))], parts, axis=axis)
    elif g.opset < 18:
        g.node("Split", [x], parts, axis=axis)
    else:
        g.node("Split", [x], parts, axis=axis, num_outputs=parts)


@cases("Split", 6)
def split_used(g):
    """Gated linear units; results that meet again, and one that nobody uses."""
    x = g.input(g.real(2, 6))
    sizes = [2, 2, 2]
    attributes = {"split": sizes} if g.opset < 13 else {}
    operand = [] if attributes else [g.constant(np.array(sizes))]
    a, b, c = g.node("Split", [x, *operand], 3, axis=1, **attributes)
    g.node("Mul", [g.choose(a, c), g.node("Sigmoid", [b])])


@cases("Split", 3, opsets=[range(18, 22)])
def split_uneven(g):
    g.node("Split", [g.input(g.real(2, 7))], 3, axis=1, num_outputs=3)


@cases("Slice", 48)
def slices(g):
    shape = g.shape(1, 4)
    rank = len(shape)
    axes = g.random.permutation(rank)[: g.count(1, rank)].tolist()
    starts, ends, steps = [], [], []
    for a in axes:
        n = shape[a]
        step = 1 if g.opset < 10 else g.choose(1, 1, 2, -1, -2)
        first, last = sorted(g.random.integers(0, n, 2).tolist())
        if step > 0:
            start, end = first, last + 1
            end = g.choose(end, end - n if end < n else 2**31 - 1, n + 3)
            start = g.choose(start, start - n, start if start else -n - 2)
        else:
            start, end = last, first - 1
            start = g.choose(start, start - n, start if last < n - 1 else n + 5)
            end = end if end >= 0 else -n - 1
            end = g.choose(end, end) if first else g.choose(-n - 1, -(2**31))
        starts.append(start), ends.append(end), steps.append(step)
    x = g.input(value(g, *shape))
    axes = [a - rank if g.opset >= 10 and g.chance(0.3) else a for a in axes]
    leading = axes == list(range(len(axes)))
    if g.opset < 10:
        g.node("Slice", [x], starts=starts, ends=ends, axes=None if leading and g.chance() else axes)
    else:
        dtype = g.choose(np.int64, np.int32) if max(map(abs, ends)) < 2**31 else np.int64
        operands = [g.constant(np.array(v, dtype)) for v in (starts, ends)]
        plain = all(s == 1 for s in steps) and g.chance(0.6)
        operands.append(None if leading and g.chance() else g.constant(np.array(axes, dtype)))
        operands.append(None if plain else g.constant(np.array(steps, dtype)))
        g.node("Slice", [x, *operands])


@cases("Gather", 28)
def gather(g):
    shape = g.shape(1, 4)
    axis = axis_of(g, shape)
    n = shape[axis]
    low = -n if g.opset >= 11 else 0
    places = g.whole(*g.shape(0, 2, most=3), low=low, high=n - 1, dtype=g.choose(np.int64, np.int32))
    x, places = (g.input(value(g, *shape)), g.operand(places)) if g.chance(0.8) else (
        g.constant(g.real(*shape)), g.input(places))
    g.node("Gather", [x, places], axis=axis if axis or g.chance() else None)


@cases("GatherElements", 18)
def gather_elements(g):
    shape = g.shape(1, 3)
    axis = axis_of(g, shape)
    wanted = [g.count(1, e) for e in shape]
    wanted[axis] = g.count(1, 4)
    n = shape[axis]
    places = g.whole(*wanted, low=-n, high=n - 1, dtype=g.choose(np.int64, np.int32))
    g.node("GatherElements", [g.input(value(g, *shape)), g.operand(places)], axis=axis if axis or g.chance() else None)


@cases("GatherND", 18)
def gather_nd(g):
    shape = g.shape(2, 4, most=4)
    batch = g.count(0, 1) if g.opset >= 12 else 0
    depth = g.count(1, len(shape) - batch)
    lead = shape[:batch] + g.shape(0 if batch else 1, 2, most=3)
    places = np.stack([g.whole(*lead, low=-n, high=n - 1) for n in shape[batch : batch + depth]], -1)
    g.node("GatherND", [g.input(value(g, *shape)), g.operand(places)], batch_dims=batch or None)


@cases("ScatterElements", 26)
def scatter_elements(g):
    shape = g.shape(1, 3)
    axis = axis_of(g, shape)
    n = shape[axis]
    wanted = [g.count(1, e) for e in shape]
    # Each place is written once, or its writings are added up.
    reduction = g.choose(None, *([] if g.opset < 16 else ["none", "add", "mul"] + (["max", "min"] if g.opset > 17 else [])))
    rows = np.moveaxis(np.zeros(wanted, np.int64), axis, -1)
    for row in np.ndindex(rows.shape[:-1]):
        free = g.random.permutation(n)[: rows.shape[-1]]
        rows[row] = free if reduction in (None, "none") else g.random.integers(-n, n, rows.shape[-1])
    places = np.ascontiguousarray(np.moveaxis(rows, -1, axis))
    x, u = g.operand(g.real(*shape)), g.input(g.real(*wanted))
    g.node("ScatterElements", [x, g.constant(places), u], axis=axis if axis or g.chance() else None, reduction=reduction)


@cases("Scatter", 4)
def scatter(g):
    places = np.array([[0, 2], [1, 0]])
    g.node("Scatter", [g.input(g.real(2, 4)), g.operand(places), g.input(g.real(2, 2))], axis=1)


@cases("ScatterND", 20)
def scatter_nd(g):
    shape = g.shape(1, 3, most=4)
    depth = g.count(1, len(shape))
    reduction = g.choose(None, *([] if g.opset < 16 else ["none", "add", "mul"] + (["max", "min"] if g.opset > 17 else [])))
    every = np.array(list(np.ndindex(*shape[:depth])))
    chosen = g.random.permutation(len(every))[: g.count(1, min(4, len(every)))]
    if reduction not in (None, "none") and g.chance():
        chosen = g.random.integers(0, len(every), 3)
    places = every[chosen]
    x, u = g.operand(g.real(*shape)), g.input(g.real(len(places), *shape[depth:]))
    g.node("ScatterND", [x, g.constant(places), u], reduction=reduction)


@cases("ScatterElements", 8, opsets=[range(16, 18), range(18, 22)])
def scatter_product(g):
    """Products of several updates, some of them zero."""
    x, u = g.real(2, 4), g.real(2, 5)
    u[g.random.random(u.shape) < 0.3] = 0
    x[g.random.random(x.shape) < 0.2] = 0
    g.node("ScatterElements", [g.input(x), g.constant(g.whole(2, 5, low=-4, high=3)), g.input(u)], axis=1, reduction="mul")


@cases("ScatterND", 12, opsets=[range(18, 22)])
def scatter_slices(g):
    """Several updates of one slice."""
    places = g.whole(4, 1, low=0, high=2)
    reduction = g.choose("mul", "min", "max")
    g.node("ScatterND", [g.input(g.real(3, 2)), g.constant(places), g.input(g.real(4, 2))], reduction=reduction)


@cases("Pad", 48)
def pad(g):
    shape = [e + 2 for e in g.shape(1, 4, most=3)]
    rank = len(shape)
    modes = ["constant", "constant", "reflect", "edge"] + (["wrap"] if g.opset >= 19 else [])
    mode = g.choose(None, *modes)
    axes = None
    if g.opset >= 18 and g.chance(0.4):
        axes = g.random.permutation(rank)[: g.count(1, rank)].tolist()
    over = axes if axes is not None else list(range(rank))
    least = -1 if mode in (None, "constant") else 0
    amounts = [g.count(least, min(2, shape[a] - 1)) for a in over * 2]
    x = g.input(value(g, *shape) if g.opset >= 12 and mode in (None, "constant") else g.real(*shape))
    whole = g.inputs[x].dtype == np.int64
    if g.opset < 11:
        g.node("Pad", [x], pads=amounts, mode=mode, value=g.choose(None, 1.5))
    else:
        fill = g.choose(None, np.int64(3) if whole else np.float32(1.5))
        operands = [g.constant(np.array(amounts)), None if fill is None else g.constant(fill)]
        if axes is not None:
            operands.append(g.constant(np.array([a - rank if g.chance(0.3) else a for a in axes])))
        g.node("Pad", [x, *operands], mode=mode)


@cases("Reshape", 24)
def reshape(g):
    shape = g.shape(1, 4)
    target = list(shape)
    g.random.shuffle(target)
    while len(target) > 1 and g.chance(0.4):
        target[:2] = [target[0] * target[1]]
    if g.chance(0.2):
        target.insert(g.count(0, len(target)), 1)
    for i, extent in enumerate(target):
        if i < len(shape) and shape[i] == extent and g.chance(0.3):
            target[i] = 0
    if g.chance():
        i = g.count(0, len(target) - 1)
        target[i] = -1
    allow = 0 if g.opset >= 14 and g.chance(0.3) else None
    g.node("Reshape", [g.input(value(g, *shape)), g.constant(np.array(target))], allowzero=allow)


@cases("Flatten", 12)
def flatten(g):
    shape = g.shape(1, 4)
    low = -len(shape) if g.opset >= 11 else 0
    g.node("Flatten", [g.input(g.real(*shape))], axis=g.choose(None, g.count(low, len(shape))))


@cases("Transpose", 20)
def transpose(g):
    shape = g.shape(1, 5, most=4)
    perm = g.random.permutation(len(shape)).tolist()
    g.node("Transpose", [g.input(value(g, *shape))], perm=g.choose(None, perm, perm))


@cases("Squeeze", 16)
def squeeze(g):
    shape = g.shape(1, 3)
    axes = sorted(g.random.choice(len(shape) + 2, 2, replace=False).tolist())
    for a in axes:
        shape.insert(a, 1)
    if g.opset >= 11:
        axes = [a - len(shape) if g.chance(0.3) else a for a in axes]
    x = g.input(g.real(*shape))
    if g.chance(0.2):
        g.node("Squeeze", [x])
    elif g.opset < 13:
        g.node("Squeeze", [x], axes=axes)
    else:
        g.node("Squeeze", [x, g.constant(np.array(axes))])


@cases("Unsqueeze", 16)
def unsqueeze(g):
    shape = g.shape(1, 3)
    rank = len(shape) + 2
    axes = sorted(g.random.choice(rank, 2, replace=False).tolist())
    if g.opset >= 11:
        axes = [a - rank if g.chance(0.3) else a for a in axes]
    if g.opset < 13:
        g.node("Unsqueeze", [g.input(g.real(*shape))], axes=axes)
    else:
        g.node("Unsqueeze", [g.input(g.real(*shape)), g.constant(np.array(axes))])


@cases("Expand", 16)
def expand(g):
    full = g.shape(1, 4)
    own = [1 if g.chance(0.4) else e for e in full][g.choose(0, 0, 1):] or [1]
    target = [1 if g.chance(0.2) else e for e in full][g.choose(0, 0, 1):] or [1]
    g.node("Expand", [g.input(value(g, *own)), g.constant(np.array(target))])


@cases("Tile", 14)
def tile(g):
    shape = g.shape(1, 4, most=3)
    g.node("Tile", [g.input(value(g, *shape)), g.constant(g.whole(len(shape), low=1, high=3))])


@cases("DepthToSpace", 14)
def depth_to_space(g):
    b = g.count(1, 3)
    mode = g.choose(None, "DCR", "CRD") if g.opset >= 11 else None
    g.node("DepthToSpace", [g.input(g.real(g.count(1, 2), b * b * g.count(1, 3), 2, g.count(1, 3)))], blocksize=b, mode=mode)


@cases("SpaceToDepth", 10)
def space_to_depth(g):
    b = g.count(1, 3)
    g.node("SpaceToDepth", [g.input(g.real(g.count(1, 2), g.count(1, 3), b * 2, b * g.count(1, 3)))], blocksize=b)


@cases("Trilu", 14)
def triangle(g):
    k = g.constant(np.int64(g.count(-3, 3))) if g.chance(0.6) else None
    g.node("Trilu", [g.input(value(g, *g.shape(2, 4))), k], upper=g.choose(None, 0, 1))


@cases("OneHot", 14)
def one_hot(g):
    depth = g.count(3, 5)
    places = g.whole(*g.shape(1, 2, most=4), low=-depth, high=depth - 1)
    if g.chance(0.3):
        places = places.astype(g.choose(np.float32, np.int32))
    values = g.constant(np.array([0, 1] if g.chance() else [-1, 2], g.choose(np.float32, np.int64)))
    deep = g.constant(np.array(depth) if g.chance() else np.array([depth]))
    g.node("OneHot", [g.input(places), deep, values], axis=g.choose(None, 0, -1, places.ndim))


@cases("EyeLike", 10)
def eye(g):
    shape = [g.count(1, 4), g.count(1, 4)]
    x = g.input(g.real(*shape))
    y = g.node("EyeLike", [x], k=g.choose(None, -1, 1, 2), dtype=g.choose(None, 1, 7))
    if g.chance() and not any(a.name == "dtype" and a.i == 7 for a in g.nodes[-1].attribute):
        g.node("Mul", [x, y])


@cases("NonZero", 4)
def nonzero(g):
    """Of a constant: its result has a shape that depends on values."""
    x = g.input(g.real(6))
    places = g.node("NonZero", [g.constant(np.array([0, 1, 0, 2, 3, 0], np.float32))])
    g.node("Gather", [x, g.node("Reshape", [places, g.constant(np.array([-1]))])])


@cases("Compress", 6)
def compress(g):
    g.node("Compress", [g.input(g.real(3, 4)), g.constant(np.array([True, False, True]))], axis=g.choose(0, 1, None))


@cases("ReverseSequence", 8)
def reverse(g):
    time = g.count(0, 1)
    lengths = g.whole(3, low=1, high=4)
    shape = [4, 3, 2] if time == 0 else [3, 4, 2]
    g.node("ReverseSequence", [g.input(g.real(*shape)), g.operand(lengths)], time_axis=time, batch_axis=1 - time)
