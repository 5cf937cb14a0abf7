#!/usr/bin/env python3
"""Many visitors at once: uploads, explanations and edits over loopback for some minutes, with slow and rude ones among them.

    Benchmarks/studio_load.py --otoscope .build/release/otoscope --clients 50 --seconds 120

Starts `otoscope serve` in a folder of its own. Each client uploads a sound of its own (a bundled one with a few samples
changed), asks for scores, a picture, explanations and edits, and checks every answer against what one lone client was given
before: equal bytes, or a clear 429/503 with Retry-After. Meanwhile some clients read a byte at a time, and some close half a
connection in the middle of a body. Prints percentiles of the latency, the answers by status, and the memory before, at its
most, and after all sounds were deleted. Needs Python's standard library only.
"""
import argparse
import asyncio
import json
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# Stands for any class: what nobody has asked for before.
NEW = "NEW"
EXPLANATIONS = ["grad-cam", "saliency", "input-x-gradient"]
STROKES = json.dumps({"strokes": [{"action": "mute", "shape": "box", "seconds": [0.5, 1.0], "hertz": [500, 3000]}]}).encode()


def resident(pid):
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE")


def wav(samples, rate=16000):
    data = b"".join(int(max(-32768, min(32767, s))).to_bytes(2, "little", signed=True) for s in samples)
    head = b"RIFF" + (36 + len(data)).to_bytes(4, "little") + b"WAVEfmt " + (16).to_bytes(4, "little")
    head += (1).to_bytes(2, "little") + (1).to_bytes(2, "little") + rate.to_bytes(4, "little")
    head += (2 * rate).to_bytes(4, "little") + (2).to_bytes(2, "little") + (16).to_bytes(2, "little")
    return head + b"data" + len(data).to_bytes(4, "little") + data


def sound(number, seconds):
    """A few seconds of noise bursts, another one for each number."""
    random_source = random.Random(number)
    samples = []
    level = 0.0
    for _ in range(int(16000 * seconds)):
        if random_source.random() < 1 / 4000:
            level = random_source.uniform(500, 12000)
        level *= 0.9995
        samples.append(random_source.gauss(0, 1) * level)
    return wav(samples)


class Server:
    def __init__(self, binary, folder):
        self.process = subprocess.Popen([binary, "serve", "--port", "0", "--data", folder], stdout=subprocess.PIPE)
        self.port = int(re.search(rb":(\d+)/", self.process.stdout.readline()).group(1))

    async def ask(self, method, path, body=b""):
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            head = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\nConnection: close\r\nContent-Length: {len(body)}\r\n\r\n"
            writer.write(head.encode() + body)
            await writer.drain()
            answer = await reader.read()
        finally:
            writer.close()
        head, _, content = answer.partition(b"\r\n\r\n")
        return int(head.split()[1]), head.lower(), content

    async def slow(self, path, seconds):
        """Reads a byte at a time."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port, limit=1024)
        writer.write(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\n\r\n".encode())
        end = time.monotonic() + seconds
        try:
            while time.monotonic() < end and await reader.read(1):
                await asyncio.sleep(0.05)
        finally:
            writer.close()

    async def rude(self, seconds):
        """Promises a body and closes its half in the middle of it."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
            writer.write(
                f"POST /api/v1/clips?name=half.wav HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\nContent-Length: 100000\r\n\r\n".encode()
                + b"x" * 1000)
            await writer.drain()
            writer.write_eof()
            try:
                await asyncio.wait_for(reader.read(100), 5)
            except asyncio.TimeoutError:
                pass
            writer.close()
            await asyncio.sleep(0.2)


def questions(clip):
    base = f"/api/v1/clips/{clip}"
    asked = [("GET", f"{base}/scores?top=5", b""), ("GET", f"{base}/spectrogram", b"")]
    asked += [("GET", f"{base}/explanation?method={method}", b"") for method in EXPLANATIONS]
    asked += [("GET", f"{base}/explanation?method=saliency&target={NEW}", b"")]
    asked += [("POST", f"{base}/edit", STROKES), ("GET", f"{base}/audio", b"")]
    return asked


def comparable(path, content):
    """Without what a clock decides: the seconds that an explanation took."""
    if "/explanation" not in path:
        return content
    length = 4 + int.from_bytes(content[:4], "little")
    facts = json.loads(content[4:length])
    del facts["seconds"]
    return json.dumps(facts, sort_keys=True).encode() + content[length:]


