import { Fader, fadeSeconds, soon } from "./fader.js";

/**
 * Playing several versions of one sound in step: the clip, what was heard of it, what was ignored, an edit.
 *
 * All tracks run at the same time on one audio clock, each behind its own gain; switching fades from one to the other
 * over 8 ms, so there is neither a gap nor a click, and the place in the sound stays.
 *
 * ```js
 * const player = new Player({ signal });
 * await player.load("clip", bytes);       // a WAV's bytes (ArrayBuffer); any form the browser decodes
 * player.play(); player.use("heard"); player.seek(1.2); player.setLoop([1, 2]); player.pause();
 * player.time                             // what is audible now, seconds
 * player.subscribe((what) => …, signal)   // "state" (playing or not), "tracks", "time" (a jump), "track"
 * ```
 */
const commonRate = 48_000;

let context = null;

/** The page's one audio context; made at the first gesture, as browsers demand. */
export function audioContext() {
  context ??= new AudioContext({ sampleRate: commonRate, latencyHint: "interactive" });
  return context;
}

/** Decodes a sound file's bytes, at the rate all tracks share. Works before any gesture. */
export function decode(bytes) {
  return new OfflineAudioContext(1, 1, commonRate).decodeAudioData(bytes);
}

export class Player {
  #tracks = new Map();
  #sources = new Map();
  #subscribers = new Set();
  #origin = { context: 0, position: 0 };
  #output = null;

