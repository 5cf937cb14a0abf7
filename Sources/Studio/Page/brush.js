import { h, announce } from "./dom.js";
import { button, segmented, slider } from "./controls.js";
import { getPack, isAbort } from "./api.js";
import { simplified, strokesFromText, strokesToText } from "./strokes.js";

/**
 * The brush: which region of time and frequency is muted, heard alone or filled with the noise floor.
 *
 * Each stroke is sent to the server while it is drawn. One request is on its way at a time; while it is, only the
 * newest wish waits (`latest`). The answer carries the edited picture, sound and scores.
 *
 * Options: `clip` (id), `seconds` (its length), `signal`, `query()` (of the request), `indices()` (classes to score),
 * `view()` (which picture), and callbacks: `onTool({kind, action, radius})`, `onStrokes(strokes)`, `onEdit(pack,
 * strokes)`, `onClear()`, `onChange(text)` (for the address), `onError(error, retry)`, `onBusy(isBusy)`, `onKeep()`,
 * `onDownload()`.
 */
export class Brush {
  strokes = [];
  #undone = [];
  #wanted = null;
  #isRunning = false;
  #took = 0;
  #request = null;
  action = "look";
  shape = "box";
  size = 0.35;

  constructor(options) {
    this.options = options;
    // Until an answer has been timed, a clip's length is the best guess.
    this.#took = options.seconds > 20 ? 1000 : 0;
    this.tool = segmented({
      label: "Tool", value: "look", onchange: (value) => this.use(value),
      options: [
        { value: "look", label: "Look", symbol: "look", key: "v", test: "brush-look",
          title: "Look: click to seek, drag to loop" },
        { value: "mute", label: "Mute", symbol: "mute", key: "m", test: "brush-mute", title: "Mute a region" },
        { value: "solo", label: "Solo", symbol: "solo", key: "s", test: "brush-solo", title: "Keep only a region" },
        { value: "noise", label: "Noise", symbol: "noise", key: "n", test: "brush-noise",
          title: "Fill a region with the clip's noise floor" },
      ],
    });
    this.shapes = segmented({
      label: "Shape", value: "box", text: false, onchange: (value) => this.setShape(value),
      options: [
        { value: "box", label: "Box", symbol: "box", key: "b", test: "brush-box" },
        { value: "path", label: "Paint", symbol: "paint", key: "p", test: "brush-path" },
      ],
    });
    this.radius = slider({ label: "Size", min: 0.1, max: 1, step: 0.01, value: this.size,
      format: (value) => `${Math.round(value * 100)} %`,
      oninput: (value) => { this.size = value; this.#tell(); }, test: "brush-size" });
    this.radius.classList.add("inline");
    this.undoButton = button({ label: "Undo", symbol: "undo", text: false, kind: "quiet", key: "Ctrl+Z", test: "undo",
      onclick: () => this.undo() });
    this.redoButton = button({ label: "Redo", symbol: "redo", text: false, kind: "quiet", key: "Ctrl+Shift+Z",
      test: "redo", onclick: () => this.redo() });
    this.clearButton = button({ label: "Clear the edit", symbol: "trash", text: false, kind: "quiet", key: "c",
      test: "clear", onclick: () => this.clear() });
    this.keepButton = button({ label: "Keep", title: "Keep as a clip", "aria-label": "Keep as a clip", symbol: "keep",
      kind: "small", test: "keep", onclick: () => options.onKeep() });
    this.downloadButton = button({ label: "WAV", symbol: "download", kind: "small", test: "download-edit",
      title: "Download the edited sound",
      "aria-label": "Download the edited sound as WAV", onclick: () => options.onDownload() });
    this.element = h("div", { class: "brush row", role: "toolbar", "aria-label": "Brush" },
      this.tool, this.shapes, this.radius, h("span", { class: "row tight" }, this.undoButton, this.redoButton,
        this.clearButton),
      this.keepButton, this.downloadButton);
    this.#show();
  }

  /** `look`, `mute`, `solo` or `noise`. */
  use(action) {
    this.action = action;
    this.tool.value = action;
    this.#tell();
  }

  setShape(shape) {
    this.shape = shape;
    this.shapes.value = shape;
    if (this.action === "look") this.use("mute");
    else this.#tell();
  }

  #tell() {
    this.#show();
    this.options.onTool({
      kind: this.action === "look" ? "look" : this.shape, action: this.action === "look" ? "mute" : this.action,
      // A tenth of a second and an octave at the largest: a brush of about a syllable.
      radius: { seconds: 0.25 * this.size, octaves: this.size },
    });
  }

  #show() {
    const isBrush = this.action !== "look";
    this.shapes.hidden = !isBrush;
    this.radius.hidden = !isBrush || this.shape !== "path";
    const isEdited = this.strokes.length > 0;
    this.undoButton.disabled = !isEdited;
    this.redoButton.disabled = this.#undone.length === 0;
    this.clearButton.disabled = !isEdited;
    this.keepButton.hidden = this.downloadButton.hidden = !isEdited;
  }

  /** A stroke in the making (`isFinal` false), done (true), or given up (null). */
  stroke(stroke, isFinal) {
    if (!isFinal) return this.#ask([...this.strokes, stroke], false);
    if (stroke) {
      this.strokes = [...this.strokes, simplified(stroke)];
      this.#undone = [];
    }
    this.#changed();
  }

  undo() {
    if (this.strokes.length === 0) return;
    this.#undone = [...this.#undone, this.strokes.at(-1)];
    this.strokes = this.strokes.slice(0, -1);
    this.#changed();
    announce(`Undone, ${this.strokes.length} left`);
  }

  redo() {
    const stroke = this.#undone.at(-1);
    if (!stroke) return;
    this.#undone = this.#undone.slice(0, -1);
    this.strokes = [...this.strokes, stroke];
    this.#changed();
  }

  clear() {
    if (this.strokes.length === 0) return;
    this.#undone = [...this.strokes].reverse();
    this.strokes = [];
    this.#changed();
    announce("Edit cleared");
  }

  /** Strokes from the address. */
  restore(text) {
    if (text === strokesToText(this.strokes)) return;
    this.strokes = strokesFromText(text);
    this.#undone = [];
    this.#changed(false);
  }

  /** Asks again for what is drawn, after the picture on show or the model has changed. */
  refresh() {
    if (this.strokes.length > 0) this.#ask(this.strokes);
  }

  #changed(isNew = true) {
    this.#show();
    this.options.onStrokes(this.strokes);
    if (isNew) this.options.onChange(strokesToText(this.strokes));
    if (this.strokes.length > 0) this.#ask(this.strokes);
    else {
      this.#wanted = null;
      this.#request?.abort();
      this.options.onClear();
    }
  }

