import { h, append, setProps } from "./dom.js";
import { icon } from "./icons.js";
import { isAbort } from "./api.js";

/** The page's controls: each a labelled, keyboard-operable element. */

let serial = 0;

/** An id that nothing else on the page has. */
export const freshId = (stem) => `${stem}-${(serial += 1)}`;

/**
 * A button. `label` is its name; `text: false` shows the icon alone (the name stays for screen readers and as
 * tooltip). `test` becomes `data-test`, `key` is shown in the tooltip and told to screen readers, `kind` is a class:
 * `primary`, `quiet`.
 */
export function button({ label, symbol, text = true, test, key, kind = "", onclick, ...rest }) {
  const isBare = symbol && !text;
  const element = h("button", {
    type: "button", class: `button ${kind}${isBare ? " bare" : ""}`, "data-test": test,
    "aria-label": isBare ? label : null, title: isBare || key
      ? `${label}${key ? ` (${key.length === 1 ? key.toUpperCase() : key})` : ""}` : null,
    "aria-keyshortcuts": key && key.length === 1 ? key : null, onclick, ...rest,
  }, symbol && icon(symbol), isBare ? null : h("span", {}, label));
  return element;
}

/** A link that looks like a button; props as for `button`, with `href`. */
export function linkButton({ label, symbol, text = true, test, kind = "", ...rest }) {
  const isBare = symbol && !text;
  return h("a", { class: `button ${kind}${isBare ? " bare" : ""}`, "data-test": test, "aria-label": label,
    title: isBare ? label : null, ...rest }, symbol && icon(symbol), isBare ? null : h("span", {}, label));
}

/**
 * One of a few, as buttons in a row: a radio group, so the arrow keys move through it.
 *
 * `segmented({label, options: [{value, label, symbol, test, key, title}], value, onchange, text})`. The element has
 * `.value` (setting it does not call `onchange`) and `.option(value)`, the button.
 */
export function segmented({ label, options, value, onchange, text = true, test, kind = "" }) {
  const group = h("div", { role: "radiogroup", "aria-label": label, class: `segmented ${kind}`, "data-test": test });
  const buttons = options.map((option) => {
    const isBare = option.symbol && !text;
    const name = option.title ?? option.label;
    return h("button", {
      type: "button", role: "radio", "data-test": option.test, "data-value": option.value, "aria-label": isBare
        || option.short ? option.label : null,
      title: isBare || option.key || option.title ? `${name}${option.key ? ` (${option.key.toUpperCase()})` : ""}`
        : null,
      disabled: option.disabled ?? false,
      onclick: () => choose(option.value),
    }, option.symbol && icon(option.symbol), isBare ? null : h("span", { class: option.short ? "long" : null },
      option.label),
    option.short && !isBare && h("span", { class: "short", "aria-hidden": "true" }, option.short));
  });
  append(group, buttons);
  let current = value;
  const show = () => buttons.forEach((element, index) => {
    const isOn = options[index].value === current;
    element.setAttribute("aria-checked", String(isOn));
    element.tabIndex = isOn || (index === 0 && !options.some((each) => each.value === current)) ? 0 : -1;
  });
  const choose = (next) => {
    if (next === current) return;
    current = next;
    show();
    onchange?.(next);
  };
  group.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    event.stopPropagation();
    const enabled = buttons.filter((element) => !element.disabled);
    const at = enabled.indexOf(document.activeElement);
    const next = enabled[(at + step + enabled.length) % enabled.length];
    next.focus();
    choose(options[buttons.indexOf(next)].value);
  });
  Object.defineProperty(group, "value", { get: () => current, set: (next) => { current = next; show(); } });
  group.option = (wanted) => buttons[options.findIndex((each) => each.value === wanted)];
  show();
  return group;
}

/**
 * A slider with its name and its value. `format` makes the text; `oninput` is called while it moves. The element has
 * `.value`.
 */
export function slider({ label, min = 0, max = 1, step = 0.01, value, format = String, oninput, test }) {
  const id = freshId("slider");
  const output = h("output", { for: id }, format(value));
  const range = h("input", {
    type: "range", id, min, max, step, "data-test": test, "aria-valuetext": format(value),
    oninput: () => { show(); oninput?.(Number(range.value)); },
  });
  range.value = value;
  const show = () => {
    output.textContent = format(Number(range.value));
    range.setAttribute("aria-valuetext", output.textContent);
    range.style.setProperty("--share", `${((range.value - min) / (max - min)) * 100}%`);
  };
  show();
  const element = h("div", { class: "slider" }, h("label", { for: id }, label), output, range);
  Object.defineProperty(element, "value", { get: () => Number(range.value),
    set: (next) => { range.value = next; show(); } });
  return element;
}

