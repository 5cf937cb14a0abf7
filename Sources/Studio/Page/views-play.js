/**
 * Play, pause, the place in the sound: one bar for a player, which moves the cursor of every picture on a timeline.
 */
import { h } from "./dom.js";
import { button } from "./controls.js";
import { clock } from "./format.js";
import { icon } from "./icons.js";

/** The bar as an element. `onTime(seconds)` is called at each frame while it plays, beside the timeline's cursor. */
export function playBar(player, timeline, signal, onTime = () => {}) {
  const time = h("span", { class: "v-time", "data-test": "time" });
  const play = button({ label: "Play", symbol: "play", key: "p", test: "play", kind: "primary", onclick: () => player.toggle() });
  const seek = h("input", { type: "range", min: 0, max: timeline.seconds, step: 0.01, value: 0, "aria-label": "Place in the sound",
    oninput: () => player.seek(Number(seek.value)) });
  const tell = () => {
    const now = player.time;
    time.textContent = `${clock(now)} / ${clock(timeline.seconds)}`;
    seek.value = now;
    seek.style.setProperty("--share", `${(100 * now) / (timeline.seconds || 1)}%`);
    seek.setAttribute("aria-valuetext", `${now.toFixed(1)} seconds`);
    timeline.setCursor(now);
    timeline.follow();
    onTime(now);
  };
  let pending = 0;
  const run = () => {
    pending = 0;
    if (signal.aborted) return;
    tell();
    if (player.playing) pending = requestAnimationFrame(run);
  };
  player.subscribe((what) => {
    if (what === "state") {
      play.replaceChild(icon(player.playing ? "pause" : "play"), play.firstChild);
      play.lastChild.textContent = player.playing ? "Pause" : "Play";
    }
    pending ||= requestAnimationFrame(run);
  }, signal);
  tell();
  return h("div", { class: "v-play slider" }, play, seek, time);
}
