/**
 * Two explanations side by side on common axes: of two models on one sound, or of one model on two sounds. Zooming one zooms the
 * other; what each has heard can be switched while playing.
 */
import { h, fill } from "./dom.js";
import { getBytes, getJSON, getPack, isAbort } from "./api.js";
import { notice, segmented } from "./controls.js";
import { score } from "./format.js";
import { Spectrogram } from "./spectrogram.js";
import { clipLink } from "./compare-methods.js";

export function pairMode({ clip, clip2, model, other, target, state, player, timeline, zoom, bar, signal }) {
  const isModels = Boolean(other);
  const sides = [
    { clip, model, title: isModels ? model.name : clip.name, track: "heard-1" },
    { clip: clip2 ?? clip, model: other ?? model, title: isModels ? other.name : clip2.name, track: "heard-2" },
  ].map((side) => ({ ...side, host: h("div", { class: "compare-large" }), scores: h("ol", { class: "compare-scores" }),
    note: h("p", { class: "v-hint" }), trouble: h("div", {}) }));
  const tracks = segmented({ label: "What is heard", value: "clip", test: "compare-track", kind: "small",
    onchange: (value) => player.use(value), options: [
    { value: "clip", label: isModels ? "The sound" : clip.name }, ...(isModels ? [] : [{ value: "clip-2", label: clip2.name }]),
    { value: "heard-1", label: `What ${isModels ? model.name : "is heard of the first"}${isModels ? " heard" : ""}` },
    { value: "heard-2", label: `What ${isModels ? other.name : "is heard of the second"}${isModels ? " heard" : ""}` }] });
  async function load(side, k) {
    // Models with other classes are asked by the class's name; where that is unknown, each for its own first class.
    const label = /^\d+$/.test(target) ? model.labels?.[Number(target)] : target;
    const [sound, scores] = await Promise.all([
      getPack(`/clips/${side.clip.id}/spectrogram`, { query: { model: side.model.id }, signal }),
      getJSON(`/clips/${side.clip.id}/scores`, { query: { model: side.model.id, top: 5 }, signal }),
    ]);
    fill(side.scores, scores.classes.slice(0, 5).map((each) => h("li", {}, h("span", {}, each.label),
      h("b", {}, score(each.score, scores.isProbability)),
      scores.isProbability && h("i", { "aria-hidden": "true", style: { "--share": String(Math.max(0, Math.min(1, each.score))) } }))));
    const own = k === 0 || !isModels ? target : side.model.labels?.includes(label) ? String(side.model.labels.indexOf(label)) : "";
    const method = side.model.methods.some((each) => each.name === state.value.method) ? state.value.method : k === 0 || !isModels
      ? model.defaultMethod : sharedMethod();
    const query = { method, target: own, model: side.model.id };
    const pack = await getPack(`/clips/${side.clip.id}/explanation`, { query, signal });
    const view = new Spectrogram(side.host, { timeline, signal, test: "explanation",
      label: `${side.title}: ${pack.title} for ${pack.target.label}`,
      onSeek: (seconds) => player.seek(seconds), onPitch: (pitch) => zoom.pitched(view, pitch) });
    view.setPicture({ data: sound.arrays.picture.data, axes: sound.axes, low: sound.low, high: sound.high, unit: sound.unit });
    view.setOverlay({ data: pack.arrays.attribution.data, axes: pack.axes, limit: pack.limit, quantity: pack.quantity });
    zoom.add(view);
    fill(side.note, `${pack.title} for `, h("b", {}, pack.target.label), ` (${score(pack.target.score, scores.isProbability)}) · `,
      h("a", { href: clipLink(side.clip, method, pack.target.index, side.model) }, "Open"),
        own === "" && " · it has no such class, so its own first one is shown");
    const heard = await getBytes(`/clips/${side.clip.id}/explanation/heard`, { query, signal });
    await player.load(side.track, heard);
    if (!isModels && k === 1) await player.load("clip-2", await getBytes(`/clips/${side.clip.id}/audio`, { signal }));
  }

  const sharedMethod = () => (other.methods.some((each) => each.name === model.defaultMethod) ? model.defaultMethod : other.defaultMethod);

  async function run() {
    await Promise.all(sides.map(async (side, k) => {
      try { await load(side, k); } catch (error) {
        if (!isAbort(error) && !signal.aborted) fill(side.trouble, notice(error));
      }
    }));
  }

  player.subscribe(() => { tracks.value = player.track; }, signal);
  const element = h("div", {}, h("div", { class: "v-bar compare-tools" }, bar, tracks),
    h("div", { class: "compare-pair" }, sides.map((side, k) => h("section",
      { class: "card", "data-test": `side-${k + 1}`, "aria-label": side.title },
      h("h2", {}, side.title), side.note, side.trouble, side.host, side.scores))));
  return { element, run };
}
