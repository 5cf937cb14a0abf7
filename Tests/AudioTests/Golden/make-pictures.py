#!/usr/bin/env python3
"""Writes small pictures of one pattern in every form that is read, by Pillow.

  make-pictures.py pictures        (needs the Python packages Pillow and numpy)
"""
import sys

import numpy as np
from PIL import Image, ImageOps

out = sys.argv[1]
y, x = np.mgrid[0:16, 0:24]
colours = np.stack([8 + 10 * x, 8 + 15 * y, 5 * (x + y)], 2).astype(np.uint8)
pattern = Image.fromarray(colours)
pattern.save(f"{out}/rgb.png")
pattern.save(f"{out}/plain.bmp")
pattern.save(f"{out}/plain.tif")
pattern.save(f"{out}/lossless.webp", lossless=True)
pattern.save(f"{out}/lossy.webp", quality=95)
pattern.save(f"{out}/full.jpg", quality=95, subsampling=0)
pattern.save(f"{out}/halved.jpg", quality=95, subsampling=2)
pattern.convert("L").save(f"{out}/grey.png")
Image.fromarray((np.asarray(pattern.convert("L")).astype(np.uint16) * 257)).save(f"{out}/grey16.png")
opacity = (255 - 10 * y).astype(np.uint8)
Image.fromarray(np.dstack([colours, opacity])).save(f"{out}/rgba.png")
# 16 colours, the first transparent; a second frame of another colour.
indices = ((x // 6) + 4 * (y // 4)).astype(np.uint8)
palette = [value for index in range(16) for value in (index * 16, 255 - index * 16, 40)]
first = Image.fromarray(indices, mode="P")
first.putpalette(palette)
second = Image.fromarray(np.full_like(indices, 15), mode="P")
second.putpalette(palette)
first.save(f"{out}/two.gif", save_all=True, append_images=[second], transparency=0, duration=100, disposal=2)
first.save(f"{out}/palette.png", transparency=0)
# Stored as a camera held in each of the eight ways stores it: turned upright all are the pattern.
inverse = {2: [0], 3: [3], 4: [1], 5: [5], 6: [2], 7: [6], 8: [4]}  # Image.transpose's numbers.
for orientation, methods in inverse.items():
    stored = pattern
    for method in methods:
        stored = stored.transpose(Image.Transpose(method))
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored.save(f"{out}/turned-{orientation}.jpg", quality=95, subsampling=0, exif=exif)
    back = np.asarray(ImageOps.exif_transpose(Image.open(f"{out}/turned-{orientation}.jpg"))).astype(int)
    assert back.shape == colours.shape and np.abs(back - colours).max() < 8, orientation
