import { h, fill, fitCanvas, onAppearance } from "./dom.js";
import { button, linkButton, menu, slider, withProgress, notice } from "./controls.js";
import { address, getBytes, getJSON, getPack, isAbort } from "./api.js";
import { colorTable, overlayTables } from "./colors.js";
import { compact, decimal, hertz as hertzText, seconds as secondsText } from "./format.js";

/**
 * The panel that chooses how a score is explained, and fetches the explanation.
 *
 * Options: `clip` (id), `model`, `signal`, `state` (`urlState` with `method`, `target`, `layer`, `domain`, `opacity`,
 * `threshold`, `model`), `progressHost` (where progress and errors are shown), `onStart(target)`, `onExplanation(pack
 * | null)`, `onSounds({heard, ignored})` (bytes), `onAppearance({opacity, threshold})`.
 */
export class Explanation {
  #request = null;
  #shownQuery = null;

  constructor(options) {
    this.options = options;
    const { model, state, signal } = options;
    this.model = model;
    this.method = menu({ label: "Method", test: "method", options: methodOptions(model),
      onchange: (method) => state.set({ method, layer: "" }) });
    this.layer = menu({ label: "Layer", test: "layer", options: [{ value: "", label: "The method's own" }],
      onchange: (layer) => state.set({ layer }) });
    this.domain = menu({ label: "Domain", test: "domain", onchange: (domain) => state.set({ domain }),
      options: (model.domains ?? []).map((domain, index) => ({ value: index === 0 ? "" : domain,
        label: domainNames[domain] ?? domain })) });
    this.opacity = slider({ label: "Strength of the overlay", value: state.value.opacity, format: percent,
      test: "opacity",
      oninput: (opacity) => state.set({ opacity }, { push: false }) });
    this.threshold = slider({ label: "Show from", max: 0.95, value: state.value.threshold, format: percent,
      test: "threshold",
      oninput: (threshold) => state.set({ threshold }, { push: false }) });
    this.toggle = button({ label: "Show the explanation", symbol: "eye", text: false, kind: "small quiet", key: "x",
      test: "explain", onclick: () => this.flip() });
    this.headline = h("p", { class: "headline" });
    this.facts = h("div", { class: "facts-area" });
    this.legend = h("canvas", { class: "legend", role: "img", "aria-label": "Colours" });
    this.legendWords = h("div", { class: "legend-words" });
    this.element = h("div", { class: "explanation" }, this.method, this.layer, this.domain, this.headline,
      h("div", { class: "legend-area" }, this.legend, this.legendWords), this.opacity, this.threshold, this.facts);
    this.layer.hidden = true;
    this.domain.hidden = (model.domains ?? []).length < 2;
    onAppearance(() => this.#drawLegend(), signal);
    this.#fetchLayers();
    this.follow(new Set(["opacity", "threshold"]));
  }

  get methodName() { return this.options.state.value.method || this.model.defaultMethod || "none"; }
  get isBusy() { return this.element.hasAttribute("aria-busy"); }
  get isOff() { return this.methodName === "none"; }

  /** Turns the explanation off, or on again with the method it had. */
  flip() {
    const { state } = this.options;
    if (!this.isOff) this.methodBefore = state.value.method;
    state.set({ method: this.isOff ? this.methodBefore ?? "" : "none" });
  }

  /** The map of a layer `steps` deeper (or less deep) than the one on show, for methods that take a layer. */
  deepen(steps) {
    if (this.layer.hidden || !this.layers?.length) return;
    const shown = this.options.state.value.layer || this.pack?.layer;
    const at = this.layers.findIndex((layer) => layer.name === shown);
    const next = Math.min(Math.max((at < 0 ? this.layers.length : at) + steps, 0), this.layers.length - 1);
    this.options.state.set({ layer: this.layers[next].name });
  }

  async #fetchLayers() {
    try {
      const { layers } = await getJSON(`/models/${this.model.id}/layers`, { signal: this.options.signal });
      this.layers = layers;
      this.layer.setOptions([{ value: "", label: "The method's own" },
        ...layers.map((layer) => ({ value: layer.name, label: layerText(layer) }))],
        this.options.state.value.layer);
    } catch (error) {
      // Without the list, the method's own layer is still there.
      this.layers = [];
    }
  }

