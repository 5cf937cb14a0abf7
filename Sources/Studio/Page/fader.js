/**
 * A gain that moves without clicks.
 *
 * A ramp of the Web Audio API starts from the event before it, however long ago that was, and an event for a time
 * that has been rendered comes late and jumps. So a fader knows its own value, writes it down as the ramp's start,
 * and begins a little ahead of the clock.
 */
export class Fader {
  #from;
  #to;
  #start = 0;

  /** @param {AudioContext} context  @param {number} value where it stands */
  constructor(context, value) {
    this.context = context;
    this.node = context.createGain();
    this.#from = this.#to = value;
    this.node.gain.setValueAtTime(value, 0);
  }

  /** Its value at a time of the context. */
  #at(time) {
    const share = Math.min(Math.max((time - this.#start) / fadeSeconds, 0), 1);
    return this.#from + (this.#to - this.#from) * share;
  }

  /** Goes to `value` within `fadeSeconds` from the time `at` on. */
  fade(value, at = soon(this.context)) {
    const now = this.#at(at);
    const { gain } = this.node;
    gain.cancelScheduledValues(at);
    gain.setValueAtTime(now, at);
    gain.linearRampToValueAtTime(value, at + fadeSeconds);
    [this.#from, this.#to, this.#start] = [now, value, at];
  }
}

/** How long a fade takes: too short to hear as one, long enough not to click. */
export const fadeSeconds = 0.008;

/**
 * The next time at which something can begin without being late: the clock moves in steps of up to the base latency.
 */
export const soon = (context) => context.currentTime + Math.max(0.012, (context.baseLatency || 0) * 1.5);
