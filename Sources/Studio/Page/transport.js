import { h, listen } from "./dom.js";
import { icon } from "./icons.js";
import { button, segmented } from "./controls.js";
import { clock, seconds as secondsText } from "./format.js";

/**
 * The bar that plays: play and pause, the time, which version is heard, the loop, the volume. It moves the timeline's
 * cursor with the player's clock, once a frame while playing.
 *
 * Options: `player`, `timeline`, `signal`, `tracks` `[{value, label, test, key, title}]`, `onTrack(name)`.
 */
export class Transport {
  constructor(host, { player, timeline, signal, tracks, onTrack }) {
    Object.assign(this, { player, timeline, onTrack });
    this.playButton = h("button", { type: "button", class: "play", "data-test": "play", "aria-label": "Play",
      title: "Play (Space)", disabled: true,
      onclick: () => player.toggle() }, icon("play", 24), icon("pause", 24));
    this.now = h("span", { "data-test": "time" }, clock(0));
    this.total = h("span", { class: "total" });
    this.tracks = segmented({ label: "What is heard", value: "clip", kind: "tracks",
      options: tracks.map((track) => ({ ...track, disabled: track.value !== "clip" })),
        onchange: (name) => onTrack(name) });
    this.loop = button({ label: "Loop", symbol: "loop", kind: "small quiet", key: "l", test: "loop",
      "aria-pressed": "false",
      onclick: () => this.toggleLoop() });
    this.volume = h("input", { type: "range", min: 0, max: 1, step: 0.01, "aria-label": "Volume", class: "volume",
      oninput: () => this.#setVolume(Number(this.volume.value)) });
    this.volume.value = localStorage.getItem("otoscope.volume") ?? 1;
    this.#setVolume(Number(this.volume.value));
    this.element = h("div", { class: "transport", role: "group", "aria-label": "Playback" },
      this.playButton, h("span", { class: "clock" }, this.now, this.total), this.tracks, this.loop,
      h("label", { class: "loudness" }, icon("volume", 18), this.volume));
    host.append(this.element);

    player.subscribe((what) => {
      if (what === "state") this.#stateChanged();
      if (what === "tracks") this.#tracksChanged();
      if (what === "track") this.tracks.value = player.track;
      if (what === "time") this.#tick();
    }, signal);
    timeline.subscribe((what) => {
      if (what === "selection") this.#selected();
      if (what === "length") this.total.textContent = ` / ${clock(timeline.seconds)}`;
      if (what === "cursor" && !player.playing) this.now.textContent = clock(timeline.cursor);
    }, signal);
    listen(document, "visibilitychange", () => player.playing && this.#tick(), signal);
  }

  #setVolume(volume) {
    this.player.setVolume(volume);
    this.volume.style.setProperty("--share", `${volume * 100}%`);
    localStorage.setItem("otoscope.volume", volume);
  }

  seek(seconds) {
    const { selection } = this.timeline;
    // A click beside the selection leaves it.
    if (selection && (seconds < selection[0] || seconds > selection[1])) this.timeline.setSelection(null);
    this.player.seek(seconds);
    this.timeline.setCursor(seconds);
  }

  #stateChanged() {
    const { playing } = this.player;
    this.playButton.classList.toggle("playing", playing);
    this.playButton.setAttribute("aria-label", playing ? "Pause" : "Play");
    this.playButton.title = `${playing ? "Pause" : "Play"} (Space)`;
    if (playing) this.#run();
    else this.#tick();
  }

  #run() {
    this.#tick();
    if (this.player.playing) requestAnimationFrame(() => this.#run());
  }

  #tick() {
    const { time } = this.player;
    this.timeline.setCursor(time);
    if (this.player.playing) {
      this.timeline.follow();
      const text = clock(time);
      if (this.now.textContent !== text) this.now.textContent = text;
    }
  }

  #tracksChanged() {
    this.playButton.disabled = !this.player.has("clip");
    for (const option of this.tracks.querySelectorAll("button")) option.disabled = !this.player.has(option.dataset.value);
  }

  #selected() {
    const { selection } = this.timeline;
    this.loop.setAttribute("aria-pressed", String(selection !== null));
    this.loop.lastChild.textContent = selection ? `${secondsText(selection[0])} to ${secondsText(selection[1])}`
      : "Loop";
    clearTimeout(this.waiting);
    // A loop is set when the drag rests, or the sound would stutter along with it.
    this.waiting = setTimeout(() => this.player.setLoop(selection), 120);
  }

  /** Loops what is in view, or ends the loop. */
  toggleLoop() {
    const { timeline } = this;
    timeline.setSelection(timeline.selection ? null : [...timeline.range]);
  }
}