  constructor({ signal } = {}) {
    this.playing = false;
    /** The name of the track that is heard. */
    this.track = "clip";
    /** The seconds that repeat, `[from, to]`, or null. */
    this.loop = null;
    this.volume = 1;
    this.position = 0;
    signal?.addEventListener("abort", () => this.#stopAll());
  }

  /** Calls `subscriber(what)` at each change until `signal` aborts. */
  subscribe(subscriber, signal) {
    this.#subscribers.add(subscriber);
    signal?.addEventListener("abort", () => this.#subscribers.delete(subscriber));
  }

  #tell(what) {
    for (const subscriber of this.#subscribers) subscriber(what);
  }

  /**
   * Decodes a sound and makes it a track; one of that name that plays is replaced without a gap. Resolves to its
   * AudioBuffer.
   */
  async load(name, bytes) {
    const buffer = await decode(bytes);
    this.setBuffer(name, buffer);
    return buffer;
  }

  /** Makes an AudioBuffer a track. */
  setBuffer(name, buffer) {
    this.#tracks.set(name, this.#fitted(name, buffer));
    if (this.playing) {
      const at = soon(context);
      this.#start(name, this.#scheduledPosition(at), at);
    }
    this.#tell("tracks");
  }

  /** A track as long as the clip: loops of different lengths would drift apart. */
  #fitted(name, buffer) {
    const length = name === "clip" ? 0 : this.#tracks.get("clip")?.length ?? 0;
    if (length === 0 || length === buffer.length
      || buffer.sampleRate !== this.#tracks.get("clip").sampleRate) return buffer;
    const result = new AudioBuffer({ length, numberOfChannels: buffer.numberOfChannels,
      sampleRate: buffer.sampleRate });
    for (let channel = 0; channel < buffer.numberOfChannels; channel += 1) {
      result.copyToChannel(buffer.getChannelData(channel).subarray(0, length), channel);
    }
    return result;
  }

  buffer(name) { return this.#tracks.get(name) ?? null; }
  has(name) { return this.#tracks.has(name); }

  /** Takes a track away; where it was heard, the clip is heard. */
  remove(name) {
    this.#tracks.delete(name);
    this.#fadeOut(name);
    if (this.track === name) this.use("clip");
    this.#tell("tracks");
  }

  /** The longest track's length, seconds. */
  get duration() {
    return Math.max(0, ...[...this.#tracks.values()].map((buffer) => buffer.duration));
  }

  /**
   * What is audible now, seconds. The clock is that of the audio hardware: `getOutputTimestamp` says which instant of
   * the context has left the loudspeaker, and the time since is added.
   */
  get time() {
    if (!this.playing) return this.position;
    return this.#wrapped(this.#origin.position + Math.max(0, this.#audible() - this.#origin.context));
  }

  #audible() {
    const stamp = context.getOutputTimestamp?.();
    if (stamp?.performanceTime > 0 && stamp.contextTime > 0) {
      const passed = (performance.now() - stamp.performanceTime) / 1000;
      if (passed < 1) return Math.min(stamp.contextTime + passed, context.currentTime);
    }
    return context.currentTime - (context.outputLatency || context.baseLatency || 0);
  }

  /** Where a track that plays will be at a time of the context. */
  #scheduledPosition(at) {
    return this.#wrapped(this.#origin.position + Math.max(0, at - this.#origin.context));
  }

  #wrapped(position) {
    if (this.loop && this.#origin.position < this.loop[1]) {
      const [from, to] = this.loop;
      if (position >= to) return from + ((position - from) % (to - from));
    }
    return Math.min(position, this.duration);
  }

  /** Plays from where it stands; at the end from the start, in a loop from its start. */
  async play() {
    if (this.playing || this.#tracks.size === 0) return;
    const running = audioContext();
    if (running.state !== "running") await running.resume();
    if (this.playing) return;
    if (this.loop && (this.position < this.loop[0]
      || this.position >= this.loop[1] - 0.005)) this.position = this.loop[0];
    if (this.position >= this.duration - 0.005) this.position = this.loop?.[0] ?? 0;
    this.playing = true;
    this.#startAll(this.position);
    this.#tell("state");
  }

  pause() {
    if (!this.playing) return;
    this.position = this.time;
    this.playing = false;
    this.#stopAll();
    this.#tell("state");
  }

  toggle() { return this.playing ? this.pause() : this.play(); }

  /** Goes to a time; playing goes on from there. */
  seek(seconds) {
    this.position = Math.min(Math.max(seconds, 0), this.duration);
    if (this.loop && this.playing && (this.position < this.loop[0]
      || this.position >= this.loop[1])) this.loop = null;
    if (this.playing) this.#startAll(this.position);
    this.#tell("time");
  }

  /** Repeats `[from, to]`; null ends that. */
  setLoop(range) {
    const now = this.time;
    this.loop = range && range[1] > range[0] ? range : null;
    if (this.playing) {
      this.#startAll(this.loop && (now < this.loop[0] || now >= this.loop[1]) ? this.loop[0] : now);
    }
    this.#tell("time");
  }

  /** Hears another track. */
  use(name) {
    if (!this.#tracks.has(name)) return;
    this.track = name;
    if (this.playing) {
      const at = soon(context);
      for (const [each, { fader }] of this.#sources) fader.fade(each === name ? 1 : 0, at);
    }
    this.#tell("track");
  }

  setVolume(volume) {
    this.volume = volume;
    this.#output?.fade(volume ** 2);
  }

  #startAll(position) {
    const at = soon(audioContext());
    for (const name of this.#sources.keys()) if (!this.#tracks.has(name)) this.#fadeOut(name);
    this.#origin = { context: at, position };
    for (const name of this.#tracks.keys()) this.#start(name, position, at);
  }

  /** Starts a track at a time of the context; what ran under its name fades out as this one fades in. */
  #start(name, position, at) {
    const buffer = this.#tracks.get(name);
    const running = audioContext();
    if (!this.#output) {
      this.#output = new Fader(running, this.volume ** 2);
      this.#output.node.connect(running.destination);
    }
    this.#fadeOut(name, at);
    const source = running.createBufferSource();
    const fader = new Fader(running, 0);
    source.buffer = buffer;
    if (this.loop && position < this.loop[1]) {
      source.loop = true;
      [source.loopStart, source.loopEnd] = [this.loop[0], Math.min(this.loop[1], buffer.duration)];
    }
    if (name === this.track) fader.fade(1, at);
    source.connect(fader.node).connect(this.#output.node);
    source.start(at, Math.min(position, buffer.duration));
    const entry = { source, fader };
    source.onended = () => this.#ended(name, entry);
    this.#sources.set(name, entry);
  }

  #ended(name, entry) {
    if (this.#sources.get(name) !== entry) return;
    this.#sources.delete(name);
    entry.fader.node.disconnect();
    if (this.playing && this.#sources.size === 0) {
      this.playing = false;
      this.position = this.duration;
      this.#tell("state");
    }
  }

  #fadeOut(name, at = context ? soon(context) : 0) {
    const entry = this.#sources.get(name);
    if (!entry) return;
    this.#sources.delete(name);
    entry.fader.fade(0, at);
    entry.source.stop(at + fadeSeconds * 2);
    entry.source.onended = () => entry.fader.node.disconnect();
  }

  #stopAll() {
    for (const name of [...this.#sources.keys()]) this.#fadeOut(name);
    this.playing = false;
  }
}
