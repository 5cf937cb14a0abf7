import { h, css, fitCanvas, listen, onAppearance, onResize } from "./dom.js";
import { axisFont, gutters, textScale } from "./plot.js";
import { score as scoreText, seconds as secondsText } from "./format.js";

/**
 * Scores of classes over time: a row a class, under a spectrogram and on its time axis.
 *
 * Options: `timeline`, `signal`, `onSeek(seconds)`, `onClass({index, label})`.
 */
export class Strip {
  #rows = [];
  #before = null;
  #moments = [];
  #frame = 0;
  #chosen = null;

  constructor(host, options) {
    this.options = options;
    this.timeline = options.timeline;
    const { signal } = options;
    this.canvas = h("canvas", { role: "img", "aria-label": "Scores over time", "data-test": "strip" });
    this.cursor = h("div", { class: "cursor" });
    this.readout = h("div", { class: "readout", hidden: true, "aria-hidden": "true" });
    this.element = h("div", { class: "strip", hidden: true }, this.canvas, this.cursor, this.readout);
    host.append(this.element);
    this.timeline.subscribe((what) => (what === "cursor" ? this.#placeCursor() : this.draw()), signal);
    onResize(this.element, () => this.#paint(), signal);
    onAppearance(() => this.draw(), signal);
    listen(this.canvas, "pointermove", (event) => this.#hover(event), signal);
    listen(this.canvas, "pointerleave", () => { this.readout.hidden = true; }, signal);
    listen(this.canvas, "click", (event) => {
      const { x, row } = this.#at(event);
      if (x < this.plot.x && row) options.onClass?.(row);
      else options.onSeek?.(this.toSeconds(x));
    }, signal);
  }

  /**
   * `moments` `[[start, end], …]` and `rows` `[{index, label, scores}]`; `before` the same rows of the sound without
   * the edit, drawn as a line; `isProbability` says whether the height of a row is 1.
   */
  set({ moments, rows, before = null, isProbability = true }) {
    this.#moments = moments;
    this.#rows = rows.slice(0, rowLimit);
    this.#before = before;
    this.isProbability = isProbability;
    const values = [...this.#rows, ...(before ?? [])].flatMap((row) => row.scores);
    this.low = isProbability ? 0 : Math.min(0, ...values);
    this.high = isProbability ? 1 : Math.max(...values, this.low + 1e-6);
    this.element.hidden = this.#rows.length === 0 || moments.length < 1;
    this.canvas.setAttribute("aria-label", this.#describe());
    this.draw();
  }

  /** The index of the class that is explained: its row stands out. */
  set chosen(index) {
    this.#chosen = index;
    this.draw();
  }

  #describe() {
    const parts = this.#rows.map((row) => {
      const best = row.scores.reduce((top, value, index) => (value > row.scores[top] ? index : top), 0);
      const [from, to] = this.#moments[best] ?? [0, 0];
      const score = scoreText(row.scores[best], this.isProbability);
      return `${row.label} at most ${score} between ${secondsText(from, 1)} and ${secondsText(to, 1)}`;
    });
    return `Scores over time: ${parts.join("; ")}`;
  }

  get rowHeight() { return Math.round(22 * textScale()); }

  get plot() {
    const { clientWidth: width } = this.element;
    const { left, right } = gutters(width);
    return { x: left, width: Math.max(1, width - left - right) };
  }

  toX = (seconds) => {
    const [from, to] = this.timeline.range;
    return this.plot.x + ((seconds - from) / (to - from)) * this.plot.width;
  };

  toSeconds = (x) => {
    const [from, to] = this.timeline.range;
    return from + ((x - this.plot.x) / this.plot.width) * (to - from);
  };

  /** The edges between moments: halfway between the middles of neighbours, since windows overlap. */
  #edges() {
    const middles = this.#moments.map(([from, to]) => (from + to) / 2);
    return [this.#moments[0][0], ...middles.slice(1).map((middle, index) => (middle + middles[index]) / 2),
      this.#moments.at(-1)[1]];
  }

  draw() {
    this.#frame ||= requestAnimationFrame(() => this.#paint());
  }

  #paint() {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    this.element.style.height = `${this.#rows.length * (this.rowHeight + rowGap)}px`;
    const { clientWidth, clientHeight } = this.element;
    const context = fitCanvas(this.canvas, clientWidth, clientHeight);
    if (!context || this.#rows.length === 0) return;
    const { x, width } = this.plot;
    context.clearRect(0, 0, clientWidth, clientHeight);
    const edges = this.#edges();
    const ratio = window.devicePixelRatio || 1;
    this.#rows.forEach((row, index) => {
      const top = index * (this.rowHeight + rowGap);
      const isChosen = row.index === this.#chosen;
      context.save();
      context.beginPath();
      context.rect(x, top, width, this.rowHeight);
      context.clip();
      context.fillStyle = css("--sunk");
      context.fillRect(x, top, width, this.rowHeight);
      const level = (value) => top + this.rowHeight - (this.rowHeight - 1) * ((value - this.low) / (this.high - this.low));
      context.fillStyle = isChosen ? css("--bar-strong") : css("--bar");
      row.scores.forEach((value, moment) => {
        // Whole pixels of the screen, or a fine line would stand between moments.
        const [left, right] = [edges[moment],
          edges[moment + 1]].map((edge) => Math.round(this.toX(edge) * ratio) / ratio);
        if (right < x || left > x + width) return;
        const y = level(value);
        context.fillRect(left, y, right - left, top + this.rowHeight - y);
      });
      const before = this.#before?.find((each) => each.index === row.index);
      if (before) {
        context.strokeStyle = css("--ink");
        context.lineWidth = 1.4;
        context.setLineDash([4, 3]);
        context.beginPath();
        before.scores.forEach((value, moment) => {
          context.lineTo(this.toX(edges[moment]), level(value));
          context.lineTo(this.toX(edges[moment + 1]), level(value));
        });
        context.stroke();
      }
      context.restore();
      context.font = `${isChosen ? "600 " : ""}${axisFont(12 * textScale())}`;
      context.textBaseline = "middle";
      context.textAlign = "left";
      context.lineJoin = "round";
      context.lineWidth = 3.5;
      context.strokeStyle = css("--halo");
      const text = fitted(context, row.label, width - 20);
      context.strokeText(text, x + 8, top + this.rowHeight / 2 + 0.5);
      context.fillStyle = css("--ink");
      context.fillText(text, x + 8, top + this.rowHeight / 2 + 0.5);
    });
    this.#placeCursor();
  }

  #placeCursor() {
    const { x, width } = this.plot;
    const at = this.toX(this.timeline.cursor);
    this.cursor.hidden = at < x - 1 || at > x + width + 1;
    this.cursor.style.height = "100%";
    this.cursor.style.transform = `translateX(${at}px)`;
  }

