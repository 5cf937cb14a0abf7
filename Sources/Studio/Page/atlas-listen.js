/**
 * Hearing a map: the sound under the pointer, after a short rest, one at a time, faded in and out so that nothing clicks.
 */
import { audioContext, decode } from "./player.js";
import { getBytes } from "./api.js";

const REST = 0.16; // seconds a pointer rests before a sound begins; sweeping across the map stays silent
const FADE = 0.06; // seconds
const KEPT = 60; // decoded sounds kept

export class Listener {
  #kept = new Map();
  #turn = null;
  #sounding = null;

  /** @param {(index: number) => string} address of a sound @param {AbortSignal} signal ends it all */
  constructor(address, signal) {
    this.address = address;
    signal.addEventListener("abort", () => this.stop());
  }

  /** Plays the sound of a point soon; -1 stops. `ended(error)` is told when it is over. */
  play(index, { rest = REST, ended = () => {} } = {}) {
    this.stop();
    if (index < 0) return;
    const turn = new AbortController();
    this.#turn = turn;
    this.waiting = setTimeout(async () => {
      try {
        const buffer = await this.#load(index, turn.signal);
        if (!turn.signal.aborted) this.#begin(buffer, ended);
      } catch (error) {
        if (!turn.signal.aborted) ended(error);
      }
    }, rest * 1000);
  }

  stop() {
    clearTimeout(this.waiting);
    this.#turn?.abort();
    if (!this.#sounding) return;
    const { source, gain } = this.#sounding;
    const now = audioContext().currentTime;
    source.onended = () => gain.disconnect();
    gain.gain.cancelScheduledValues(now);
    gain.gain.setTargetAtTime(0, now, FADE / 3);
    source.stop(now + FADE * 2);
    this.#sounding = null;
  }

  #begin(buffer, ended) {
    const context = audioContext();
    const [source, gain] = [context.createBufferSource(), context.createGain()];
    source.buffer = buffer;
    gain.gain.setValueAtTime(0, context.currentTime);
    gain.gain.linearRampToValueAtTime(1, context.currentTime + FADE);
    source.connect(gain).connect(context.destination);
    source.onended = () => { this.#sounding = null; gain.disconnect(); ended(); };
    source.start();
    this.#sounding = { source, gain };
  }

  async #load(index, signal) {
    // Browsers keep a page silent until it was clicked or a key was pressed. What waits for that would sound all at once.
    if (audioContext().state !== "running") {
      await Promise.race([audioContext().resume(), new Promise((resolve) => setTimeout(resolve, 300))]);
      if (audioContext().state !== "running") throw new Error("Click once beside the points: then the browser lets this page sound.");
    }
    const key = this.address(index);
    if (this.#kept.has(key)) return this.#kept.get(key);
    const buffer = await decode(await getBytes(key, { signal }));
    this.#kept.set(key, buffer);
    if (this.#kept.size > KEPT) this.#kept.delete(this.#kept.keys().next().value);
    return buffer;
  }
}
