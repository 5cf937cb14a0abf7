import { h, css, fitCanvas, listen, onAppearance, onResize } from "./dom.js";
import { overlayTable } from "./colors.js";
import { Raster } from "./raster.js";
import { linearAxis } from "./axis.js";
import { gutters } from "./plot.js";
import { seconds as secondsText } from "./format.js";

/**
 * The whole sound as a waveform, with a window over the seconds in view: drag the window to pan, its edges to zoom,
 * click to seek.
 *
 * Options: `timeline`, `signal`, `label`, `onSeek(seconds)`.
 */
export class Overview {
  #peaks = null;
  #overlay = null;
  #frame = 0;
  #opacity = 1;
  #colors = overlayTable(0);

  constructor(host, options) {
    this.options = options;
    this.timeline = options.timeline;
    const { signal } = options;
    this.canvas = h("canvas", { role: "img", "aria-label": options.label });
    this.cursor = h("div", { class: "cursor" });
    this.surface = h("div", {
      class: "surface", role: "slider", tabindex: 0, "aria-label": "Place in the sound", "aria-valuemin": 0,
        "data-test": "overview",
    });
    this.element = h("div", { class: "overview" }, this.canvas, this.cursor, this.surface);
    host.append(this.element);
    this.timeline.subscribe((what) => (what === "cursor" ? this.#placeCursor() : this.draw()), signal);
    onResize(this.element, () => this.#paint(), signal);
    onAppearance(() => this.draw(), signal);
    this.#listen(signal);
  }

  /** The sound, from an AudioBuffer. Peaks of 4096 slices are kept. */
  setSound(buffer) {
    const slices = Math.min(4096, buffer.length);
    const [low, high] = [new Float32Array(slices), new Float32Array(slices)];
    for (let channel = 0; channel < buffer.numberOfChannels; channel += 1) {
      const samples = buffer.getChannelData(channel);
      for (let slice = 0; slice < slices; slice += 1) {
        const end = Math.floor(((slice + 1) * samples.length) / slices);
        for (let index = Math.floor((slice * samples.length) / slices); index < end; index += 1) {
          if (samples[index] < low[slice]) low[slice] = samples[index];
          if (samples[index] > high[slice]) high[slice] = samples[index];
        }
      }
    }
    const loudest = Math.max(0.02, ...high, ...low.map((value) => -value));
    this.#peaks = { low, high, slices, loudest };
    this.draw();
  }

  /** How strongly the overlay shows, 0…1, and from which share of its limit. */
  setAppearance({ opacity, threshold }) {
    this.#opacity = opacity;
    this.#colors = overlayTable(threshold);
    this.draw();
  }

  /** What lies over time alone: `{data, axes, limit}` as for a spectrogram, without bands. Null takes it off. */
  setOverlay(overlay) {
    this.#overlay = overlay && { ...overlay, raster: new Raster(overlay.data, overlay.axes,
      { low: -overlay.limit, high: overlay.limit }) };
    this.element.classList.toggle("tall", overlay !== null);
    this.draw();
  }

  /** The plot's left edge and width, in CSS pixels. */
  get plot() {
    const { clientWidth: width, clientHeight: height } = this.element;
    const { left, right } = gutters(width);
    return { x: left, y: 0, width: Math.max(1, width - left - right), height };
  }

  toX = (seconds) => this.plot.x + (seconds / this.timeline.seconds) * this.plot.width;
  toSeconds = (x) => Math.min(Math.max((x - this.plot.x) / this.plot.width, 0), 1) * this.timeline.seconds;

  draw() {
    this.#frame ||= requestAnimationFrame(() => this.#paint());
  }

  #paint() {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    const { clientWidth, clientHeight } = this.element;
    const context = fitCanvas(this.canvas, clientWidth, clientHeight);
    if (!context) return;
    const { x, width, height } = this.plot;
    context.clearRect(0, 0, clientWidth, clientHeight);
    if (this.#overlay) {
      context.fillStyle = css("--stage");
      context.fillRect(x, 0, width, height);
      this.#overlay.raster.prepare(this.#colors, flat);
      context.globalAlpha = this.#opacity;
      this.#overlay.raster.draw(context, [0, this.timeline.seconds], [0, 1], { x, y: 0, width, height });
      context.globalAlpha = 1;
    }
    this.#drawWave(context, this.#overlay ? "#e9ecee" : css("--wave"));
    const { range, selection } = this.timeline;
    if (selection) {
      context.fillStyle = css("--accent");
      context.fillRect(this.toX(selection[0]), height - 3, this.toX(selection[1]) - this.toX(selection[0]), 3);
    }
    if (!this.timeline.isWhole) {
      const [left, right] = range.map(this.toX);
      context.fillStyle = css("--veil");
      context.fillRect(x, 0, left - x, height);
      context.fillRect(right, 0, x + width - right, height);
      context.strokeStyle = css("--accent");
      context.lineWidth = 1.5;
      context.strokeRect(left + 0.75, 0.75, Math.max(2, right - left - 1.5), height - 1.5);
      context.fillStyle = css("--accent");
      for (const edge of [left, right]) context.fillRect(edge - 2, height / 2 - 8, 4, 16);
    }
    const { seconds } = this.timeline;
    this.surface.setAttribute("aria-valuemax", seconds.toFixed(2));
    this.#placeCursor();
  }

