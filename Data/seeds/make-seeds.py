#!/usr/bin/env python3
"""Cuts the pictures of sound classes out of photographs of two Debian packages, 224 x 224 pixels each.

  make-seeds.py GCOMPRIS STAMPS OUT        (needs the Python package Pillow)

GCOMPRIS: the folder of the unpacked resources (*.rcc) of gcompris-qt-data 3.1, `.../gcompris/src/activities`.
STAMPS: `/usr/share/tuxpaint/stamps` of tuxpaint-stamps-default 2022.06.04.
Authors and licences: README.md beside this file.
"""
import os
import sys

from PIL import Image

FARM = "explore_farm_animals/resource/animals"
ERASE = "erase/resource"
# name: (folder, file, part of the picture as left, top, side in shares of the width; None for a cut-out, put on white)
PICTURES = {
    "dog": (0, f"{FARM}/dog.webp", (0.26, 0.03, 0.70)),
    "cat": (0, f"{ERASE}/kitten.webp", (0.26, 0.04, 0.50)),
    "cow": (0, f"{FARM}/cow.webp", (0.13, 0.08, 0.66)),
    "horse": (0, f"{ERASE}/horse.webp", (0.20, 0.00, 0.56)),
    "owl": (0, f"{FARM}/owl.webp", (0.26, 0.10, 0.50)),
    "pig": (0, f"{FARM}/pig.webp", (0.13, 0.05, 0.68)),
    "sheep": (0, f"{FARM}/sheep.webp", (0.20, 0.02, 0.70)),
    "hen": (0, f"{FARM}/chicken.webp", (0.04, 0.10, 0.54)),
    "bee": (0, f"{ERASE}/bee.webp", (0.05, 0.04, 0.46)),
    "goat": (0, f"{ERASE}/goat.webp", (0.38, 0.02, 0.54)),
    "drum": (0, "explore_world_music/resource/music/africa.webp", (0.20, 0.02, 0.60)),
    "duck": (1, "animals/birds/duck.png", None),
    "rooster": (1, "animals/birds/rooster.png", None),
    "frog": (1, "animals/amphibians/frog-1.png", None),
    "crow": (1, "animals/birds/crow.png", None),
    "elephant": (1, "animals/mammals/elephant.png", None),
    "siren": (1, "vehicles/emergency/firetruck.png", None),
    "guitar": (1, "hobbies/music/string/guitar_classical.png", None),
    "violin": (1, "hobbies/music/string/violin.png", None),
}
SIDE = 224


def cut(picture, part):
    left, top, side = (round(picture.width * share) for share in part)
    side = min(side, picture.width - left, picture.height - top)
    return picture.crop((left, top, left + side, top + side))


def on_white(picture):
    picture = picture.convert("RGBA")
    picture = picture.crop(picture.getbbox())
    side = round(max(picture.size) * 1.06)
    square = Image.new("RGB", (side, side), "white")
    square.paste(picture, ((side - picture.width) // 2, (side - picture.height) // 2), picture)
    return square


folders, out = sys.argv[1:3], sys.argv[3]
for name, (folder, path, part) in PICTURES.items():
    with Image.open(os.path.join(folders[folder], path)) as picture:
        square = cut(picture.convert("RGB"), part) if part else on_white(picture)
    square.resize((SIDE, SIDE), Image.LANCZOS).save(os.path.join(out, f"{name}.jpg"), quality=85)
