import { h, fitCanvas, onResize } from "./dom.js";
import { getPack } from "./api.js";
import { bandsAxis } from "./axis.js";
import { colorTable } from "./colors.js";
import { Raster } from "./raster.js";

/**
 * A small spectrogram of a clip, fetched when it comes into view, a few at a time: a list of a hundred clips must not
 * ask for a hundred pictures at once.
 */
export function thumbnail(clip, signal) {
  const canvas = h("canvas", { class: "thumbnail", "aria-hidden": "true" });
  const observer = new IntersectionObserver((entries) => {
    if (!entries.some((entry) => entry.isIntersecting)) return;
    observer.disconnect();
    waiting.push({ canvas, clip, signal });
    work();
  }, { rootMargin: "200px" });
  observer.observe(canvas);
  signal.addEventListener("abort", () => observer.disconnect());
  return canvas;
}

const waiting = [];
let running = 0;

async function work() {
  while (running < 2 && waiting.length > 0) {
    const { canvas, clip, signal } = waiting.shift();
    if (signal.aborted) continue;
    running += 1;
    draw(canvas, clip, signal).catch(() => canvas.classList.add("missing")).finally(() => {
      running -= 1;
      work();
    });
  }
}

async function draw(canvas, clip, signal) {
  const pack = await getPack(`/clips/${clip.id}/spectrogram`, { query: { view: "network" }, signal });
  const { axes } = pack;
  const raster = new Raster(pack.arrays.picture.data, axes, { low: pack.low, high: pack.high });
  raster.prepare(colorTable("magma"), bandsAxis(axes.panels));
  const paint = () => {
    const context = fitCanvas(canvas, canvas.clientWidth, canvas.clientHeight);
    if (context) raster.draw(context, [0, clip.seconds], [0, 1], { x: 0, y: 0, width: canvas.clientWidth,
      height: canvas.clientHeight });
  };
  onResize(canvas, paint, signal);
  paint();
}
