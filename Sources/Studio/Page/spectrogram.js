import { h, css, fitCanvas, onAppearance, onResize } from "./dom.js";
import { bandsAxis, linearAxis, logAxis } from "./axis.js";
import { colorTable, overlayTables } from "./colors.js";
import { compact, decimal, hertz as hertzText, seconds as secondsText } from "./format.js";
import { listenToGestures } from "./gestures.js";
import { drawFrequencyAxis, drawTimeAxis, gutters, textScale } from "./plot.js";
import { drawMarks } from "./marks.js";
import { Raster } from "./raster.js";
import { Timeline } from "./timeline.js";

/**
 * A spectrogram that can be looked into: axes in seconds and hertz, zoom, pan, an explanation laid over it, a cursor,
 * a selection, strokes of a brush.
 *
 * ```js
 * const view = new Spectrogram(host, { label: "Spectrogram of dog.mp3", timeline, signal, onSeek: (seconds) => … });
 * view.setPicture({ data, axes, low, high, unit });          // from a pack: array `picture` and its facts
 * view.setOverlay({ data, axes, limit, quantity });          // from a pack: array `attribution`; null takes it off
 * view.setScale("bands" | "linear" | "log");
 * ```
 *
 * Layers, from the back: a canvas with picture, overlay and axes; a canvas with marks (strokes, selection,
 * crosshair); a cursor that only moves (the one thing that changes at each frame while playing); a surface that takes
 * pointers and keys.
 *
 * Options: `label` (its name), `timeline` (shared with others; made if left out), `signal`, `compact` (small axes, for
 * galleries), `map` (colours of the picture, `magma`), `test` (`data-test`, default `spectrogram`), and callbacks:
 * `onSeek(seconds)`, `onStroke(stroke, isFinal)` (null for one given up), `onHover(point | null)`,
 * `onPitch([bottom, top])`.
 */
export class Spectrogram {
  #picture = null;
  #overlay = null;
  #frame = 0;
  #overlayTables = overlayTables(0);
  #lit = null;
  #opacity = 0.85;

  constructor(host, options = {}) {
    this.options = { map: "magma", label: "Spectrogram", test: "spectrogram", ...options };
    const { signal, label, test } = this.options;
    this.compact = this.options.compact ?? false;
    this.timeline = this.options.timeline ?? new Timeline(1);
    this.scale = "bands";
    this.axis = linearAxis(0, 8000);
    /** The positions of the axis in view, `[bottom, top]` in 0…1. */
    this.pitch = [0, 1];
    /** What a drag does: `look` selects seconds, `box` and `path` make strokes. */
    this.tool = { kind: "look", action: "mute", radius: { seconds: 0.08, octaves: 0.35 } };
    this.strokes = [];
    /** A stroke being made. */
    this.draft = null;
    /** Where the keys stand: `{seconds, position}`, or null. */
    this.crosshair = null;

    this.base = h("canvas", { class: "base", role: "img", "aria-label": label });
    this.marks = h("canvas", { class: "marks", "aria-hidden": "true" });
    this.cursor = h("div", { class: "cursor", hidden: true });
    this.readout = h("div", { class: "readout", "aria-hidden": "true", "data-test": "readout", hidden: true });
    this.surface = h("div", {
      class: "surface", role: "application", tabindex: 0, "aria-label": `${label}: explore`,
      "aria-roledescription": "spectrogram", "data-tool": "look",
      "aria-keyshortcuts": "ArrowLeft ArrowRight ArrowUp ArrowDown Enter Plus Minus 0",
    });
    this.element = h("div", { class: `spectrogram${this.compact ? " compact" : ""}`, "data-test": test,
      "data-state": "empty" },
      this.base, this.marks, this.cursor, this.surface, this.readout);
    host.append(this.element);

    this.timeline.subscribe((what) => {
      if (what === "cursor") this.#placeCursor();
      else if (what === "selection") this.drawMarks();
      else this.draw();
    }, signal);
    onResize(this.element, () => this.#paint(), signal);
    onAppearance(() => this.draw(), signal);
    listenToGestures(this, signal);
  }

  /**
   * The picture. `data` Float32Array `[frames, bands]`; `axes` as in a pack; `low` and `high` the values at the ends
   * of the colours; `unit` for the readout.
   */
  setPicture({ data, axes, low, high, unit = "" }) {
    this.#picture = { raster: new Raster(data, axes, { low, high }), unit };
    if (!this.options.timeline) this.timeline.setLength(axes.start + (axes.frames - 0.5) * axes.hop);
    this.#chooseAxis();
    this.draw();
  }

  /**
   * What lies over it: `data` `[frames, bands]`, `axes`, `limit` (the magnitude at full colour), `quantity` (words).
   * Bands may differ from the picture's; without bands it is drawn over the whole height. Null takes it off.
   */
  setOverlay(overlay) {
    this.#overlay = overlay && {
      raster: new Raster(overlay.data, overlay.axes, { low: -overlay.limit, high: overlay.limit }),
      quantity: overlay.quantity ?? "",
    };
    this.draw();
  }

