/**
 * A button that plays one sound, or a part of it, and shows how far it is. Only one of them sounds at a time.
 */
import { h } from "./dom.js";
import { icon } from "./icons.js";
import { toast } from "./controls.js";

let sounding = null;

/**
 * @param {string} url @param {string} label what is heard; the button's name is `Play` and that
 * @param {{from?: number, to?: number, signal: AbortSignal, text?: string, test?: string}} options seconds of the part; `text` is
 *   shown beside the icon
 */
export function soundButton(url, label, { from = 0, to = Infinity, signal, text, test } = {}) {
  const element = h("button", { type: "button", class: `button small v-sound${text ? "" : " bare"}`, "data-test": test,
    "aria-pressed": "false",
    "aria-label": `Play ${label}`, title: `Play ${label}`, onclick: toggle }, icon("play"), text && h("span", {}, text));
  let audio = null;

  function stop() {
    audio?.pause();
    element.setAttribute("aria-pressed", "false");
    element.style.removeProperty("--share");
    element.replaceChild(icon("play"), element.firstChild);
    if (sounding === stop) sounding = null;
  }

  async function toggle() {
    const was = sounding;
    was?.();
    if (was === stop) return;
    sounding = stop;
    if (!audio) {
      audio = new Audio(url);
      audio.preload = "auto";
      audio.onended = stop;
      audio.ontimeupdate = () => {
        const end = Math.min(to, audio.duration || Infinity);
        if (audio.currentTime >= end) stop();
        else element.style.setProperty("--share", String((audio.currentTime - from) / (end - from)));
      };
    }
    audio.currentTime = from;
    element.setAttribute("aria-pressed", "true");
    element.replaceChild(icon("stop"), element.firstChild);
    try {
      await audio.play();
    } catch (error) {
      // A second press before it has begun is no failure.
      if (error.name !== "AbortError") { toast("This sound cannot be played"); stop(); }
    }
  }
  signal?.addEventListener("abort", stop);
  return element;
}
