/**
 * What pictures of one sound share: which seconds are in view, where the cursor stands, what is selected.
 *
 * Spectrogram, waveform and strip hold the same timeline, so that they move together. Subscribers are called with
 * what has changed: `"range"`, `"cursor"`, `"selection"` or `"length"`.
 */
export class Timeline {
  #subscribers = new Set();
  #followed = 0;

  /** @param {number} seconds the sound's length */
  constructor(seconds = 1) {
    this.seconds = seconds;
    /** The seconds in view, `[from, to]`. */
    this.range = [0, seconds];
    /** The seconds the cursor is at. */
    this.cursor = 0;
    /** Whether a gesture is under way that the view must not run away from. */
    this.isHeld = false;
    /** The selected seconds `[from, to]`, or null: what plays in a loop. */
    this.selection = null;
  }

  /** Calls `subscriber(what)` at each change until `signal` aborts. */
  subscribe(subscriber, signal) {
    this.#subscribers.add(subscriber);
    signal?.addEventListener("abort", () => this.#subscribers.delete(subscriber));
  }

  #tell(what) {
    for (const subscriber of this.#subscribers) subscriber(what);
  }

  /** Another length; the view goes back to the whole. */
  setLength(seconds) {
    this.seconds = seconds;
    this.range = [0, seconds];
    this.cursor = Math.min(this.cursor, seconds);
    this.#tell("length");
    this.#tell("range");
  }

  /** Brings `[from, to]` into view, kept inside the sound and at least 20 ms long. */
  setRange(from, to) {
    const span = Math.min(Math.max(to - from, Math.min(0.02, this.seconds)), this.seconds);
    const middle = (from + to) / 2;
    const start = Math.min(Math.max(middle - span / 2, 0), this.seconds - span);
    if (start === this.range[0] && start + span === this.range[1]) return;
    this.range = [start, start + span];
    this.#tell("range");
  }

  get span() { return this.range[1] - this.range[0]; }
  get isWhole() { return this.span >= this.seconds - 1e-6; }

  /** Zooms about `around` (seconds): `factor` below 1 goes nearer. */
  zoom(factor, around = this.range[0] + this.span / 2) {
    const share = (around - this.range[0]) / this.span;
    const span = Math.min(Math.max(this.span * factor, 0.02), this.seconds);
    const from = around - share * span;
    const start = Math.min(Math.max(from, 0), this.seconds - span);
    this.setRange(start, start + span);
  }

  pan(seconds) { this.setRange(this.range[0] + seconds, this.range[1] + seconds); }

  setCursor(seconds) {
    this.cursor = Math.min(Math.max(seconds, 0), this.seconds);
    this.#tell("cursor");
  }

  /**
   * Pages on when the cursor leaves the view while playing; called after each `setCursor`. Where somebody looks
   * elsewhere or draws (`isHeld`), the view stays.
   */
  follow() {
    const [from, to] = this.range;
    const isInView = (seconds) => seconds >= from && seconds <= to;
    const wasInView = isInView(this.#followed);
    this.#followed = this.cursor;
    if (this.isHeld || !wasInView || this.isWhole || isInView(this.cursor)) return;
    this.setRange(this.cursor - this.span * 0.05, this.cursor + this.span * 0.95);
  }

  /** Selects `[from, to]`, or nothing with null. Less than 10 ms is nothing. */
  setSelection(selection) {
    const ordered = selection && [Math.min(...selection), Math.max(...selection)]
      .map((value) => Math.min(Math.max(value, 0), this.seconds));
    this.selection = ordered && ordered[1] - ordered[0] >= 0.01 ? ordered : null;
    this.#tell("selection");
  }
}