  /** Shows what the address says; fetches where it asks for another explanation. */
  follow(changed) {
    const { state, onAppearance } = this.options;
    const { value } = state;
    const isListed = this.isOff || [...this.method.select.options].some((option) => option.value === this.methodName);
    // Put-together methods (`guided-backprop+smoothgrad`) are in no list, but a link may ask for them.
    if (!isListed) this.method.select.append(h("option", { value: this.methodName }, this.methodName));
    this.method.value = this.methodName;
    this.toggle.setAttribute("aria-pressed", String(!this.isOff));
    this.layer.value = value.layer;
    this.domain.value = value.domain;
    this.layer.hidden = !this.model.methods.find((each) => each.name === this.methodName)?.takesLayer;
    if (changed.has("opacity") || changed.has("threshold")) {
      this.opacity.value = value.opacity;
      this.threshold.value = value.threshold;
      onAppearance(value);
      this.#drawLegend();
    }
    if (["method", "target", "layer", "domain", "model"].some((key) => changed.has(key))) this.load();
  }

  /** The query of the explanation that the address asks for. */
  get query() {
    const { target, layer, domain, model, channel } = this.options.state.value;
    return { method: this.methodName, target, layer, domain, model, channel };
  }

  async load() {
    this.#request?.abort();
    fill(this.options.progressHost);
    const isOff = this.isOff;
    for (const part of [this.opacity, this.threshold, this.headline, this.facts]) part.hidden = isOff;
    if (isOff) {
      this.#shownQuery = null;
      this.pack = null;
      this.#drawLegend();
      this.options.onExplanation(null);
      return;
    }
    const { query } = this;
    this.options.onStart(query.target);
    const controller = this.#request = new AbortController();
    const signal = AbortSignal.any([this.options.signal, controller.signal]);
    const title = this.model.methods.find((each) => each.name === query.method)?.title ?? query.method;
    this.element.setAttribute("aria-busy", "true");
    try {
      const path = `/clips/${this.options.clip}/explanation`;
      const pack = await withProgress(this.options.progressHost,
        `${title}${query.target ? ` for ${query.target}` : ""} is being computed`, getPack(path, { query, signal }));
      this.pack = pack;
      this.#shownQuery = query;
      this.#show(pack);
      this.options.onExplanation(pack);
      const [heard, ignored] = await withProgress(this.options.progressHost, "What was heard becomes a sound",
        Promise.all(["heard", "ignored"].map((part) => getBytes(`${path}/${part}`, { query, signal }))));
      this.options.onSounds({ heard, ignored });
    } catch (error) {
      if (isAbort(error)) return;
      // What stands there was made with another question: it would be a lie beside this one.
      if (this.#shownQuery !== query) {
        this.pack = null;
        fill(this.headline);
        fill(this.facts);
        this.options.onExplanation(null);
      }
      fill(this.options.progressHost, notice(error, { retry: () => this.load(), dismiss: () => {} }));
    } finally {
      if (this.#request === controller) this.element.removeAttribute("aria-busy");
    }
  }

  #show(pack) {
    const parameters = [
      ["Shows", pack.quantity], ...(pack.parameters ?? []).filter(([name]) => name !== "method" && name !== "target"),
      Number.isFinite(pack.seconds) && ["Took", pack.seconds < 0.1 ? `${decimal(pack.seconds * 1000, 0)} ms`
        : secondsText(pack.seconds, 1)],
    ].filter(Boolean);
    const against = pack.signed ? ", blue where against" : "";
    fill(this.headline, h("strong", {}, pack.title), " for ", h("strong", {}, pack.target.label),
      h("span", { class: "key" }, `Colour where the sound speaks for it${against}; grey where it does not matter.`));
    const path = `/clips/${this.options.clip}/explanation`;
    const name = `${pack.method}-${pack.target.label}`;
    fill(this.facts,
      pack.remark && h("p", { class: "remark" }, pack.remark),
      octaveChart(pack.octaves),
      h("details", {}, h("summary", {}, "How it was made"),
        h("dl", { class: "parameters" }, parameters.map(([key, value]) => h("div", {},
          h("dt", {}, key[0].toUpperCase() + key.slice(1)), h("dd", {}, String(value)))))),
      h("div", { class: "row" },
        linkButton({ label: "Figure, PNG", symbol: "picture", kind: "small",
          href: address(`${path}/figure.png`, this.query), download: `${name}.png`, test: "figure-png" }),
        linkButton({ label: "SVG", kind: "small", href: address(`${path}/figure.svg`, this.query),
          download: `${name}.svg`, test: "figure-svg" })));
    this.#drawLegend();
  }