async def client(server, number, sounds, expected, end, log):
    random_source = random.Random(number)
    while time.monotonic() < end:
        index = random_source.randrange(len(sounds))
        for method, path, body in [("POST", f"/api/v1/clips?name=sound-{index}.wav", sounds[index])] + random_source.sample(
            questions(expected[index]["id"]), 4
        ):
            target = random_source.randrange(521)
            asked, path = path, path.replace(NEW, str(target))
            start = time.monotonic()
            try:
                status, head, content = await server.ask(method, path, body)
            except (ConnectionError, IndexError, ValueError) as error:
                log["broken"].append(f"{method} {path}: {error!r}")
                continue
            kind = path.split("?")[0].rsplit("/", 1)[-1] + (" (new)" if asked != path else "")
            log["times"].setdefault(kind, []).append(time.monotonic() - start)
            log["statuses"][status] += 1
            if status in (429, 503):
                if b"retry-after" not in head:
                    log["wrong"].append(f"{status} without Retry-After: {path}")
                await asyncio.sleep(0.5)
            elif status not in (200, 201):
                log["wrong"].append(f"{status}: {method} {path}: {content[:200]!r}")
            elif asked != path:
                facts = json.loads(content[4 : 4 + int.from_bytes(content[:4], "little")])
                if facts["target"]["index"] != target:
                    log["wrong"].append(f"another class: {path}")
            elif path in expected[index]["answers"]:
                if comparable(path, content) != expected[index]["answers"][path]:
                    log["wrong"].append(f"another answer: {path}")


def percentile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


async def run(arguments):
    folder = tempfile.mkdtemp(prefix="studio-load-")
    server = Server(arguments.otoscope, folder)
    sounds = [sound(number, arguments.length) for number in range(12)]
    expected = []
    for index, content in enumerate(sounds):
        status, _, answer = await server.ask("POST", f"/api/v1/clips?name=sound-{index}.wav", content)
        clip = json.loads(answer)
        answers = {}
        for method, path, body in questions(clip["id"]):
            status, _, given = await server.ask(method, path.replace(NEW, "0"), body)
            assert status == 200, (path, status, given[:300])
            answers[path] = comparable(path, given)
        expected.append({"id": clip["id"], "answers": answers})
    before = resident(server.process.pid)
    log = {"times": {}, "statuses": Counter(), "wrong": [], "broken": []}
    most = before
    end = time.monotonic() + arguments.seconds
    tasks = [
        asyncio.create_task(client(server, number, sounds, expected, end, log)) for number in range(arguments.clients)
    ]
    tasks += [asyncio.create_task(server.slow(questions(expected[0]["id"])[1][1], arguments.seconds)) for _ in range(5)]
    tasks += [asyncio.create_task(server.rude(arguments.seconds)) for _ in range(3)]
    halfway = 0
    while time.monotonic() < end:
        await asyncio.sleep(0.5)
        most = max(most, resident(server.process.pid))
        if not halfway and end - time.monotonic() < arguments.seconds / 2:
            halfway = resident(server.process.pid)
    await asyncio.wait_for(asyncio.gather(*tasks), 120)
    start = time.monotonic()
    status, _, _ = await server.ask("GET", "/api/v1")
    idle = time.monotonic() - start
    after = resident(server.process.pid)
    _, _, listing = await server.ask("GET", "/api/v1/clips")
    for clip in json.loads(listing)["clips"]:
        await server.ask("DELETE", f"/api/v1/clips/{clip['id']}")
    left = len(os.listdir(Path(folder) / "incoming")), len(os.listdir(Path(folder) / "clips"))
    emptied = resident(server.process.pid)
    server.process.send_signal(signal.SIGTERM)
    server.process.wait()
    every = [value for values in log["times"].values() for value in values]
    print(f"{arguments.clients} clients, {arguments.seconds} s: {len(every)} answers, {len(every) / arguments.seconds:.0f} a second")
    for kind, values in sorted(log["times"].items()) + [("all", every)]:
        print(f"  {kind:18} p50 {1000 * percentile(values, 0.5):6.0f} ms   p99 {1000 * percentile(values, 0.99):6.0f} ms   {len(values)}")
    print("statuses", dict(log["statuses"]), "| wrong", len(log["wrong"]), "| broken connections", len(log["broken"]))
    for line in (log["wrong"] + log["broken"])[:10]:
        print("  ", line)
    megabytes = [round(value / 1e6) for value in (before, halfway, most, after, emptied)]
    print("memory in MB: before {}, halfway {}, at most {}, after {}, with the sounds deleted {}".format(*megabytes))
    print(f"afterwards: status {status} in {1000 * idle:.1f} ms, half uploads left {left[0]}, clips left {left[1]}")
    return 1 if log["wrong"] or log["broken"] or left[0] else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--otoscope", default=str(ROOT / ".build/release/otoscope"))
    parser.add_argument("--clients", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--length", type=float, default=4, help="seconds of each sound")
    sys.exit(asyncio.run(run(parser.parse_args())))


if __name__ == "__main__":
    main()
