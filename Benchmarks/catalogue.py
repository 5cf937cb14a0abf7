#!/usr/bin/env python3
"""Catalogues: how fast they are made and asked, and whether they survive `kill -9`.

    catalogue.py speed      SOUNDS --out DIR [--model M]            times real time, and where the time goes
    catalogue.py interrupt  SOUNDS --out DIR [--kills 20] [--seed 0]  killed at random moments, against an undisturbed one
    catalogue.py neighbours CATALOGUE --out DIR [--rows 100000]     one question to a made-up corpus of 1024 numbers a sound
    catalogue.py compare    CATALOGUE CATALOGUE                     whether two catalogues say the same

SOUNDS are the arguments of `otoscope index` after the verb, in quotes. `neighbours` needs NumPy, as the peer.
"""
import argparse
import hashlib
import json
import os
import random
import shlex
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OTOSCOPE = os.environ.get("OTOSCOPE", ROOT / ".build/release/otoscope")


def index(sounds, out, model, wait=None):
    """Runs `index`; after `wait` seconds it is killed. Its last line, or None."""
    command = [OTOSCOPE, "index", *shlex.split(sounds), "--model", model, "--output", out, "--json"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        lines = process.communicate(timeout=wait)[0].splitlines()
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
        process.communicate()
        return None
    if process.returncode:
        sys.exit(f"index ended with status {process.returncode}")
    return json.loads(lines[-1])


def contents(catalogue):
    """What a catalogue says: a hash for each table's rows, and for each layer's vectors in the order of the files."""
    path = Path(catalogue)
    database = sqlite3.connect(path / "catalogue.sqlite")
    said = {}
    for (table,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name"):
        columns = [row[1] for row in database.execute(f"PRAGMA table_info({table})")]
        digest = hashlib.sha256(repr(columns).encode())
        for row in database.execute(f"SELECT * FROM {table} ORDER BY {','.join(str(i + 1) for i in range(len(columns)))}"):
            digest.update(repr(row).encode())
        said[f"table {table}"] = digest.hexdigest()[:16]
    rows = [row for (row,) in database.execute("SELECT row FROM files WHERE row IS NOT NULL ORDER BY id")]
    for name, channels in database.execute("SELECT vectors, channels FROM layers ORDER BY number"):
        size = 4 * channels
        values = (path / name).read_bytes()
        digest = hashlib.sha256()
        for row in rows:
            digest.update(values[row * size:(row + 1) * size])
        said[name] = digest.hexdigest()[:16]
    return said


def compare(a, b):
    first, second = contents(a), contents(b)
    different = [name for name in sorted(first.keys() | second.keys()) if first.get(name) != second.get(name)]
    print(json.dumps({"compared": len(first), "different": different}))
    return not different


def speed(arguments):
    shutil.rmtree(arguments.out, ignore_errors=True)
    record = index(arguments.sounds, arguments.out, arguments.model)
    profile = record["profile"]
    wall = record["seconds"]
    lanes = profile["decoding_cpu_s"] + profile["front_end_cpu_s"] + profile["descriptors_cpu_s"]
    # While the thread with the network waits, the others decode; in what shares, their processor time says.
    waiting = profile["waiting_for_sounds_s"]
    decoder = waiting * profile["decoding_cpu_s"] / lanes if lanes else 0
    print(json.dumps(record, indent=1))
    print(json.dumps({
        "times_real_time": round(record["times_real_time"], 1),
        "network_share": round(profile["network_s"] / wall, 3),
        "decoder_share": round(decoder / wall, 3),
        "front_end_and_descriptors_share": round((waiting - decoder) / wall, 3),
        "tallying_share": round(profile["tallying_s"] / wall, 3),
        "writing_share": round(profile["writing_s"] / wall, 3)}))


def interrupt(arguments):
    out = Path(arguments.out)
    whole, killed = out / "undisturbed", out / "killed"
    for folder in (whole, killed):
        shutil.rmtree(folder, ignore_errors=True)
    began = time.monotonic()
    index(arguments.sounds, whole, arguments.model)
    length = time.monotonic() - began
    generator = random.Random(arguments.seed)
    waits = []
    while len(waits) < arguments.kills:
        # Each run gets about as far as the next one begins.
        wait = generator.uniform(0.05, 2 * length / arguments.kills)
        if index(arguments.sounds, killed, arguments.model, wait) is not None:
            break
        waits.append(round(wait, 2))
    index(arguments.sounds, killed, arguments.model)
    print(json.dumps({"undisturbed_s": round(length, 1), "kills": len(waits), "after_s": waits}))
    return compare(whole, killed)


def neighbours(arguments):
    import numpy as np
    out = Path(arguments.out)
    shutil.rmtree(out, ignore_errors=True)
    shutil.copytree(arguments.catalogue, out)
    database = sqlite3.connect(out / "catalogue.sqlite")
    name, channels = database.execute("SELECT vectors, channels FROM layers ORDER BY number DESC LIMIT 1").fetchone()
    sound, row = database.execute("SELECT path, row FROM files WHERE row IS NOT NULL ORDER BY id LIMIT 1").fetchone()
    known = database.execute("SELECT max(row) + 1, max(id) + 1 FROM files").fetchone()
    generator = np.random.default_rng(0)
    vectors = np.fromfile(out / name, "<f4").reshape(-1, channels)[:known[0]]
    more = generator.standard_normal((arguments.rows - len(vectors), channels), dtype=np.float32)
    vectors = np.concatenate([vectors, more])
    vectors.tofile(out / name)
    database.executemany(
        "INSERT INTO files VALUES (?, ?, 0, 0, ?, 1, NULL, NULL, 'indexed', NULL, ?, 0)",
        ((known[1] + i, f"/made-up/{i}", f"{i:016x}", known[0] + i) for i in range(len(more))))
    database.commit()
    command = [OTOSCOPE, "neighbours", sound, "--in", out, "--top", "10", "--json"]
    times = {"otoscope": [], "numpy": []}
    for _ in range(arguments.runs):
        began = time.perf_counter()
        lines = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
        times["otoscope"].append(time.perf_counter() - began)
        began = time.perf_counter()
        query = vectors[row]
        similar = vectors @ query / np.maximum(np.linalg.norm(vectors, axis=1) * np.linalg.norm(query), 1e-30)
        order = np.argsort(-similar, kind="stable")[:11]
        times["numpy"].append(time.perf_counter() - began)
    found = [json.loads(line) for line in lines]
    expected = [1 - float(similar[i]) for i in order if i != row][:10]
    print(json.dumps({
        "rows": arguments.rows, "width": channels,
        "whole_command_s": [round(t, 3) for t in sorted(times["otoscope"])],
        "numpy_product_s": [round(t, 3) for t in sorted(times["numpy"])],
        "largest_difference": max(abs(a["distance"] - b) for a, b in zip(found, expected))}))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    verbs = parser.add_subparsers(dest="verb", required=True)
    for verb in ("speed", "interrupt"):
        sub = verbs.add_parser(verb)
        sub.add_argument("sounds")
        sub.add_argument("--out", required=True)
        sub.add_argument("--model", default="yamnet")
        sub.add_argument("--kills", type=int, default=20)
        sub.add_argument("--seed", type=int, default=0)
    sub = verbs.add_parser("neighbours")
    sub.add_argument("catalogue")
    sub.add_argument("--out", required=True)
    sub.add_argument("--rows", type=int, default=100_000)
    sub.add_argument("--runs", type=int, default=5)
    sub = verbs.add_parser("compare")
    sub.add_argument("catalogues", nargs=2)
    arguments = parser.parse_args()
    if arguments.verb == "speed":
        speed(arguments)
    elif arguments.verb == "interrupt":
        sys.exit(not interrupt(arguments))
    elif arguments.verb == "neighbours":
        neighbours(arguments)
    else:
        sys.exit(not compare(*arguments.catalogues))


if __name__ == "__main__":
    main()