  get hasPicture() { return this.#picture !== null; }

  /** How strongly the overlay covers the picture, 0…1. */
  set opacity(value) {
    this.#opacity = value;
    this.draw();
  }

  /** The share of the limit below which the overlay is left out, 0…1. */
  set threshold(value) {
    this.#overlayTables = overlayTables(value);
    this.draw();
  }

  /** How hertz are laid out: `bands` (as in the picture), `linear`, `log`. The frequencies in view stay. */
  setScale(scale) {
    if (scale === this.scale) return;
    const view = this.pitch.map((position) => this.axis.hertz(position));
    const isWhole = this.pitch[0] <= 0.001 && this.pitch[1] >= 0.999;
    this.scale = scale;
    this.#chooseAxis();
    if (!isWhole && this.#picture) this.setPitch(...view.map((each) => this.axis.position(each)));
    this.draw();
  }

  #chooseAxis() {
    const panels = this.#picture?.raster.axes.panels.filter((panel) => panel.bands.length > 1) ?? [];
    if (panels.length === 0) return;
    const { bands } = panels[0];
    const top = bands.at(-1) + (bands.at(-1) - bands.at(-2)) / 2;
    const same = this.axis.source === `${this.scale} ${panels.length} ${bands.length} ${bands[0]} ${top}`;
    if (same) return;
    if (this.scale === "linear") this.axis = linearAxis(0, top);
    else if (this.scale === "log") this.axis = logAxis(Math.max(30, Math.min(60, top / 200)), top);
    else this.axis = bandsAxis(panels);
    this.axis.source = `${this.scale} ${panels.length} ${bands.length} ${bands[0]} ${top}`;
  }

  /** Brings the positions `[bottom, top]` of the frequency axis into view. */
  setPitch(bottom, top) {
    const span = Math.min(Math.max(top - bottom, 0.02), 1);
    const start = Math.min(Math.max((bottom + top) / 2 - span / 2, 0), 1 - span);
    this.pitch = [start, start + span];
    this.options.onPitch?.(this.pitch);
    this.draw();
  }

  /** Back to the whole sound and all frequencies. */
  showAll() {
    this.timeline.setRange(0, this.timeline.seconds);
    this.setPitch(0, 1);
  }

  /**
   * `kind`: `look`, `box`, `path`; `action`: `mute`, `solo`, `noise`; `radius`: of the brush, `{seconds, octaves}`.
   */
  setTool(tool) {
    this.tool = { ...this.tool, ...tool };
    this.surface.dataset.tool = this.tool.kind;
    this.drawMarks();
  }

  setStrokes(strokes) {
    this.strokes = strokes;
    this.drawMarks();
  }

  /** The text that stands for the picture. */
  describe(text) {
    this.base.setAttribute("aria-label", text);
  }

  // Geometry: CSS pixels inside the element.

  /** The rectangle of the plot. */
  get plot() {
    const { clientWidth: width, clientHeight: height } = this.element;
    const { left, right } = gutters(width, this.compact);
    const [top, bottom] = this.compact ? [4, 20] : [8, Math.round(26 * textScale())];
    return { x: left, y: top, width: Math.max(1, width - left - right), height: Math.max(1, height - top - bottom) };
  }

  toX = (seconds) => {
    const { x, width } = this.plot;
    const [from, to] = this.timeline.range;
    return x + ((seconds - from) / (to - from)) * width;
  };

  toSeconds = (x) => {
    const { x: left, width } = this.plot;
    const [from, to] = this.timeline.range;
    return from + ((x - left) / width) * (to - from);
  };

  toPosition = (y) => {
    const { y: top, height } = this.plot;
    return this.pitch[0] + (1 - (y - top) / height) * (this.pitch[1] - this.pitch[0]);
  };

  positionToY = (position) => {
    const { y, height } = this.plot;
    return y + height * (1 - (position - this.pitch[0]) / (this.pitch[1] - this.pitch[0]));
  };

  toY = (hertz) => this.positionToY(Math.min(Math.max(this.axis.position(hertz), -0.05), 1.05));

  /** What is at seconds and a position of the axis: `{seconds, hertz, value, unit, overlay, quantity, text}`. */
  at(seconds, position) {
    const hertz = this.axis.hertz(Math.min(Math.max(position, 0), 1));
    const value = this.#picture?.raster.value(seconds, position) ?? null;
    const overlay = this.#overlay?.raster.value(seconds, position) ?? null;
    const parts = [secondsText(seconds, 3), hertzText(hertz)];
    const panel = this.axis.panelName(position);
    if (panel) parts.push(panel);
    const unit = this.#picture?.unit ?? "";
    if (value !== null) parts.push(`${unit.startsWith("dB") ? decimal(value, 1) : compact(value)} ${unit}`.trim());
    if (overlay !== null) parts.push(`${this.#overlay.quantity ? "attribution " : ""}${compact(overlay)}`);
    return { seconds, hertz, value, overlay, unit: this.#picture?.unit, quantity: this.#overlay?.quantity,
      text: parts.join("  ·  ") };
  }

  /** The picture's grid, for stepping through it by keys. */
  get grid() { return this.#picture?.raster ?? null; }

  // Drawing.

  /** Draws before the next frame. */
  draw() {
    this.#frame ||= requestAnimationFrame(() => this.#paint());
  }

  #paint() {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    const { clientWidth: width, clientHeight: height } = this.element;
    const context = fitCanvas(this.base, width, height);
    if (!context) return;
    const { plot } = this;
    const { range } = this.timeline;
    context.clearRect(0, 0, width, height);
    context.fillStyle = css("--stage");
    context.fillRect(plot.x, plot.y, plot.width, plot.height);
    if (this.#picture) this.#drawPicture(context, plot);
    const size = (this.compact ? 11 : 12) * textScale();
    drawTimeAxis(context, range, plot, { size });
    if (this.#picture) drawFrequencyAxis(context, this.axis, this.pitch, plot, { size });
    this.element.dataset.state = this.#picture ? "ready" : "empty";
    this.drawMarks();
    this.#placeCursor();
  }

  /**
   * The sound in colour; under an explanation in grey, and in colour only where it speaks for the class: what was
   * heard shines. What speaks against it turns blue. A thin coat of orange and blue shows the explanation where there
   * is next to no sound.
   */
  #drawPicture(context, plot) {
    const { raster } = this.#picture;
    const draw = (layer, target, colors) => {
      layer.prepare(colors, this.axis);
      layer.draw(target, this.timeline.range, this.pitch, plot);
    };
    if (!this.#overlay || this.#opacity <= 0.02) return draw(raster, context, colorTable(this.options.map));
    const { raster: overlay } = this.#overlay;
    const tables = this.#overlayTables;
    draw(raster, context, colorTable("dim"));
    this.#lit = this.#lit ?? new OffscreenCanvas(1, 1);
    const { width, height } = context.canvas;
    if (this.#lit.width !== width || this.#lit.height !== height) [this.#lit.width, this.#lit.height] = [width,
      height];
    const lit = this.#lit.getContext("2d");
    lit.setTransform(1, 0, 0, 1, 0, 0);
    lit.globalCompositeOperation = "source-over";
    lit.clearRect(0, 0, width, height);
    lit.setTransform(context.getTransform());
    draw(raster, lit, colorTable(this.options.map));
    lit.globalCompositeOperation = "destination-in";
    draw(overlay, lit, tables.lit);
    context.save();
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.globalAlpha = Math.min(1, this.#opacity * 1.4);
    context.drawImage(this.#lit, 0, 0);
    context.restore();
    context.globalAlpha = Math.min(1, this.#opacity * 1.2);
    context.globalCompositeOperation = "color";
    draw(overlay, context, tables.against);
    context.globalCompositeOperation = "source-over";
    context.globalAlpha = 0.45 * this.#opacity ** 3;
    draw(overlay, context, tables.coat);
    context.globalAlpha = 1;
  }

  drawMarks() {
    const context = fitCanvas(this.marks, this.element.clientWidth, this.element.clientHeight);
    if (context) drawMarks(context, this);
  }

  #placeCursor() {
    const { x, y, width, height } = this.plot;
    const at = this.toX(this.timeline.cursor);
    const isInside = at >= x - 1 && at <= x + width + 1;
    this.cursor.hidden = !isInside;
    if (!isInside) return;
    this.cursor.style.top = `${y}px`;
    this.cursor.style.height = `${height}px`;
    this.cursor.style.transform = `translateX(${at}px)`;
  }

  /** Shows what is at a point of the picture; null hides it. */
  showReadout(point) {
    this.readout.hidden = !point;
    this.options.onHover?.(point);
    if (point) this.readout.textContent = point.text;
  }
}
