/**
 * Inside the network: its layers as a strip; a layer as a grid of its channels' maps in step with the sound; a channel with what
 * it listens for.
 */
import { h, fill, setProps, setTitle } from "./dom.js";
import { getBytes, getJSON, getPack, isAbort } from "./api.js";
import { button, menu, notice, segmented } from "./controls.js";
import { count } from "./format.js";
import { urlState } from "./state.js";
import { model as modelOf, rememberClip } from "./studio.js";
import { Player } from "./player.js";
import { Timeline } from "./timeline.js";
import { bindKeys } from "./keyboard.js";
import { extent, layerStrip, sees } from "./inside-strip.js";
import { mapGrid } from "./inside-grid.js";
import { channelPanel } from "./inside-channel.js";
import { allClips, clipOptions, meantClip, noClip } from "./views-clip.js";
import { playBar } from "./views-play.js";
import { newest, show, useStyle } from "./views-shared.js";

const PAGE = 35; // maps at once

export async function mount(root, { params, query, signal, navigate }) {
  setTitle("Inside");
  const [clips, model] = await Promise.all([allClips(signal), modelOf(query.model), useStyle("views", "inside")]);
  const clip = meantClip(clips, params.id);
  if (!clip && params.id) throw Object.assign(new Error("This clip is not here any more."), { remedy: "Open it again under Sounds." });
  if (!clip) return fill(root, noClip("Inside", "Open a sound first; then you see what each layer of the network makes of it."));
  if (!params.id) return navigate(`/inside/${clip.id}${location.search}`, { replace: true });
  rememberClip(clip.id);
  setTitle(`Inside ${model.name}: ${clip.name}`);
  const state = urlState({ model: "", layer: "", channel: -1, order: "strength", top: PAGE, at: [] }, { signal });
  const { layers } = await getJSON(`/models/${model.id}/layers`, { signal });
  if (!layers.length) return fill(root, h("div", { class: "page" }, h("h1", {}, "Inside"),
    h("p", {}, `${model.name} has no layers that can be looked into.`)));

  const layerNow = () => layers.find((each) => String(each.index) === state.value.layer || each.name === state.value.layer)
    ?? layers.find((each) => each.isConvolution) ?? layers[0];
  // The channels of the last layers are the classes.
  const nameOf = (layer) => (channel) => (layer.channels === model.classes && layers.indexOf(layer) >= layers.length - 3
    ? model.labels?.[channel] ?? null : null);
  const player = new Player({ signal });
  const timeline = new Timeline(clip.seconds);
  if (state.value.at.length === 2) timeline.setRange(...state.value.at);
  timeline.subscribe((what) => what === "range" && state.set({ at: timeline.isWhole ? [] : timeline.range }, { push: false }), signal);
  let [grid, pack] = [null, null];
  const bar = playBar(player, timeline, signal, (time) => grid?.cursor(time));
  const [strip, head, maps, channel] = ["inside-nav", "inside-head", "inside-maps",
    "inside-channel"].map((name) => h("div", { class: name }));
  const slots = { maps: {}, channel: {} };

  const clipMenu = menu({ label: "Sound", options: clipOptions(clips), value: clip.id, test: "inside-clip",
    onchange: (id) => { state.flush(); navigate(`/inside/${id}${location.search}`); } });
  const layerMenu = menu({ label: "Layer", test: "inside-layer-menu", options: layers.map((each) =>
    ({ value: each.index, label: each.name })),
    onchange: (index) => choose(Number(index)) });
  const choose = (index) => state.set({ layer: String(index), channel: -1, top: PAGE });
  fill(root, h("div", { class: "v-wide inside" }, h("h1", { class: "unseen" }, `Inside ${model.name}`),
    h("div", { class: "v-bar" }, clipMenu, h("div", { class: "inside-only-narrow" }, layerMenu), bar),
    h("div", { class: "inside-stage" }, h("nav", { class: "inside-nav-place", "aria-label": "Layers" }, strip),
      h("section", { class: "inside-layer-place", "aria-label": "The layer" }, head, channel, maps))));

  function showStrip(withFocus) {
    const chosen = layerNow();
    fill(strip, layerStrip(layers, { chosen: chosen.index, choose, patchSeconds: model.patchSeconds, rate: model.rate }));
    layerMenu.value = String(chosen.index);
    const current = strip.querySelector("[aria-current]");
    if (current && strip.scrollHeight > strip.clientHeight) strip.scrollTop = current.offsetTop - strip.clientHeight / 3;
    if (withFocus) current?.focus({ preventScroll: true });
  }

  /** A layer with places in time and frequency can be asked where it saw the class. */
  function explain(layer) {
    const method = model.methods.find((each) => each.takesLayer);
    if (!method || layer.frames * layer.bands <= 1) return null;
    const query = new URLSearchParams({ method: method.name, layer: layer.name });
    return h("a", { href: `/clips/${clip.id}?${query}`, "data-test": "explain-layer" }, "Explain at this layer");
  }

  async function showMaps() {
    const layer = layerNow();
    const own = newest(slots.maps, signal);
    const order = segmented({ label: "Order", value: state.value.order, test: "inside-order", kind: "small", options: [
      { value: "strength", label: "Strongest first" }, { value: "index", label: "By number" },
    ], onchange: (value) => state.set({ order: value }) });
    fill(head, h("h2", {}, layer.name), h("p", { class: "v-hint" }, [layer.kind, extent(layer), sees(layer),
      layer.parameters ? count(layer.parameters, "parameter") : null].filter(Boolean).join(" · ")), explain(layer), order);
    await show(maps, `Computing what ${layer.name} makes of the sound…`, async () => {
      pack = await getPack(`/clips/${clip.id}/layers/${layer.index}/maps`,
        { query: { model: model.id, order: state.value.order, top: state.value.top }, signal: own });
      grid = mapGrid(pack, { chosen: state.value.channel, choose: (index) => state.set({ channel: index }), nameOf: nameOf(layer) });
      grid.cursor(player.time);
      const left = pack.total - pack.channels.length;
      return [grid, h("p", { class: "row" }, h("span", { class: "v-hint" },
        `${pack.channels.length.toLocaleString("en")} of ${count(pack.total, "channel")}. `
        + "Each map is as bright as its own largest value; the bar below it compares channels."),
      left > 0 && button({ label: `Show ${Math.min(left, 2 * PAGE)} more`, kind: "small", test: "inside-more",
        onclick: () => state.set({ top: state.value.top + 2 * PAGE }) }))];
    }, own);
  }

  async function showChannel() {
    const own = newest(slots.channel, signal);
    const index = state.value.channel;
    for (const tile of grid?.children ?? []) setProps(tile, { "aria-current": tile.dataset.test === `channel-${index}` ? "true" : null });
    player.remove("solo");
    if (index < 0) return fill(channel);
    const layer = layerNow();
    fill(channel);
    await show(channel, `Asking about channel ${index}…`, () => channelPanel({
      clip, model, layer, index, maps: grid && pack, player, timeline, signal: own, label: nameOf(layer)(index),
        close: () => state.set({ channel: -1 }),
      step: (by) => state.set({ channel: Math.min(layer.channels - 1, Math.max(0, index + by)) }),
    }), own);
  }

  state.subscribe((value, changed) => {
    // Another model by Back or Forward is another view.
    if (changed.has("model")) return navigate(location.pathname + location.search, { replace: true });
    if (changed.has("layer")) showStrip(strip.contains(document.activeElement));
    if (changed.has("layer") || changed.has("order") || changed.has("top")) {
      if (changed.has("layer")) { fill(maps); grid = null; }
      showMaps();
    }
    if (changed.has("layer") || changed.has("channel")) {
      showChannel();
      if (changed.has("channel") && value.channel >= 0) channel.scrollIntoView({ block: "nearest" });
    }
  });
  bindKeys([
    { keys: [" ", "p"], shown: "Space / p", does: "Play or pause", run: () => player.toggle() },
    { keys: ["Escape"], shown: "Esc", does: "Close the channel", run: () => state.set({ channel: -1 }) },
    { keys: ["ArrowUp"], shown: "↑ / ↓", does: "In the strip: layer before, next layer" },
    { keys: ["ArrowLeft"], shown: "← / →", does: "In the grid: to the next map" },
  ], signal);
  showStrip();
  try {
    await player.load("clip", await getBytes(`/clips/${clip.id}/audio`, { signal }));
  } catch (error) {
    if (isAbort(error)) throw error;
    fill(bar, notice(error));
  }
  await showMaps();
  await showChannel();
}
