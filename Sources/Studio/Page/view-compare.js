/**
 * Side by side: all methods on one sound, two models on one sound, two sounds under one model.
 */
import { h, fill, setTitle } from "./dom.js";
import { getBytes, getJSON, isAbort } from "./api.js";
import { button, menu, notice, segmented } from "./controls.js";
import { score } from "./format.js";
import { urlState } from "./state.js";
import { model as modelOf, models as allModels } from "./studio.js";
import { Player } from "./player.js";
import { Timeline } from "./timeline.js";
import { bindKeys } from "./keyboard.js";
import { methodsMode } from "./compare-methods.js";
import { pairMode } from "./compare-pair.js";
import { Zoom } from "./compare-zoom.js";
import { playBar } from "./views-play.js";
import { allClips, clipOptions, meantClip, noClip } from "./views-clip.js";
import { newest, useStyle } from "./views-shared.js";

export async function mount(root, { query, signal, navigate }) {
  setTitle("Compare");
  const [clips, model, models] = await Promise.all([allClips(signal), modelOf(query.model), allModels(), useStyle("views", "compare")]);
  if (!clips.length) return fill(root, noClip("Compare", "Open a sound first; then you see what each method finds in it."));
  const ready = models.filter((each) => each.ready);
  const state = urlState({ model: "", clip: "", clip2: "", model2: "", target: "", method: "", sort: "", show: "pictures",
    view: [] }, { signal });
  const body = h("div", {});
  const slot = {};
  const mode = () => (state.value.model2 ? "models" : state.value.clip2 ? "sounds" : "methods");
  const firstClip = () => meantClip(clips, state.value.clip) ?? clips[0];
  const another = (list, not) => list.find((each) => each.id !== not)?.id ?? "";

  const kind = segmented({ label: "What to compare", value: mode(), test: "compare-kind", options: [
    { value: "methods", label: "Methods" },
    { value: "models", label: "Two models", disabled: ready.length < 2,
      title: ready.length < 2 ? "Add a second model first" : "Two models" },
    { value: "sounds", label: "Two sounds", disabled: clips.length < 2,
      title: clips.length < 2 ? "Open a second sound first" : "Two sounds" },
  ], onchange: (value) => state.set({
    model2: value === "models" ? another(ready, model.id) : "", clip2: value === "sounds" ? another(clips, firstClip().id) : "",
      target: "", view: [],
  }) });
  const clipMenu = menu({ label: "Sound", test: "compare-clip", options: clipOptions(clips),
    onchange: (clip) => state.set({ clip, target: "", view: [] }) });
  const second = menu({ label: "And", test: "compare-second", onchange: (id) => state.set(mode() === "models" ? { model2: id }
    : { clip2: id, view: [] }) });
  const target = menu({ label: "Class", test: "target", onchange: (value) => state.set({ target: value }) });
  const method = menu({ label: "Method", test: "method", onchange: (value) => state.set({ method: value }) });
  const trouble = h("div", {});
  fill(root, h("div", { class: "v-wide compare" }, h("h1", { class: "unseen" }, "Compare"),
    h("div", { class: "v-bar" }, h("div", { class: "menu" }, h("span", { class: "v-label" }, "Compare"), kind), clipMenu, second,
      method, target), trouble, body));

  async function refresh() {
    const own = newest(slot, signal);
    const [clip, now] = [firstClip(), mode()];
    kind.value = now;
    clipMenu.value = clip.id;
    second.hidden = now === "methods";
    method.hidden = now === "methods";
    if (now === "models") second.setOptions(ready.filter((each) => each.id !== model.id).map((each) =>
      ({ value: each.id, label: each.name })), state.value.model2);
    if (now === "sounds") second.setOptions(clipOptions(clips), state.value.clip2);
    method.setOptions(model.methods.map((each) => ({ value: each.name, label: each.title })), state.value.method || model.defaultMethod);
    fill(trouble);
    fill(body);
    setTitle(`Compare: ${clip.name}`);
    try {
      const other = now === "models" ? await modelOf(state.value.model2) : null;
      const clip2 = now === "sounds" ? clips.find((each) => each.id === state.value.clip2) : null;
      if (now === "sounds" && !clip2) throw Object.assign(new Error("The second sound is not here any more."),
        { remedy: "Choose another one." });
      const scores = await getJSON(`/clips/${clip.id}/scores`, { query: { model: model.id, top: 12 }, signal: own });
      const chosen = state.value.target || String(scores.classes[0]?.index ?? "");
      target.setOptions([...scores.classes.map((each) =>
        ({ value: String(each.index), label: `${each.label} ${score(each.score, scores.isProbability)}` })),
        ...(scores.classes.some((each) => String(each.index) === chosen) ? []
          : [{ value: chosen, label: model.labels?.[chosen] ?? chosen }])], chosen);
      const player = new Player({ signal: own });
      const timeline = new Timeline(Math.max(clip.seconds, clip2?.seconds ?? 0));
      const bar = playBar(player, timeline, own);
      const zoom = new Zoom(state, timeline, own);
      bar.append(button({ label: "Show all of it", symbol: "fit", text: false, kind: "small quiet", test: "show-all",
        onclick: () => zoom.showAll() }));
      const shared = { clip, clip2, model, other, target: chosen, state, player, timeline, zoom, bar, signal: own, scores };
      bindKeys([{ keys: [" ", "p"], shown: "Space / p", does: "Play or pause", run: () => player.toggle() },
        { keys: [], shown: "Ctrl wheel", does: "Zoom all pictures" }], own);
      const view = now === "methods" ? methodsMode(shared) : pairMode(shared);
      fill(body, view.element);
      const sound = getBytes(`/clips/${clip.id}/audio`, { signal: own }).then((bytes) => player.load("clip", bytes));
      await Promise.all([view.run(), sound]);
    } catch (error) {
      if (!isAbort(error) && !own.aborted) fill(trouble, notice(error, { retry: refresh }));
    }
  }
  state.subscribe((value, changed) => {
    // Another model by Back or Forward is another view.
    if (changed.has("model")) return navigate(location.pathname + location.search, { replace: true });
    if (["clip", "clip2", "model2", "target", "method"].some((key) => changed.has(key))) refresh();
  });
  await refresh();
}