  #at(event) {
    const box = this.canvas.getBoundingClientRect();
    const [x, y] = [event.clientX - box.left, event.clientY - box.top];
    return { x, row: this.#rows[Math.floor(y / (this.rowHeight + rowGap))] };
  }

  #hover(event) {
    const { x, row } = this.#at(event);
    const seconds = this.toSeconds(x);
    const edges = this.#moments.length ? this.#edges() : [];
    const moment = edges.findIndex((edge, index) => seconds >= edge && seconds < edges[index + 1]);
    this.readout.hidden = !row || moment < 0;
    if (this.readout.hidden) return;
    const [from, to] = this.#moments[moment];
    const before = this.#before?.find((each) => each.index === row.index);
    this.readout.textContent = `${secondsText(from)} to ${secondsText(to)}  ·  ${row.label}  ·  ${
      before ? `${scoreText(before.scores[moment], this.isProbability)} → `
        : ""}${scoreText(row.scores[moment], this.isProbability)}`;
  }
}

const rowGap = 3;
const rowLimit = 5;

function fitted(context, text, width) {
  if (context.measureText(text).width <= width) return text;
  let short = text;
  while (short.length > 1 && context.measureText(`${short}…`).width > width) short = short.slice(0, -1);
  return `${short}…`;
}

/** Rows in the order of `others`, so that they do not jump while the brush moves; new ones behind. */
export function inOrderOf(others, rows) {
  const place = new Map(others.map((row, index) => [row.index, index]));
  return [...rows].sort((a, b) => (place.get(a.index) ?? 99) - (place.get(b.index) ?? 99));
}
