#!/usr/bin/env python3
"""How long a visitor of the studio waits: from the action in the page to what it shows, against the same work alone.

    Benchmarks/studio_latency.py --otoscope .build/release/otoscope [--rounds 15]

Starts `otoscope serve` and Debian's Chromium (chromedriver), brings sounds of ten seconds (the bundled dog with a little noise,
each round another), and measures in the page's own clock:
  picture   from the drop of the file to its spectrogram on the canvas (decoding, the model's picture, drawing)
  grad-cam  from the choice of another class to its heat map
  brush     from a stroke's end to the new scores
  first     from opening the address to the spectrogram of a clip that is there
Beside each, `work`: the server's own time for the same on one connection without a page (the request by a plain client, each
on something new). Medians. Also the bytes of the page without data.
"""
import argparse
import base64
import json
import random
import re
import statistics
import subprocess
import tempfile
import time
import urllib.request
from pathlib import Path

from studio_load import STROKES, wav

ROOT = Path(__file__).resolve().parent.parent


def ask(address, method="GET", body=None):
    request = urllib.request.Request(address, data=body, method=method)
    with urllib.request.urlopen(request, timeout=120) as answer:
        return answer.read()


class Browser:
    def __init__(self):
        self.driver = subprocess.Popen(["chromedriver", "--port=0"], stdout=subprocess.PIPE, text=True)
        for line in self.driver.stdout:
            if found := re.search(r"on port (\d+)", line):
                self.base = f"http://127.0.0.1:{found.group(1)}"
                if "started successfully" in line:
                    break
        flags = ["--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--window-size=1280,900",
                 "--autoplay-policy=no-user-gesture-required"]
        options = {"capabilities": {"alwaysMatch": {"browserName": "chrome", "goog:chromeOptions": {"args": flags}}}}
        self.session = self.send("/session", options)["sessionId"]

    def send(self, path, body):
        return json.loads(ask(self.base + path, "POST", json.dumps(body).encode()))["value"]

    def open(self, address):
        self.send(f"/session/{self.session}/url", {"url": address})

    def run(self, script, *arguments):
        return self.send(f"/session/{self.session}/execute/async", {"script": script, "args": list(arguments)})

    def close(self):
        ask(f"{self.base}/session/{self.session}", "DELETE")
        self.driver.terminate()


# Calls `done` with the milliseconds until a condition holds, asked at each change of the page.
UNTIL = """
const done = arguments[arguments.length - 1];
const until = (start, isDone) => {
  const look = () => { if (isDone()) { observer.disconnect(); clearInterval(timer); done(performance.now() - start); return true; } };
  const observer = new MutationObserver(look);
  observer.observe(document.documentElement, { subtree: true, childList: true, attributes: true });
  const timer = setInterval(look, 4);
};
const picture = () => document.querySelector('[data-test="spectrogram"]');
const isReady = () => picture()?.dataset.state === 'ready';
"""
DROP = UNTIL + """
const bytes = Uint8Array.from(atob(arguments[0]), (letter) => letter.charCodeAt(0));
const data = new DataTransfer();
data.items.add(new File([bytes], arguments[1]));
const before = location.pathname;
const start = performance.now();
for (const type of ['dragenter', 'dragover', 'drop']) {
  document.querySelector('main').dispatchEvent(new DragEvent(type, { dataTransfer: data, bubbles: true, cancelable: true }));
}
until(start, () => location.pathname !== before && isReady());
"""
TARGET = UNTIL + """
const rows = [...document.querySelectorAll('[data-test="classes"] [data-class]')];
const row = rows.find((each) => each.dataset.class === arguments[0]);
const start = performance.now();
row.click();
until(start, () => isReady() && picture().dataset.target === arguments[0]);
"""
BRUSH = UNTIL + """
const [x0, y0, x1, y1] = arguments;
document.querySelector('[data-test="brush-mute"]').click();
const box = picture().getBoundingClientRect();
const canvas = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
const scores = () => [...document.querySelectorAll('[data-test="classes"] [data-class]')].map((e) => e.dataset.class + e.dataset.score).join();
const send = (type, x, y) => canvas.dispatchEvent(new PointerEvent(type, {
  clientX: box.x + x * box.width, clientY: box.y + y * box.height, pointerId: 1, pointerType: 'mouse', isPrimary: true,
  button: type === 'pointermove' ? -1 : 0, buttons: type === 'pointerup' ? 0 : 1, bubbles: true, cancelable: true }));
send('pointerdown', x0, y0);
const old = scores();
const start = performance.now();
send('pointermove', x1, y1);
send('pointerup', x1, y1);
until(start, () => scores() !== old);
"""
READY = UNTIL + "until(0, isReady);"
WEIGHT = """
const load = async () => {
  const views = ['clip', 'inside', 'compare', 'atlas', 'models', 'runs'];
  for (const view of views) await import(`/page/view-${view}.js`);
  const all = performance.getEntriesByType('resource').filter((each) => each.name.includes('/page/'));
  return all.reduce((sum, each) => sum + each.encodedBodySize, 0);
};
load().then(arguments[0]);
"""


