/**
 * A control for each key of a model's description. Each is `{element, read()}`: `read` gives the value, or throws an error in words.
 */
import { h, fill } from "./dom.js";
import { segmented } from "./controls.js";
import { count, hertz, rate as kilohertz } from "./format.js";
import { readLabels } from "./models-labels.js";
import { field, span } from "./views-shared.js";

const presets = ["yamnet", "vggish", "musicnn", "panns", "panns-16k", "ast", "kaldi", "whisper", "wav2vec2", "clap", "birdnet",
  "perch", "crepe", "openl3",
  "librosa", "torchaudio", "opensoundscape", "speechbrain", "openwakeword", "hear-and-see", "iminet-imitation", "iminet-recording"];

/** The keys a description may have, in the order people meet them. */
export const keys = {
  front_end: { title: "How sound becomes its input", blank: { preset: "yamnet" } },
  labels: { title: "Names of its classes", blank: [] },
  activation: { title: "What its numbers are", blank: "softmax" },
  axes: { title: "Which axis comes first", blank: "frames-bands" },
  output: { title: "Which result holds the classes", blank: "" },
  picture: { title: "Where its picture lies", blank: "none" },
  inputs: { title: "Inputs that never change", blank: {} },
  state: { title: "Results that are inputs of the next step", blank: {} },
};

/**
 * @param {string} key @param value of the proposal @param {object} context `{model, info, changed}`; `changed()` is called at each
 * change
 */
export function fieldFor(key, value, context) {
  const make = { front_end: frontEnd, labels, activation: choices(activations), axes: choices(axes) }[key] ?? json;
  return make(value, context, key);
}

const activations = [
  { value: "softmax", label: "One of many (softmax)", title: "Classes exclude each other" },
  { value: "sigmoid", label: "Any of many (sigmoid)", title: "Classes can come together" },
  { value: "none", label: "Neither: show as they are", title: "The values are reported as scores" },
];
const axes = [{ value: "frames-bands", label: "Time, then frequency" }, { value: "bands-frames", label: "Frequency, then time" }];

const choices = (options) => (value, { changed }, key) => {
  const control = segmented({ label: keys[key].title, options: options.map((option) =>
    ({ ...option, test: `${key}-${option.value}` })), value, onchange: changed });
  return { element: control, read: () => control.value };
};

function json(value, { changed }, key) {
  const area = jsonArea(value, keys[key].title, changed);
  return { element: area, read: () => area.read() };
}

/** A field for JSON that says at once where it is not valid. */
function jsonArea(value, label, changed) {
  const trouble = h("p", { class: "models-wrong", role: "status" });
  const area = h("textarea", { rows: Math.min(16, JSON.stringify(value, null, 2).split("\n").length), spellcheck: "false",
    class: "models-json", "aria-label": `${label}, as JSON`,
    oninput: () => {
      try { JSON.parse(area.value); trouble.textContent = ""; } catch (error) {
        trouble.textContent = `Not valid JSON yet: ${error.message}`; }
      changed();
    } });
  area.value = JSON.stringify(value, null, 2);
  const element = h("div", {}, area, trouble);
  element.read = () => {
    try { return JSON.parse(area.value); } catch { throw new Error(`${label}: this is not valid JSON. Check quotes, commas and braces.`); }
  };
  return element;
}

function frontEnd(value, { info, changed }) {
  const proposed = value?.preset && Object.keys(value).length === 1 ? value.preset : "proposed";
  const names = info.frontEnds?.map((each) => each.name ?? each) ?? presets;
  const area = jsonArea(value, "Front end", changed);
  const words = h("p", { class: "v-hint" });
  const select = h("select", { "aria-label": "Front end", "data-test": "front-end", onchange: () => { show(); changed(); } },
    proposed === "proposed" && h("option", { value: "proposed" }, "As proposed"),
    h("optgroup", { label: "Presets: as these networks listen" }, names.map((name) => h("option", { value: name }, name))),
    h("option", { value: "json" }, "Written as JSON"));
  select.value = names.includes(proposed) || proposed === "proposed" ? proposed : "json";
  const show = () => {
    area.hidden = select.value !== "json";
    fill(words, select.value === "proposed" ? frontEndWords(value) : null);
  };
  show();
  return {
    element: h("div", {}, h("div", { class: "select" }, select), words, area),
    read: () => (select.value === "json" ? area.read() : select.value === "proposed" ? value : { preset: select.value }),
  };
}

