/**
 * One zoom for all pictures of a comparison: seconds by their shared timeline, frequencies in hertz, whatever their bands are. It
 * stands in the address as `view=from,to,low,high`.
 */
export class Zoom {
  #views = new Set();
  #isPassing = false;
  #pitch = null;

  constructor(state, timeline, signal) {
    [this.state, this.timeline] = [state, timeline];
    const [from, to, low, high] = state.value.view;
    if (to > from) timeline.setRange(from, to);
    if (high > low) this.#pitch = [low, high];
    timeline.subscribe((what) => what === "range" && this.#keep(), signal);
  }

  /** Takes a picture in, once it has its axis, and brings it to what is in view. */
  add(view) {
    this.#views.add(view);
    this.#show(view);
  }

  /** For a picture's `onPitch`. */
  pitched(view, [bottom, top]) {
    if (this.#isPassing || !this.#views.has(view)) return;
    this.#pitch = top - bottom > 0.999 ? null : [view.axis.hertz(bottom), view.axis.hertz(top)];
    for (const other of this.#views) if (other !== view) this.#show(other);
    this.#keep();
  }

  showAll() {
    this.#pitch = null;
    for (const view of this.#views) this.#show(view);
    this.timeline.setRange(0, this.timeline.seconds);
    this.#keep();
  }

  #show(view) {
    this.#isPassing = true;
    view.setPitch(...(this.#pitch ? this.#pitch.map((hertz) => view.axis.position(hertz)) : [0, 1]));
    this.#isPassing = false;
  }

  #keep() {
    const isAll = this.timeline.isWhole && !this.#pitch;
    this.state.set({ view: isAll ? [] : [...this.timeline.range, ...(this.#pitch ?? [0, 0])] }, { push: false });
  }
}
