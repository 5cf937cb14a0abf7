/**
 * The network as a strip of its layers, first to last, each with its kind, its extent and what one of its values sees.
 */
import { h, svg } from "./dom.js";
import { hertz } from "./format.js";
import { span } from "./views-shared.js";

/**
 * @param {object[]} layers as the server lists them
 * @param {{chosen: ?number, choose: (index: number) => void, patchSeconds: number, rate: number}} options
 */
export function layerStrip(layers, { chosen, choose, patchSeconds, rate }) {
  const most = Math.max(...layers.map((layer) => layer.channels));
  const items = layers.map((layer) => h("li", {}, h("button", {
    type: "button", class: "inside-layer", "data-test": `layer-${layer.index}`, "aria-current": layer.index === chosen ? "true" : null,
    tabindex: layer.index === (chosen ?? layers[0]?.index) ? 0 : -1, onclick: () => choose(layer.index),
  },
  view(layer, patchSeconds, rate / 2),
  h("span", { class: "inside-words" },
    h("span", { class: "inside-name", title: layer.name }, layer.name),
    h("span", { class: "v-hint" }, `${layer.kind} · ${extent(layer)}`),
    h("span", { class: "v-hint" }, sees(layer))),
  h("i", { class: "inside-width", "aria-hidden": "true", style: { "--share": String(Math.sqrt(layer.channels / most)) } }))));
  const list = h("ol", { class: "inside-strip", "aria-label": "Layers, first to last" }, items);
  list.addEventListener("keydown", (event) => {
    const buttons = [...list.querySelectorAll("button")];
    const at = buttons.indexOf(document.activeElement);
    const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: buttons.length - 1 }[event.key];
    if (next === undefined || !buttons[next]) return;
    event.preventDefault();
    buttons[next].focus();
  });
  return list;
}

/** `48 × 32, 64 channels`. */
export function extent({ frames, bands, channels }) {
  const size = [frames, bands].filter((count) => count > 0).join(" × ");
  return `${size && frames * (bands || 1) > 1 ? `${size}, ` : ""}${channels.toLocaleString("en")} channel${channels === 1 ? "" : "s"}`;
}

/** What one value of the layer sees, in words. */
export function sees(layer) {
  if (layer.seconds === null && layer.hertz === null) return "sees the whole patch";
  return `sees ${[layer.seconds !== null && span(layer.seconds), layer.hertz !== null && hertz(layer.hertz)].filter(Boolean).join(" × ")}`;
}

/** The receptive field as a rectangle in the patch. */
function view(layer, patchSeconds, highest) {
  const [width, height] = [44, 34];
  const share = (value, whole) => (value === null ? 1 : Math.min(1, Math.max(0.05, value / whole)));
  const [w, t] = [share(layer.seconds, patchSeconds) * width, share(layer.hertz, highest) * height];
  return svg("svg", { viewBox: `0 0 ${width} ${height}`, width, height, class: "inside-view", "aria-hidden": "true" },
    svg("rect", { x: 0.5, y: 0.5, width: width - 1, height: height - 1, rx: 3, class: "patch" }),
    svg("rect", { x: (width - w) / 2, y: (height - t) / 2, width: w, height: t, rx: 2, class: "field" }));
}