/**
 * A front end in a sentence: `16 kHz · 64 mel bands, 125 Hz to 7.50 kHz · a frame of 25 ms every 10 ms · inputs of 0.96 s every
 * 0.48 s`.
 */
export function frontEndWords(value) {
  if (!value || typeof value !== "object") return "";
  const rate = value.sample_rate;
  const time = (samples) => (rate && Number.isFinite(samples) ? span(samples / rate) : `${samples} samples`);
  const frames = (number) => (rate && value.hop && Number.isFinite(number) ? span((number * value.hop) / rate) : `${number} frames`);
  return [
    value.preset && `as ${value.preset} listens`,
    rate && kilohertz(rate),
    value.samples && `takes samples${value.samples.length ? `, ${time(value.samples.length)} at once` : ""}`,
    value.mel && `${value.mel.bands} mel bands, ${hertz(value.mel.lowest)} to ${hertz(value.mel.highest)}`,
    value.bands && `${value.bands.count ?? "all"} ${value.bands.kind} bands`,
    value.window && `a frame of ${time(value.window)} every ${time(value.hop)}`,
    value.compression && (value.compression.kind === "none" ? "no compression" : value.compression.kind),
    value.patch && (value.patch.frames === "any" ? "the whole sound at once"
      : `inputs of ${frames(value.patch.frames)} every ${frames(value.patch.hop)}`),
  ].filter(Boolean).join(" · ");
}

function labels(value, { model, changed }) {
  let names = [...value];
  const needed = model.classes ?? 0;
  const words = h("p", { class: "models-count", role: "status", "data-test": "label-count" });
  const file = h("input", { type: "file", accept: ".txt,.csv,.tsv,.json,text/plain", "data-test": "label-file",
    onchange: () => file.files[0] && take(file.files[0]) });
  const area = h("textarea", { rows: 8, spellcheck: "false", "aria-label": "Names, one a line", "data-test": "label-text", oninput: () => {
    names = area.value.replace(/\n+$/, "").split("\n").map((name) => name.trim());
    if (names.length === 1 && !names[0]) names = [];
    say();
    changed();
  } });
  const say = (how) => {
    const isRight = !needed || !names.length || names.length === needed;
    words.classList.toggle("models-wrong", !isRight);
    words.textContent = !names.length ? (needed ? `The network has ${count(needed, "class", "classes")}.` : "No names yet.")
      : `${count(names.length, "name")}${how ? ` (${how})` : ""}${isRight ? "" : `, but the network has ${count(needed, "class", "classes")}`}`;
  };
  async function take(chosen) {
    try {
      const found = readLabels(await chosen.text(), chosen.name, needed);
      names = found.labels;
      area.value = names.join("\n");
      say(found.how);
      changed();
    } catch (error) {
      words.classList.add("models-wrong");
      words.textContent = error.message;
    }
  }
  area.value = names.join("\n");
  say();
  return {
    element: h("div", {}, field("A file of names (text, CSV or JSON)", file), words,
      names.length > 0 && names.length <= 12 ? null : h("p", { class: "v-hint" }, names.slice(0, 8).join(", "), names.length > 8 && ", …"),
      h("details", { open: names.length === 0 }, h("summary", {}, "Names as text, one a line"), area)),
    read: () => {
      if (!names.length) return undefined;
      if (needed && names.length !== needed) throw new Error(`The labels are ${names.length}, but the network has ${count(needed, "class", "classes")}. Give one name for each.`);
      return names;
    },
  };
}