  /** The picture's range and unit, for the legend. */
  setPicture({ low, high, unit }) {
    this.range = { low, high, unit };
    this.#drawLegend();
  }

  /** Two bars of colour: loudness, and the explanation on a middle grey. */
  #drawLegend() {
    const width = this.legend.clientWidth || 260;
    const isOver = Boolean(this.pack) && this.options.state.value.opacity > 0.02;
    const height = isOver ? 22 : 10;
    this.legend.style.height = `${height}px`;
    const context = fitCanvas(this.legend, width, height);
    if (!context) return;
    const hex = (color) => [color & 255, (color >> 8) & 255, (color >> 16) & 255];
    const sound = colorTable(isOver ? "dim" : "magma");
    const over = overlayTables(this.options.state.value.threshold);
    const isSigned = this.pack?.signed;
    for (let x = 0; x < width; x += 1) {
      const step = Math.round((x / (width - 1)) * 255);
      context.fillStyle = `rgb(${hex(sound[step]).join(" ")})`;
      context.fillRect(x, 0, 1.5, 10);
      if (!isOver) continue;
      // A sound of middle loudness, as the explanation would colour it.
      const at = isSigned ? step : 128 + (step >> 1);
      context.fillStyle = `rgb(${hex(sound[190]).join(" ")})`;
      context.fillRect(x, 12, 1.5, 10);
      const color = at > 128 ? colorTable("magma")[190] : over.against[at];
      const opacity = (at > 128 ? over.lit : over.against)[at] >>> 24;
      context.fillStyle = `rgb(${hex(color).join(" ")} / ${(opacity / 255) * Math.min(1, this.options.state.value.opacity * 1.3)})`;
      context.fillRect(x, 12, 1.5, 10);
    }
    const { low, high, unit } = this.range ?? {};
    const limit = this.pack && compact(this.pack.limit);
    const words = [];
    if (this.range) words.push(["sound", compact(low), `${compact(high)} ${unit ?? ""}`]);
    if (isOver) words.push([isSigned ? "against … for" : "explanation", isSigned ? `−${limit}` : "0", limit]);
    fill(this.legendWords, words.map(([name, from, to]) => h("div", {}, h("span", {}, from),
      h("span", { class: "quiet-text" }, name), h("span", {}, to))));
    this.legend.setAttribute("aria-label",
      `Colours: ${words.map(([name, from, to]) => `${name} from ${from} to ${to}`).join("; ")}`);
  }
}

/** Where on the ladder of octaves the explanation lies. */
function octaveChart(octaves) {
  if (!octaves?.length) return null;
  const largest = Math.max(...octaves.map((each) => each.share), 1e-9);
  const text = octaves.map(({ hertz, share }) => `${hertzText(hertz)} ${Math.round(share * 100)} %`).join(", ");
  return h("figure", { class: "octaves" }, h("figcaption", {}, "Share of each octave"),
    h("div", { class: "octave-bars", role: "img", "aria-label": `Share of each octave: ${text}` },
      octaves.map(({ hertz, share }) =>
      h("span", { title: `${hertzText(hertz)}: ${Math.round(share * 100)} %` },
        h("i", { style: { height: `${(Math.max(share, 0) / largest) * 100}%` } }),
          h("small", {}, hertz < 1000 ? Math.round(hertz) : `${Number((hertz / 1000).toPrecision(2))}k`)))));
}

const percent = (value) => `${Math.round(value * 100)} %`;
const domainNames = { "log-mel": "Network's input (log-mel)", stft: "Spectrum (STFT)",
  waveform: "Samples (waveform)" };

function methodOptions(model) {
  const families = new Map();
  for (const { name, title, family } of model.methods) {
    if (!families.has(family)) families.set(family, []);
    families.get(family).push({ value: name, label: title });
  }
  const groups = [...families].map(([group, options]) => ({ group: group[0].toUpperCase() + group.slice(1), options }));
  return [{ value: "none", label: "No explanation" }, ...groups];
}

/** A layer's number, its name and the stretch of sound that one of its places sees. */
function layerText({ index, name, seconds, hertz }) {
  const field = [seconds && secondsText(seconds), hertz && hertzText(hertz)].filter(Boolean).join(" × ");
  return `${index} · ${name}${field ? ` · sees ${field}` : ""}`;
}
