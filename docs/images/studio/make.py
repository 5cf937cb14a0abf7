#!/usr/bin/env python3
"""Makes the pictures of the studio in the docs: every view at 390, 1280 and 2560 pixels, light and dark, and the brush at work.

    docs/images/studio/make.py --otoscope .build/release/otoscope --catalogue everyday.catalogue [--model birdnet.onnx]

Needs Debian's chromium and chromium-driver, and Pillow for the recording. Views that wait for something (a job, a map) are
pictured when they have it. Prints what the browser's console complained of, which should be nothing.
"""
import argparse
import base64
import io
import json
import re
import subprocess
import tempfile
import time
import urllib.request
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent.parent


def ask(address, method="GET", body=None):
    data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
    with urllib.request.urlopen(urllib.request.Request(address, data=data, method=method), timeout=300) as answer:
        content = answer.read()
    return json.loads(content) if content[:1] in (b"{", b"[") else content


class Browser:
    def __init__(self):
        self.driver = subprocess.Popen(["chromedriver", "--port=0"], stdout=subprocess.PIPE, text=True)
        for line in self.driver.stdout:
            if found := re.search(r"started successfully on port (\d+)", line):
                break
        flags = ["--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--hide-scrollbars", "--window-size=1280,900",
                 "--autoplay-policy=no-user-gesture-required", "--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream"]
        wanted = {"browserName": "chrome", "goog:chromeOptions": {"args": flags}, "goog:loggingPrefs": {"browser": "ALL"}}
        base = f"http://127.0.0.1:{found.group(1)}/session"
        self.session = base + "/" + ask(base, "POST", {"capabilities": {"alwaysMatch": wanted}})["value"]["sessionId"]

    def send(self, path, body):
        return ask(self.session + path, "POST", body)["value"]

    def tool(self, name, parameters):
        return self.send("/goog/cdp/execute", {"cmd": name, "params": parameters})

    def size(self, width, height, is_dark=False):
        self.tool("Emulation.setDeviceMetricsOverride", {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False})
        value = "dark" if is_dark else "light"
        self.tool("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": value}]})

    def open(self, address):
        self.send("/url", {"url": address})

    def run(self, script, *arguments):
        return self.send("/execute/sync", {"script": script, "args": list(arguments)})

    def wait(self, script, seconds=120):
        end = time.monotonic() + seconds
        while time.monotonic() < end and not self.run(script):
            time.sleep(0.1)

    def picture(self, kind="webp", quality=70):
        parameters = {"format": kind, "quality": quality} if kind == "webp" else {"format": kind}
        return base64.b64decode(self.tool("Page.captureScreenshot", parameters)["data"])

    def move(self, kind, x, y):
        buttons = 0 if kind == "mouseReleased" else 1
        self.tool("Input.dispatchMouseEvent", {"type": kind, "x": x, "y": y, "button": "left", "buttons": buttons, "clickCount": 1})

    def complaints(self):
        return [entry["message"] for entry in self.send("/se/log", {"type": "browser"})]

    def close(self):
        ask(self.session, "DELETE")
        self.driver.terminate()


PICTURE = """return document.querySelector('[data-test="spectrogram"]')?.dataset.state === 'ready'"""
SETTLED = "return document.querySelectorAll('[aria-busy=\"true\"]').length === 0"


def recording(browser, address, clip):
    """The brush at work: a stroke over the barks, and what becomes of the classes."""
    from PIL import Image

    browser.size(1000, 760)
    browser.open(f"{address}clips/{clip}?target=Dog")
    browser.wait(PICTURE)
    time.sleep(2)
    browser.run("document.querySelector('[data-test=\"brush-mute\"]').click()")
    box = browser.run("const r = document.querySelector('[data-test=\"spectrogram\"]').getBoundingClientRect(); return [r.x, r.y, r.width, r.height]")
    frames = []

    def keep(count=1):
        image = Image.open(io.BytesIO(browser.picture("png"))).convert("RGB")
        frames.extend([image] * count)

    keep(6)
    at = lambda x, y: (box[0] + x * box[2], box[1] + y * box[3])
    browser.move("mousePressed", *at(0.1, 0.25))
    for step in range(1, 25):
        browser.move("mouseMoved", *at(0.1 + 0.86 * step / 24, 0.25 + 0.55 * min(1, step / 6)))
        time.sleep(0.3)
        keep()
    browser.move("mouseReleased", *at(0.96, 0.8))
    time.sleep(1)
    keep(14)
    palette = frames[-1].quantize(160)
    shown = [frame.quantize(palette=palette, dither=Image.Dither.NONE) for frame in frames]
    shown[0].save(HERE / "brush.gif", save_all=True, append_images=shown[1:], duration=120, loop=0, optimize=True)
    print("brush.gif", (HERE / "brush.gif").stat().st_size // 1000, "kB")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--otoscope", default=str(ROOT / ".build/release/otoscope"))
    parser.add_argument("--catalogue", required=True)
    parser.add_argument("--model", help="an ONNX file for the view of models")
    parser.add_argument("--only", default="", help="views whose names begin so")
    arguments = parser.parse_args()
    folder = tempfile.mkdtemp(prefix="studio-pictures-")
    command = [arguments.otoscope, "serve", arguments.catalogue, "--port", "0", "--data", folder]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    address = server.stdout.readline().strip()
    api = address + "api/v1"
    clips = [ask(f"{api}/examples/{name}", "POST")["id"] for name in ["rooster.mp3", "frog.mp3", "duck.mp3", "dog.mp3"]]
    clip = clips[-1]
    model = "yamnet"
    if arguments.model:
        model = ask(f"{api}/models?name={Path(arguments.model).name}", "POST", Path(arguments.model).read_bytes())["model"]["id"]
    comparison = ask(f"{api}/jobs", "POST", {
        "kind": "compare", "model": "yamnet", "clip": clip, "target": "Dog",
        "methods": ["saliency", "smoothgrad", "integrated-gradients", "grad-cam", "layer-cam", "occlusion", "rise", "lrp-epsilon-plus"]})
    while ask(f"{api}/jobs/{comparison['id']}")["state"] in ("waiting", "running"):
        time.sleep(0.5)
    views = {
        "sounds": ("", SETTLED, 2),
        "clip": (f"clips/{clip}?method=grad-cam&target=Dog", PICTURE, 2),
        "inside": (f"inside/{clip}?layer=6", SETTLED, 3),
        "compare": (f"compare?clip={clip}&target=Dog", SETTLED, 12),
        "atlas": ("atlas", SETTLED, 6),
        "models": (f"models/{model}", SETTLED, 3),
        "runs": ("runs", SETTLED, 2),
    }
    browser = Browser()
    for name, (path, condition, seconds) in views.items():
        if not name.startswith(arguments.only):
            continue
        for width, height in [(390, 844), (1280, 900), (2560, 1440)]:
            for is_dark in (False, True):
                browser.size(width, height, is_dark)
                browser.open(address + path)
                browser.wait(condition)
                time.sleep(seconds)
                file = HERE / f"{name}-{width}-{'dark' if is_dark else 'light'}.webp"
                file.write_bytes(browser.picture())
        print(name, browser.complaints())
    if not arguments.only:
        recording(browser, address, clip)
    browser.close()
    server.terminate()


if __name__ == "__main__":
    main()