  #drawWave(context, color) {
    if (!this.#peaks) return;
    const { low, high, slices, loudest } = this.#peaks;
    const { x, width, height } = this.plot;
    const middle = height / 2;
    const scale = (height / 2 - 2) / loudest;
    const columns = Math.min(slices, Math.round(width * (window.devicePixelRatio || 1)));
    context.fillStyle = color;
    context.beginPath();
    for (let column = 0; column < columns; column += 1) {
      let [bottom, top] = [0, 0];
      const end = Math.max(Math.floor((column * slices) / columns) + 1,
        Math.floor(((column + 1) * slices) / columns));
      for (let slice = Math.floor((column * slices) / columns); slice < end; slice += 1) {
        bottom = Math.min(bottom, low[slice]);
        top = Math.max(top, high[slice]);
      }
      const up = Math.max(0.4, top * scale);
      context.rect(x + (column / columns) * width, middle - up, width / columns + 0.3,
        up + Math.max(0.4, -bottom * scale));
    }
    context.fill();
  }

  #placeCursor() {
    const { cursor } = this.timeline;
    this.cursor.style.transform = `translateX(${this.toX(cursor)}px)`;
    this.cursor.style.height = "100%";
    this.surface.setAttribute("aria-valuenow", cursor.toFixed(2));
    this.surface.setAttribute("aria-valuetext", secondsText(cursor));
  }

  #listen(signal) {
    const { timeline, surface } = this;
    const xOf = (event) => event.clientX - surface.getBoundingClientRect().left;
    const partAt = (x) => {
      if (timeline.isWhole) return "seek";
      const [left, right] = timeline.range.map(this.toX);
      if (Math.abs(x - left) < 8) return "from";
      if (Math.abs(x - right) < 8) return "to";
      return x > left && x < right ? "window" : "seek";
    };
    let drag = null;
    listen(surface, "pointerdown", (event) => {
      if (event.button !== 0) return;
      const x = xOf(event);
      surface.setPointerCapture(event.pointerId);
      drag = { part: partAt(x), x, range: timeline.range, moved: false };
      if (drag.part === "seek") this.options.onSeek?.(this.toSeconds(x));
    }, signal);
    listen(surface, "pointermove", (event) => {
      const x = xOf(event);
      if (!drag) {
        surface.dataset.part = partAt(x);
        return;
      }
      drag.moved ||= Math.abs(x - drag.x) > 3;
      const at = this.toSeconds(x);
      const [from, to] = drag.range;
      const shift = ((x - drag.x) / this.plot.width) * timeline.seconds;
      if (drag.part === "from") timeline.setRange(Math.min(at, to - 0.05), to);
      else if (drag.part === "to") timeline.setRange(from, Math.max(at, from + 0.05));
      else if (drag.part === "window" && drag.moved) timeline.setRange(from + shift, to + shift);
      else if (drag.part === "seek" && drag.moved) this.options.onSeek?.(at);
    }, signal);
    listen(surface, "pointerup", (event) => {
      if (drag?.part === "window" && !drag.moved) this.options.onSeek?.(this.toSeconds(xOf(event)));
      drag = null;
    }, signal);
    listen(surface, "pointercancel", () => { drag = null; }, signal);
    listen(surface, "wheel", (event) => {
      if (!event.ctrlKey && timeline.isWhole) return;
      event.preventDefault();
      if (event.ctrlKey || event.metaKey) timeline.zoom(Math.exp(event.deltaY * 0.004), this.toSeconds(xOf(event)));
      else timeline.pan(((event.deltaX || event.deltaY) / this.plot.width) * timeline.seconds);
    }, signal, { passive: false });
    listen(surface, "keydown", (event) => {
      const step = { ArrowLeft: -0.1, ArrowRight: 0.1, ArrowDown: -0.1, ArrowUp: 0.1, PageUp: 1,
        PageDown: -1 }[event.key];
      if (event.key === "Home") this.options.onSeek?.(0);
      else if (event.key === "End") this.options.onSeek?.(timeline.seconds);
      else if (step && !event.ctrlKey && !event.altKey) this.options.onSeek?.(timeline.cursor + step * (event.shiftKey
        ? 10 : 1));
      else return;
      event.preventDefault();
      event.stopPropagation();
    }, signal);
  }
}

const flat = linearAxis(0, 1);
