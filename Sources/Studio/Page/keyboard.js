import { h, listen } from "./dom.js";
import { dialog } from "./controls.js";

/** Keys of the page, and the sheet that lists them. */

const common = [
  { group: "Everywhere", keys: [["?", "Show the keys"], ["Tab", "To the next control"], ["Esc", "Close, cancel"]] },
];
let ofView = [];

/**
 * Keys of a view, until `signal` aborts. `bindings`: `[{keys: ["m"], does: "Mute", run: (event) => …, group:
 * "Brush"}]`; a key with a modifier is written `Ctrl+z` or `Ctrl+Shift+z` (Ctrl stands for Command on a Mac). They do
 * not fire while somebody types. `shown` replaces the key on the sheet; a binding without `run` only stands on the
 * sheet.
 */
export function bindKeys(bindings, signal) {
  ofView = bindings;
  signal.addEventListener("abort", () => { if (ofView === bindings) ofView = []; });
  listen(window, "keydown", (event) => {
    if (event.defaultPrevented || isTyping(event.target) || document.querySelector("dialog[open]")) return;
    const name = nameOf(event);
    const binding = bindings.find((each) => each.run
      && each.keys.some((key) => key.toLowerCase() === name.toLowerCase()));
    if (!binding) return;
    // Space presses the button that has the focus.
    if (event.key === " " && event.target.closest?.("button, a, summary, [role=radio]")) return;
    event.preventDefault();
    binding.run(event);
  }, signal);
}

function nameOf(event) {
  const isLetter = event.key.length === 1;
  const modifiers = [
    (event.ctrlKey || event.metaKey) && "Ctrl", event.altKey && "Alt",
    event.shiftKey && (!isLetter || event.ctrlKey || event.metaKey) && "Shift",
  ].filter(Boolean);
  return [...modifiers, event.key === " " ? "Space" : event.key].join("+");
}

const typed = "textarea, select, input:not([type=range]):not([type=checkbox]):not([type=radio])";
const isTyping = (element) => element instanceof HTMLElement && (element.isContentEditable || element.matches(typed));

/** Opens the sheet of keys with `?`. */
export function listenForHelp() {
  window.addEventListener("keydown", (event) => {
    if (event.key !== "?" || event.defaultPrevented || isTyping(event.target)
      || document.querySelector("dialog[open]")) return;
    event.preventDefault();
    showKeys();
  });
}

export function showKeys() {
  const groups = new Map();
  for (const { group = "Here", keys, shown, does } of ofView) {
    if (!groups.has(group)) groups.set(group, []);
    groups.get(group).push([shown ?? keys.join(" / "), does]);
  }
  for (const { group, keys } of common) groups.set(group, keys);
  dialog("Keys", h("div", { class: "keys" }, [...groups].map(([group, keys]) => h("section", {},
    h("h3", {}, group),
    h("dl", {}, keys.map(([key, does]) => h("div", {}, h("dt", {}, key.split(" / ").map((each, index) => [
      index > 0 && " ", h("kbd", {}, each)])), h("dd", {}, does))))))));
}
