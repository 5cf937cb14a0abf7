/**
 * Inside the network: its layers as a strip; a layer as a grid of its channels' maps in step with the sound; a channel with what
 * it listens for.
 */
import { h, fill, listen, setProps, setTitle } from "./dom.js";
import { getBytes, getJSON, getPack, isAbort } from "./api.js";
import { button, menu, notice, segmented } from "./controls.js";
import { clock, count } from "./format.js";
import { icon } from "./icons.js";
import { urlState } from "./state.js";
import { model as modelOf, rememberClip } from "./studio.js";
import { Player } from "./player.js";
import { extent, layerStrip, sees } from "./inside-strip.js";
import { mapGrid } from "./inside-grid.js";
import { channelPanel } from "./inside-channel.js";
import { allClips, clipOptions, meantClip, noClip } from "./views-clip.js";
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
  const state = urlState({ layer: "", channel: -1, order: "strength", top: PAGE }, { signal });
  const { layers } = await getJSON(`/models/${model.id}/layers`, { signal });
  if (!layers.length) return fill(root, h("div", { class: "page" }, h("h1", {}, "Inside"), h("p", {}, `${model.name} has no layers that can be looked into.`)));

  const layerNow = () => layers.find((each) => String(each.index) === state.value.layer || each.name === state.value.layer)
    ?? layers.find((each) => each.isConvolution) ?? layers[0];
  // The channels of the last layers are the classes.
  const nameOf = (layer) => (channel) => (layer.channels === model.classes && layer.index >= layers.length - 3 ? model.labels?.[channel] ?? null : null);
  const player = new Player({ signal });
  const playing = playBar(player, clip, signal);
  const [strip, head, maps, channel] = ["inside-nav", "inside-head", "inside-maps", "inside-channel"].map((name) => h("div", { class: name }));
  const slots = { maps: {}, channel: {} };
  let [grid, pack] = [null, null];

  const clipMenu = menu({ label: "Sound", options: clipOptions(clips), value: clip.id, test: "inside-clip",
    onchange: (id) => { state.flush(); navigate(`/inside/${id}${location.search}`); } });
  const layerMenu = menu({ label: "Layer", test: "inside-layer-menu", options: layers.map((each) => ({ value: each.index, label: each.name })),
    onchange: (index) => choose(Number(index)) });
  const choose = (index) => state.set({ layer: String(index), channel: -1, top: PAGE });
  fill(root, h("div", { class: "v-wide inside" }, h("h1", { class: "unseen" }, `Inside ${model.name}`),
    h("div", { class: "v-bar" }, clipMenu, h("div", { class: "inside-only-narrow" }, layerMenu), playing.element),
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

  async function showMaps() {
    const layer = layerNow();
    const own = newest(slots.maps, signal);
    const order = segmented({ label: "Order", value: state.value.order, test: "inside-order", kind: "small", options: [
      { value: "strength", label: "Strongest first" }, { value: "index", label: "By number" },
    ], onchange: (value) => state.set({ order: value }) });
    fill(head, h("h2", {}, layer.name), h("p", { class: "v-hint" }, [layer.kind, extent(layer), sees(layer),
      layer.parameters ? count(layer.parameters, "parameter") : null].filter(Boolean).join(" · ")), order);
    await show(maps, `Computing what ${layer.name} makes of the sound…`, async () => {
      pack = await getPack(`/clips/${clip.id}/layers/${layer.index}/maps`, { query: { model: model.id, order: state.value.order, top: state.value.top }, signal: own });
      grid = mapGrid(pack, { chosen: state.value.channel, choose: (index) => state.set({ channel: index }), nameOf: nameOf(layer) });
      grid.cursor(player.time);
      const left = pack.total - pack.channels.length;
      return [grid, h("p", { class: "row" }, h("span", { class: "v-hint" }, `${pack.channels.length.toLocaleString("en")} of ${count(pack.total, "channel")}. `
        + "Each map is as bright as its own largest value; the bar below it compares channels."),
      left > 0 && button({ label: `Show ${Math.min(left, 2 * PAGE)} more`, kind: "small", test: "inside-more", onclick: () => state.set({ top: state.value.top + 2 * PAGE }) }))];
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
      clip, model, layer, index, maps: grid && pack, player, signal: own, label: nameOf(layer)(index), close: () => state.set({ channel: -1 }),
      step: (by) => state.set({ channel: Math.min(layer.channels - 1, Math.max(0, index + by)) }),
    }), own);
  }

  playing.onTime((time) => {
    grid?.cursor(time);
    channel.firstElementChild?.cursor?.(time);
  });
  state.subscribe((value, changed) => {
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
  listen(window, "keydown", (event) => {
    if (event.target.closest("input, select, textarea, dialog, audio") || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape" && state.value.channel >= 0) state.set({ channel: -1 });
    else if (event.key === " " && !event.target.closest("button, a, summary")) { event.preventDefault(); player.toggle(); }
    else if (event.key === "p") player.toggle();
  }, signal);
  showStrip();
  try {
    await player.load("clip", await getBytes(`/clips/${clip.id}/audio`, { signal }));
  } catch (error) {
    if (isAbort(error)) throw error;
    fill(playing.element, notice(error));
  }
  await showMaps();
  await showChannel();
}

/** Play, pause and the time; tells of the time at each frame while it plays. */
function playBar(player, clip, signal) {
  const subscribers = [];
  const time = h("span", { class: "inside-time", "data-test": "time" }, `${clock(0)} / ${clock(clip.seconds)}`);
  const play = button({ label: "Play", symbol: "play", key: "p", test: "play", kind: "primary", onclick: () => player.toggle() });
  const seek = h("input", { type: "range", min: 0, max: clip.seconds, step: 0.01, value: 0, "aria-label": "Place in the sound", class: "inside-seek",
    oninput: () => player.seek(Number(seek.value)) });
  const tell = () => {
    const now = player.time;
    time.textContent = `${clock(now)} / ${clock(clip.seconds)}`;
    seek.value = now;
    seek.setAttribute("aria-valuetext", `${now.toFixed(1)} seconds`);
    for (const subscriber of subscribers) subscriber(now);
  };
  const run = () => {
    if (signal.aborted) return;
    tell();
    if (player.playing) requestAnimationFrame(run);
  };
  player.subscribe((what) => {
    if (what === "state") {
      play.replaceChild(icon(player.playing ? "pause" : "play"), play.firstChild);
      play.lastChild.textContent = player.playing ? "Pause" : "Play";
    }
    requestAnimationFrame(run);
  }, signal);
  return { element: h("div", { class: "inside-play" }, play, seek, time), onTime: (subscriber) => subscribers.push(subscriber) };
}
