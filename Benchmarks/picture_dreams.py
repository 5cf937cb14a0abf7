#!/usr/bin/env python3
"""Do dreams show what they are of? For each of 12 sound classes: a dream from noise, what the network itself sees in it, and a
sheet of five stages.

  picture_dreams.py OUT [--otoscope .build/release/otoscope] [--size 224] [--dream "--steps 40 --tv 0.1"]

Writes OUT/CLASS/ (the files of `otoscope dream`), OUT/sheet.webp and prints a table: for how many of the classes the top five
of the finished dream hold the class that the seed stands for (`imageClasses` of Data/seeds/seeds.json), with a picture to
be like (`--target CLASS`), and from the class's name alone (`--target LABEL`, no picture). Needs the Python package Pillow.
"""
import argparse
import json
import pathlib
import subprocess

from PIL import Image, ImageDraw, ImageFont

ROOT = pathlib.Path(__file__).resolve().parent.parent
CLASSES = ["dog", "cat", "cow", "frog", "rooster", "duck", "owl", "horse", "sheep", "pig", "siren", "guitar"]


def dream(binary, folder, target, size, more):
    command = [binary, "dream", "--target", str(target), "--size", str(size), "--output", str(folder), "--json", *more]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def top(record):
    return ", ".join(f"{seen['label']} {seen['probability']:.2f}" for seen in record["after"])


def sheet(rows, side, target):
    """One row of stages a class, its name before it, what the network sees behind it."""
    font = ImageFont.truetype("DejaVuSans.ttf", 13)
    gap, left, right, head = 4, 74, 150, 20
    columns = 5
    page = Image.new("RGB", (left + columns * (side + gap) + right, head + len(rows) * (side + gap)), "white")
    draw = ImageDraw.Draw(page)
    for column, title in enumerate(["noise", "1/4", "1/2", "3/4", "dream"]):
        draw.text((left + column * (side + gap) + side // 2, 4), title, fill="black", font=font, anchor="ma")
    for number, (name, stages, record, wanted) in enumerate(rows):
        y = head + number * (side + gap)
        draw.text((left - 8, y + side // 2), name, fill="black", font=font, anchor="rm")
        with Image.open(stages) as strip:
            pitch = (strip.width - 4) / columns
            for column in range(columns):
                x = round(4 + column * pitch)
                stage = strip.crop((x, 4, x + round(pitch) - 4, strip.height - 4)).convert("RGB")
                page.paste(stage.resize((side, side), Image.LANCZOS), (left + column * (side + gap), y))
        for line, seen in enumerate(record["after"][:3]):
            words = f"{seen['label']} {seen['probability']:.2f}"
            colour = "black" if seen["index"] in wanted else "#888"
            draw.text((left + columns * (side + gap) + 4, y + side // 2 - 24 + 17 * line), words, fill=colour, font=font)
    page.save(target, quality=80)


parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("out", type=pathlib.Path)
parser.add_argument("--otoscope", default=str(ROOT / ".build/release/otoscope"))
parser.add_argument("--size", type=int, default=224)
parser.add_argument("--dream", default="", help="more options of `otoscope dream`, in one word")
given = parser.parse_args()
seeds = {seed["name"]: seed for seed in json.loads((ROOT / "Data/seeds/seeds.json").read_text())}

rows, found, alone = [], 0, 0
print("| class | stands for | top five of the dream | in it | from the class alone | in it |\n|---|---|---|---|---|---|")
for name in CLASSES:
    wanted = set(seeds[name]["imageClasses"])
    record = dream(given.otoscope, given.out / name, name, given.size, given.dream.split())
    stages = next((given.out / name).glob("*.stages.png"))
    rows.append((name, stages, record, wanted))
    plain = dream(given.otoscope, given.out / f"{name}-alone", seeds[name]["imageClasses"][0], given.size, given.dream.split())
    hits = [any(seen["index"] in wanted for seen in each["after"]) for each in (record, plain)]
    found, alone = found + hits[0], alone + hits[1]
    label = plain["wish"]
    print(f"| {name} | {label} | {top(record)} | {'yes' if hits[0] else 'no'} | {top(plain)} | {'yes' if hits[1] else 'no'} |")
print(f"\n{found} of {len(CLASSES)} with a picture, {alone} of {len(CLASSES)} from the class alone")
sheet(rows, 112, given.out / "sheet.webp")
