/**
 * Forms that start a run: which explanation to believe (evaluate), how faithful the methods are on one sound (compare), a new
 * network (train).
 */
import { h, fill } from "./dom.js";
import { isAbort } from "./api.js";
import { button, menu, notice, segmented } from "./controls.js";
import { models as allModels, studio } from "./studio.js";
import { startJob } from "./runs-follow.js";
import { allClips, clipOptions, meantClip } from "./views-clip.js";
import { field } from "./views-shared.js";

const architectures = ["sb-cnn", "vggish", "fcn-4", "music-tagger-cnn", "mm-cnn", "mm-cnn-multi", "musicnn", "iminet-imitation",
  "iminet-recording",
  "resnet-18", "resnet-50", "mobilenet-v1", "mobilenet-v2", "m5"];

/** A closed panel with the forms. `query` may hold `start=KIND` to open one, and what it begins with. `started(job)` is told. */
export async function startForms({ query, signal, started }) {
  const [info, models, clips] = await Promise.all([studio(), allModels(), allClips(signal)]);
  const ready = models.filter((each) => each.ready);
  if (!ready.length) return null;
  const make = { evaluate: () => evaluateForm(info, ready, clips, query), compare: clips.length && (() => compareForm(ready, clips, query)),
    ...(info.dataSets?.length && { train: () => trainForm(info, ready), test: () => testForm(info, ready),
      index: () => indexForm(info, ready) }) };
  const [place, trouble] = [h("div", {}), h("div", {})];
  let form = null;
  const open = (kind) => { form = make[kind](); fill(place, form.hint && h("p", { class: "v-hint" }, form.hint), form.element); };
  const words = { evaluate: "Which explanation to believe", compare: "Methods on one sound", train: "Train a network",
    test: "Test a network", index: "Make an atlas" };
  const first = make[query.start] ? query.start : "evaluate";
  const start = button({ label: "Start", kind: "primary", test: "start", onclick: async () => {
    fill(trouble);
    start.disabled = true;
    try { started(await startJob(form.request(), signal)); } catch (error) { if (!isAbort(error)) fill(trouble, notice(error));
      } finally { start.disabled = false; }
  } });
  const kind = segmented({ label: "What to start", value: first, test: "start-kind", onchange: open,
    options: Object.keys(make).filter((each) => make[each]).map((value) => ({ value, label: words[value], test: `start-${value}` })) });
  open(first);
  return h("details", { class: "card runs-start", open: Boolean(query.start), "data-test": "new-run" }, h("summary", {}, "Start a run"),
    h("div", { class: "runs-form" }, kind, place, trouble, h("div", { class: "row" }, start)));
}

const modelMenu = (models, chosen) => menu({ label: "Model", test: "run-model",
  value: chosen && models.some((each) => each.id === chosen) ? chosen : models[0].id,
  options: models.map((each) => ({ value: each.id, label: each.name })) });

function number(value, min, max, step = 1) {
  return h("input", { type: "number", value, min, max, step });
}

function evaluateForm(info, models, clips, query) {
  const model = modelMenu(models, query.model ?? info.model);
  const sources = [...info.catalogues.map((each) => ({ value: `catalogue:${each.id}`, label: `Catalogue ${each.name}` })),
    ...(clips.length ? [{ value: "clips", label: `The ${clips.length} clips of the studio` }] : [])];
  const source = menu({ label: "Sounds", test: "run-source", options: sources });
  const most = number(12, 1, 200);
  return {
    hint: "Measures every method's faithfulness, localisation, sanity and robustness on sounds of yours, and recommends one.",
    element: h("div", { class: "v-bar" }, model, source, field("Sounds at most", most)),
    request: () => ({ kind: "evaluate", model: model.value, count: Number(most.value),
      ...(source.value.startsWith("catalogue:") ? { catalogue: source.value.slice(10) } : { clips: clips.map((clip) => clip.id) }) }),
  };
}

function compareForm(models, clips, query) {
  const model = modelMenu(models, query.model);
  const clip = menu({ label: "Sound", test: "run-clip", options: clipOptions(clips),
    value: (meantClip(clips, query.clip) ?? clips[0]).id });
  const target = h("input", { type: "text", value: query.target ?? "", placeholder: "the top class" });
  return {
    hint: "Removes and inserts what each method calls important, and watches the class's score.",
    element: h("div", { class: "v-bar" }, model, clip, field("Class", target)),
    request: () => ({ kind: "compare", model: model.value, clip: clip.value, ...(target.value.trim() && { target: target.value.trim() }) }),
  };
}

const dataMenu = (info) => menu({ label: "Data set", test: "run-data", options: info.dataSets.map(({ name }) =>
  ({ value: name, label: name })) });

function testForm(info, models) {
  const [data, model] = [dataMenu(info), modelMenu(models)];
  const shortcuts = h("input", { type: "checkbox" });
  return {
    hint: "Numbers, confusions and mistakes on labelled sounds, with explanations of the worst.",
    element: h("div", { class: "v-bar" }, data, model, h("label", { class: "v-check" }, shortcuts, "Look for shortcuts it has learned")),
    request: () => ({ kind: "test", data: data.value, model: model.value, shortcuts: shortcuts.checked }),
  };
}

function indexForm(info, models) {
  const [data, model] = [dataMenu(info), modelMenu(models)];
  return {
    hint: "Writes a catalogue of what the model's layers hear in these sounds: for the atlas, and for the excerpts of channels.",
    element: h("div", { class: "v-bar" }, data, model),
    request: () => ({ kind: "index", data: data.value, model: model.value }),
  };
}

function trainForm(info, models) {
  const data = dataMenu(info);
  const beginning = menu({ label: "Start from", test: "run-beginning", options: [
    { group: "A trained model, with a new head", options: models.map((each) => ({ value: `model:${each.id}`, label: each.name })) },
    { group: "Random weights", options: (info.architectures ?? architectures).map((name) =>
      ({ value: `architecture:${name}`, label: name })) }] });
  const epochs = number(20, 1, 1000);
  const rate = number(0.001, 0, 1, "any");
  const frozen = h("input", { type: "checkbox" });
  return {
    hint: "Makes an ONNX file that every view here takes; the curves grow while it runs.",
    element: h("div", { class: "v-bar" }, data, beginning, field("Epochs", epochs), field("Learning rate", rate),
      h("label", { class: "v-check" }, frozen, "Train the new head only")),
    request: () => {
      const [kind, id] = beginning.value.split(/:(.*)/s);
      return { kind: "train", data: data.value, [kind]: id, epochs: Number(epochs.value), learningRate: Number(rate.value),
        ...(kind === "model" && { freezeTrunk: frozen.checked }) };
    },
  };
}