/**
 * A menu. `options` are `{value, label}` or `{group, options: […]}`. The element has `.value`, `.select` and
 * `.setOptions(options, value)`.
 */
export function menu({ label, options = [], value, onchange, test, hideLabel = false }) {
  const id = freshId("menu");
  const select = h("select", { id, "data-test": test, onchange: () => onchange?.(select.value) });
  const element = h("div", { class: "menu" },
    h("label", { for: id, class: hideLabel ? "unseen" : null }, label), h("div", { class: "select" }, select));
  element.select = select;
  element.setOptions = (next, chosen) => {
    const option = (each) => h("option", { value: each.value }, each.label);
    select.replaceChildren(...next.map((each) => (each.options
      ? h("optgroup", { label: each.group }, each.options.map(option)) : option(each))));
    if (chosen !== undefined) select.value = chosen;
  };
  Object.defineProperty(element, "value", { get: () => select.value, set: (next) => { select.value = next; } });
  element.setOptions(options, value);
  return element;
}

/**
 * What went wrong and what to do, with a button that tries again. `null` for errors that only say that the view was
 * left.
 */
export function notice(error, { retry, dismiss } = {}) {
  if (isAbort(error)) return null;
  const element = h("div", { class: "notice", role: "alert", "data-test": "error" },
    h("p", { class: "what" }, error?.what ?? error?.message ?? String(error)),
    error?.remedy && h("p", { class: "remedy" }, error.remedy),
    (retry || dismiss) && h("div", { class: "row" },
      retry && button({ label: "Try again", kind: "small", onclick: () => { element.remove(); retry(); } }),
      dismiss && button({ label: "Dismiss", kind: "small quiet", onclick: () => { element.remove(); dismiss(); } })));
  return element;
}

/**
 * Progress: a bar with words. `share` null means that nobody knows how long. The element has `.update({share,
 * text})`.
 */
export function progress({ label, share = null } = {}) {
  const words = h("span", { class: "words" }, label);
  const value = h("span", { class: "value" });
  const bar = h("div", { class: "bar", role: "progressbar", "aria-label": label, "aria-valuemin": 0,
    "aria-valuemax": 100 }, h("i"));
  const element = h("div", { class: "progress" }, words, value, bar);
  element.update = ({ share: next = null, text } = {}) => {
    if (text !== undefined) words.textContent = text;
    bar.classList.toggle("unknown", next === null);
    value.textContent = next === null ? "" : `${Math.round(next * 100)} %`;
    setProps(bar, { "aria-valuenow": next === null ? null : Math.round(next * 100) });
    bar.firstChild.style.width = next === null ? "" : `${next * 100}%`;
  };
  element.update({ share });
  return element;
}

/**
 * Shows `progress` in `host` from a third of a second on while `work` runs, with the seconds that have passed.
 * Resolves or fails as `work` does.
 */
export async function withProgress(host, label, work) {
  const began = performance.now();
  const bar = progress({ label });
  const tick = () => {
    const passed = (performance.now() - began) / 1000;
    bar.update({ text: passed < 2 ? label : `${label} (${Math.floor(passed)} s)` });
    if (!bar.isConnected) host.append(bar);
  };
  const start = setTimeout(() => { tick(); bar.timer = setInterval(tick, 500); }, 300);
  try {
    return await work;
  } finally {
    clearTimeout(start);
    clearInterval(bar.timer);
    bar.remove();
  }
}

/**
 * A dialog over the page with a heading; it closes with Escape, its button and a click beside it. Returns it, shown.
 */
export function dialog(title, ...children) {
  const id = freshId("dialog");
  const element = h("dialog", { "aria-labelledby": id, onclose: () => element.remove(),
    onclick: (event) => { if (event.target === element) element.close(); } },
  h("div", { class: "sheet" }, h("div", { class: "sheet-head" }, h("h2", { id }, title),
    button({ label: "Close", symbol: "close", text: false, kind: "quiet", onclick: () => element.close() })),
      children));
  document.body.append(element);
  element.showModal();
  return element;
}

/** A short message at the bottom that goes away by itself. */
export function toast(text) {
  const element = h("div", { class: "toast", role: "status", "data-test": "status" }, text);
  document.querySelectorAll(".toast").forEach((old) => old.remove());
  document.body.append(element);
  setTimeout(() => element.remove(), 3500);
}