def ten_seconds(number, dog):
    """The dog twice over, with noise of a few units in its last bits."""
    random_source = random.Random(number)
    samples = memoryview(dog[44:]).cast("h")
    return wav((samples[place % len(samples)] + random_source.randrange(-3, 4) for place in range(480_000)), 48_000)


def milliseconds(work):
    start = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - start)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--otoscope", default=str(ROOT / ".build/release/otoscope"))
    parser.add_argument("--rounds", type=int, default=15)
    arguments = parser.parse_args()
    folder = tempfile.mkdtemp(prefix="studio-latency-")
    server = subprocess.Popen([arguments.otoscope, "serve", "--port", "0", "--data", folder], stdout=subprocess.PIPE, text=True)
    address = server.stdout.readline().strip()
    api = address + "api/v1"
    dog = json.loads(ask(api + "/examples/dog.mp3", "POST"))["id"]
    dog = ask(f"{api}/clips/{dog}/audio")
    browser = Browser()

    seen = {name: [] for name in ["picture", "grad-cam", "brush", "first"]}
    alone = {name: [] for name in ["picture", "grad-cam", "brush"]}
    browser.open(address)
    time.sleep(1)
    weight = browser.run(WEIGHT)
    for number in range(arguments.rounds + 2):
        sound = ten_seconds(2 * number, dog)
        browser.open(address)
        time.sleep(0.5)
        picture = browser.run(DROP, base64.b64encode(sound).decode(), f"sound-{number}.wav")
        time.sleep(1)
        clip = json.loads(ask(api + "/clips"))["clips"][0]["id"]
        classes = [entry["label"] for entry in json.loads(ask(f"{api}/clips/{clip}/scores?top=4"))["classes"]]
        cam = [browser.run(TARGET, name) for name in classes[1:4]]
        # What is heard and ignored is fetched after a picture: a hand takes longer to reach the brush.
        time.sleep(1)
        x = random.uniform(0.05, 0.5)
        brush = browser.run(BRUSH, x, 0.3, x + 0.15, 0.8)
        browser.open(f"{address}clips/{clip}?method=grad-cam&target=Dog")
        first = browser.run(READY)
        other = ten_seconds(2 * number + 1, dog)

        def show():
            nonlocal clip
            clip = json.loads(ask(f"{api}/clips?name=x.wav", "POST", other))["id"]
            ask(f"{api}/clips/{clip}/spectrogram")

        work = milliseconds(show)
        ask(f"{api}/clips/{clip}/edit", "POST", STROKES)
        asked = [milliseconds(lambda: ask(f"{api}/clips/{clip}/explanation?method=grad-cam&target={k}")) for k in (67, 68, 69)]
        edited = milliseconds(lambda: ask(f"{api}/clips/{clip}/edit", "POST", STROKES))
        if number >= 2:
            seen["picture"].append(picture)
            seen["grad-cam"] += cam
            seen["brush"].append(brush)
            seen["first"].append(first)
            alone["picture"].append(work)
            alone["grad-cam"] += asked
            alone["brush"].append(edited)
    browser.close()
    server.terminate()
    for name, values in seen.items():
        line = f"{name:9} {statistics.median(values):6.0f} ms in the page"
        if name in alone:
            work = statistics.median(alone[name])
            line += f", {work:6.0f} ms the request alone: {statistics.median(values) / work:.2f}"
        print(line)
    print(f"page without data: {weight / 1000:.0f} kB")


if __name__ == "__main__":
    main()
