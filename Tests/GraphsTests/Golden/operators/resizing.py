"""Resize and Upsample."""
import numpy as np

from .registry import cases


@cases("Upsample", 16)
def upsample(g):
    mode = g.choose(None, "nearest", "linear")
    shape = [1, 2, g.count(2, 4), g.count(2, 4)] if g.chance(0.7) or mode == "linear" else [2, g.count(1, 3), 4]
    scales = [1.0] * (len(shape) - 2) + [g.choose(1.0, 2.0, 1.5, 3.0) for _ in range(2)]
    if len(shape) == 3:
        scales = [1.0, 1.0, g.choose(2.0, 3.0)]
    x = g.input(g.real(*shape))
    if g.opset < 9:
        g.node("Upsample", [x], mode=mode, scales=scales)
    else:
        g.node("Upsample", [x, g.constant(np.array(scales, np.float32))], mode=mode)



@cases("Resize", 8, opsets=[range(10, 11)])
def resize10(g):
    mode = g.choose(None, "nearest", "linear")
    shape = [1, 2, g.count(2, 5), g.count(2, 5)]
    scales = [1.0, 1.0] + [g.choose(0.5, 1.0, 2.0, 1.5) for _ in range(2)]
    g.node("Resize", [g.input(g.real(*shape)), g.constant(np.array(scales, np.float32))], mode=mode)


@cases("Resize", 72, opsets=[range(19, 22), range(18, 19), range(13, 18), range(11, 13)])
def resize(g):
    mode = g.choose("nearest", "linear", "linear", "cubic", None)
    rank = g.choose(1, 2, 2)
    shape = [1, g.count(1, 2), *(g.count(2, 6) for _ in range(rank))]
    places = [
        "half_pixel", "asymmetric", "align_corners", "pytorch_half_pixel", None] + (
        ["half_pixel_symmetric"] if g.opset >= 19 else [])
    attributes = {"mode": mode, "coordinate_transformation_mode": g.choose(*places)}
    if mode in ("nearest", None):
        attributes["nearest_mode"] = g.choose(None, "round_prefer_floor", "round_prefer_ceil", "floor", "ceil")
    if mode == "cubic":
        attributes["cubic_coeff_a"] = g.choose(None, -0.5)
        attributes["exclude_outside"] = g.choose(None, 1)
    if g.opset >= 18 and g.chance(0.3) and mode == "linear":
        attributes["antialias"] = 1
    axes = None
    if g.opset >= 18 and g.chance(0.3):
        axes = list(range(2, 2 + rank))
        attributes["axes"] = axes
    x = g.input(g.real(*shape))
    roi = g.constant(np.zeros(0, np.float32)) if g.opset < 13 else None
    if g.chance():
        scales = [g.choose(0.5, 0.6, 1.0, 1.5, 2.0, 2.6) for _ in range(rank)]
        operands = [roi, g.constant(np.array(scales if axes else [1.0, 1.0] + scales, np.float32))]
    else:
        sizes = [g.count(1, 9) for _ in range(rank)]
        empty = g.constant(np.zeros(0, np.float32)) if g.opset < 13 or g.chance() else None
        operands = [roi, empty, g.constant(np.array(sizes if axes else shape[:2] + sizes))]
        if g.opset >= 18 and g.chance(0.3):
            attributes["keep_aspect_ratio_policy"] = g.choose("stretch", "not_larger", "not_smaller")
    g.node("Resize", [x, *operands], **attributes)


@cases("Resize", 4, opsets=[range(11, 13), range(13, 18), range(18, 22)])
def cropped(g):
    """A part of the image, with a value for what lies outside."""
    roi = np.array([0, 0, 0.2, -0.1, 1, 1, 0.8, 1.1], np.float32)
    sizes = np.array([1, 1, g.count(3, 5), g.count(3, 5)])
    empty = g.constant(np.zeros(0, np.float32))
    g.node(
        "Resize", [g.input(g.real(1, 1, 4, 5)), g.constant(roi), empty, g.constant(sizes)], mode="linear",
        coordinate_transformation_mode="tf_crop_and_resize", extrapolation_value=0.5)


@cases("Resize", 30, opsets=[range(18, 19), range(19, 22)])
def antialiased(g):
    """Axes that shrink, so that the curve is stretched; cubic ones only two at a time, as ONNX Runtime has them."""
    mode = g.choose("linear", "cubic")
    rank = 2 if mode == "cubic" else g.choose(1, 2)
    shape = [1, 2, *(g.count(3, 9) for _ in range(rank))]
    places = ["half_pixel", "asymmetric", "align_corners", "pytorch_half_pixel", None]
    attributes = {"mode": mode, "coordinate_transformation_mode": g.choose(*places), "antialias": 1}
    if mode == "cubic":
        attributes["cubic_coeff_a"] = g.choose(None, -0.5)
        attributes["exclude_outside"] = g.choose(None, 1)
    x = g.input(g.real(*shape))
    if g.chance():
        scales = [g.choose(0.4, 0.5, 0.7, 1.0, 1.5) for _ in range(rank)]
        g.node("Resize", [x, None, g.constant(np.array([1.0, 1.0] + scales, np.float32))], **attributes)
    else:
        sizes = [g.count(1, e + 1) for e in shape[2:]]
        g.node("Resize", [x, None, None, g.constant(np.array(shape[:2] + sizes))], **attributes)