  /** Newest wins: what is asked while a request runs replaces what waits. */
  async #ask(strokes, isFinal = true) {
    this.#wanted = { strokes, isFinal };
    if (this.#isRunning) return;
    this.#isRunning = true;
    this.options.onBusy(true);
    try {
      while (this.#wanted && !this.options.signal.aborted) {
        const current = this.#wanted;
        this.#wanted = null;
        await this.#send(current);
      }
    } finally {
      this.#isRunning = false;
      this.options.onBusy(false);
    }
  }

  async #send({ strokes, isFinal }) {
    this.#request = new AbortController();
    const classes = this.options.indices();
    /** The classes the last request asked about. */
    this.asked = new Set(classes);
    const began = performance.now();
    // The sound of a long clip is large: where answers are slow it waits until the stroke is done, and picture and
    // scores keep up.
    const isSwift = this.#took < 350;
    try {
      const signal = AbortSignal.any([this.options.signal, this.#request.signal]);
      const pack = await getPack(`/clips/${this.options.clip}/edit`, {
        query: this.options.query(), signal,
        body: { strokes: strokes.map(rounded), top: 8, picture: true, audio: isFinal || isSwift, classes,
          view: this.options.view() },
      });
      this.#took = performance.now() - began;
      this.options.onEdit(pack, strokes);
    } catch (error) {
      if (!isAbort(error)) this.options.onError(error, () => this.refresh());
    }
  }
}

/** A stroke as the API takes it; digits beyond a tenth of a millisecond would only be noise. */
export function rounded(stroke) {
  const fine = (value) => Number(value.toFixed(4));
  const whole = (value) => Number(value.toFixed(1));
  if (stroke.shape === "box") return { ...stroke, seconds: stroke.seconds.map(fine), hertz: stroke.hertz.map(whole) };
  return { ...stroke, points: stroke.points.map(([at, hertz]) => [fine(at), whole(hertz)]) };
}
