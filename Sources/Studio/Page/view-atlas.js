/**
 * The atlas: a catalogue's sounds on a plane, near each other where a layer hears them as alike.
 *
 * A pointer's rest plays a sound, a click opens it, a lasso makes a list; filters dim what does not match. All of it is in the
 * address: catalogue, layer, colours, filter, view, lasso.
 */
import { h, fill, setTitle, announce, onAppearance } from "./dom.js";
import { getJSON, send, address, isAbort } from "./api.js";
import { button, menu, notice, segmented, toast } from "./controls.js";
import { count, duration } from "./format.js";
import { urlState } from "./state.js";
import { bindKeys } from "./keyboard.js";
import { PointMap } from "./atlas-map.js";
import { Listener } from "./atlas-listen.js";
import { colouring, legend } from "./atlas-colour.js";
import { lassoList, soundList } from "./atlas-list.js";
import { nearPanel } from "./atlas-near.js";
import { isDark, newest, settled, show, useStyle } from "./views-shared.js";

const defaults = {
  catalogue: "", layer: "", method: "tsne", colour: "class", channel: 0, q: "", only: "", near: "", at: [], lasso: [], pick: [],
  focus: -1, quiet: false,
};

export async function mount(root, { signal, navigate }) {
  setTitle("Atlas");
  // Asked anew: runs make catalogues.
  const [info] = await Promise.all([getJSON("", { signal }), useStyle("views", "atlas")]);
  if (!info.catalogues.length) return fill(root, noCatalogue(info));
  const state = urlState(defaults, { signal });
  const catalogue = () => info.catalogues.find((each) => each.id === state.value.catalogue) ?? info.catalogues[0];
  const places = layout();
  fill(root, places.page);
  let [map, unit, colours, neighbours, points] = [null, null, null, null, null];
  const slots = { map: {}, unit: {} };

  const listener = new Listener((i) => address(`/catalogues/${catalogue().id}/sounds/${map.points[i].index}/audio`), signal);
  const play = (i, rest) => listener.play(i, { rest, ended: (error) => tell(error?.message) });
  const actions = {
    play: (i) => play(i, 0),
    frame: (indices) => points.frame(indices),
    focus: (i) => { points.focusOn(i); places.canvas.scrollIntoView({ block: "nearest" }); },
    async open(i) {
      places.status.textContent = `Opening ${map.points[i].name}…`;
      try {
        const clip = await send("POST", `/catalogues/${catalogue().id}/sounds/${map.points[i].index}/clip`, null, { signal });
        state.flush();
        navigate(`/clips/${clip.id}`);
      } catch (error) {
        if (isAbort(error)) return;
        fill(places.trouble, notice(error, { dismiss: () => {} }));
        tell();
      }
    },
  };

  points = new PointMap(places.canvas, {
    hover(i) {
      showTip(i);
      if (!state.value.quiet) play(i);
    },
    open(i, kind) {
      // A finger cannot hover: its first tap shows and plays, the card opens.
      if (kind === "touch") points.focusOn(i);
      else actions.open(i);
    },
    focus(i) {
      state.set({ focus: i }, { push: false });
      showCard();
      if (i < 0) return;
      const point = map.points[i];
      announce([point.name, point.class, duration(point.seconds)].filter(Boolean).join(", "));
      if (!state.value.quiet) play(i);
    },
    pick: (i) => togglePick(i),
    outline: (polygon) => state.set({ lasso: polygon.length > 2 ? polygon.flat() : [] }),
    view: (view) => state.set({ at: [view.x, view.y, view.zoom] }, { push: false }),
  });
  signal.addEventListener("abort", () => points.close());

  function togglePick(i) {
    const pick = new Set(state.value.pick);
    if (!pick.delete(i)) pick.add(i);
    state.set({ pick: [...pick] });
  }

  async function loadMap() {
    const own = newest(slots.map, signal);
    const { layer, method } = state.value;
    tell("Loading the map…");
    await show(places.trouble, "", async () => {
      const ask = (name) => getJSON(`/catalogues/${catalogue().id}/map`, { query: { layer: name, method }, signal: own });
      const next = await ask(layer).catch((error) => {
        // A layer of another model, as old links have it: the usual one is shown.
        if (!layer || error.status !== 400) throw error;
        toast(`The catalogue has no layer ‘${layer}’; its usual one is shown`);
        return ask("");
      });
      const isFirst = !map;
      map = next;
      places.layer.setOptions(map.layers.map((name) => ({ value: name, label: name })), map.layer);
      const [x, y, zoom] = state.value.at;
      points.focused = isFirst ? Math.min(state.value.focus, map.points.length - 1) : points.focused;
      points.setPoints(map.points, isFirst && zoom ? { x, y, zoom } : null);
      fill(places.caption, map.caption, Number.isFinite(map.trustworthiness) && !/trustworth/i.test(map.caption)
        && h("span", { title: "1: all neighbours on the map are neighbours to the layer" },
          ` · trustworthiness ${map.trustworthiness.toFixed(3)}`));
      places.canvas.dataset.state = "ready";
      setTitle(`Atlas of ${catalogue().name}`);
      await loadUnit();
      dress();
      return [];
    }, own);
    tell();
  }

  async function loadUnit() {
    unit = null;
    const { colour, channel } = state.value;
    if (colour !== "unit" || !map) return;
    unit = await getJSON(`/catalogues/${catalogue().id}/unit`, { query: { layer: map.layer, channel },
      signal: newest(slots.unit, signal) });
  }

  /** Colours, filters and panels follow the state. */
  function dress() {
    if (!map) return;
    const { colour, only, q, lasso, pick, quiet } = state.value;
    const dark = isDark();
    colours = colouring(map, colour, unit, dark);
    points.colours = colours.colours;
    const word = q.trim().toLowerCase();
    // Worked out once: the map asks at each frame.
    const passes = map.points.map((point, i) => (!word || point.name.toLowerCase().includes(word)) && (!only
      || !colours.groups.length || colours.groupOf(i) === only));
    const accepts = (i) => passes[i];
    points.isShown = accepts;
    points.outline = pairs(lasso);
    const listed = [...new Set([...points.index.inside(points.outline).filter(accepts), ...pick])].filter((i) => map.points[i]);
    points.listed = new Set(listed);
    points.marked = new Set(neighbours?.map((each) => each.place) ?? []);
    points.draw();
    fill(places.legend, legend(colours, only, (key) => state.set({ only: key ?? "" }), dark));
    places.channel.hidden = colour !== "unit";
    const remove = pick.length && !lasso.length ? (i) => togglePick(i) : undefined;
    fill(places.list, listed.length ? lassoList(listed, map, { ...actions, remove }, () => state.set({ lasso: [], pick: [] })) : null);
    showCard();
    const shown = map.points.map((_, i) => i).filter(accepts);
    places.count.textContent = shown.length === map.points.length ? count(shown.length, "sound")
      : `${shown.length.toLocaleString("en")} of ${count(map.points.length, "sound")}`;
    places.words.all = shown;
    if (places.words.open) fillWords();
    places.sound.setAttribute("aria-pressed", String(!quiet));
    if (quiet) listener.stop();
  }

  function fillWords() {
    fill(places.words.body, map ? soundList(places.words.all, map, actions, { label: "All sounds that are shown" }) : null);
  }

  function showTip(i) {
    places.tip.hidden = i < 0;
    if (i < 0) return;
    const point = map.points[i];
    const [x, y] = points.toScreen(point.x, point.y);
    fill(places.tip, h("b", {}, point.name), h("span", {}, [point.class, unit && `strength ${unit.values[i].toPrecision(3)}`,
      duration(point.seconds)].filter(Boolean).join(" · ")));
    const isRight = x > places.canvas.clientWidth / 2;
    Object.assign(places.tip.style, {
      left: isRight ? "" : `${x + 16}px`, right: isRight ? `${places.canvas.clientWidth - x + 16}px` : "", top: `${Math.max(4, y - 18)}px`,
    });
  }

  function showCard() {
    const i = points.focused;
    const point = map?.points[i];
    fill(places.card, point && h("section", { class: "atlas-panel", "aria-label": "The chosen sound", "data-test": "atlas-card" },
      h("h2", { class: "atlas-break" }, point.name),
      h("p", { class: "v-hint" }, [point.class, point.group, duration(point.seconds)].filter(Boolean).join(" · ")),
      h("div", { class: "row" },
        button({ label: "Play", symbol: "play", kind: "small", onclick: () => play(i, 0) }),
        button({ label: "Open as a clip", symbol: "picture", kind: "small primary", test: "atlas-open", onclick: () => actions.open(i) }),
        button({ label: "Find alike", symbol: "atlas", kind: "small", test: "atlas-alike",
          onclick: () => state.set({ near: `sound:${point.index}` }) }),
        button({ label: state.value.pick.includes(i) ? "Take off the list" : "Put on the list", kind: "small quiet",
          onclick: () => togglePick(i) }))));
  }

  function tell(text = "") { places.status.textContent = text; }

  function layout() {
    const canvas = h("canvas", {
      class: "atlas-canvas", tabindex: 0, role: "application", "data-test": "atlas", "aria-describedby": "atlas-keys",
      "aria-label": "Map of the catalogue's sounds",
    });
    const search = h("input", { type: "search", value: state.value.q, placeholder: "part of a file name", "data-test": "atlas-search",
      oninput: settled(() => state.set({ q: search.value }, { push: false }), 120, signal),
      onkeydown: (event) => {
        const first = places.words.all?.[0];
        if (event.key === "Enter" && first !== undefined) { canvas.focus(); points.focusOn(first); }
      } });
    const lasso = button({ label: "Lasso", symbol: "paint", key: "l", kind: "small", test: "lasso", "aria-pressed": "false",
      onclick: () => {
      points.isLassoing = !points.isLassoing;
      lasso.setAttribute("aria-pressed", String(points.isLassoing));
      canvas.classList.toggle("lassoing", points.isLassoing);
    } });
    const sound = button({ label: "Hear while pointing", symbol: "volume", kind: "small", key: "m", test: "atlas-sound",
      "aria-pressed": "true",
      onclick: () => state.set({ quiet: !state.value.quiet }, { push: false }) });
    const zoom = [["plus", "Zoom in", "+", () => points.zoomBy(1.5)], ["minus", "Zoom out", "-", () => points.zoomBy(1 / 1.5)],
      ["fit", "Show all", "0", () => points.showAll()]]
      .map(([symbol, label, key, onclick]) => button({ label, symbol, key, text: false, kind: "small", onclick }));
    bindKeys([
      { keys: ["l"], does: "Lasso on or off", run: () => lasso.click() },
      { keys: ["m"], does: "Hear while pointing, on or off", run: () => sound.click() },
      { keys: ["/"], does: "Find by name", run: () => search.focus() },
      { keys: ["Escape"], shown: "Esc", does: "Clear the list", run: () => state.set({ lasso: [], pick: [] }) },
      ...[["← / → / ↑ / ↓", "To the next sound that way"], ["Enter", "Open the sound"], ["Space", "On or off the list"],
        ["+ / −", "Zoom"], ["0", "Show all"],
        ["Shift ←", "Move the map"]].map(([shown, does]) => ({ keys: [], shown, does, group: "On the map" })),
    ], signal);
    const from = menu({ label: "Catalogue", test: "atlas-catalogue", value: catalogue().id,
      options: info.catalogues.map((each) => ({ value: each.id, label: `${each.name} (${each.sounds.toLocaleString("en")})` })),
      onchange: (id) => state.set({ catalogue: id, layer: "", only: "", near: "", lasso: [], pick: [], focus: -1, at: [] }) });
    const layer = menu({ label: "Layer", test: "atlas-layer", onchange: (name) => state.set({ layer: name, lasso: [], at: [] }) });
    const method = segmented({ label: "Way of mapping", value: state.value.method, options: [
      { value: "tsne", label: "t-SNE", title: "Keeps neighbours together" },
        { value: "pca", label: "PCA", title: "The directions of most difference" },
    ], onchange: (value) => state.set({ method: value, lasso: [], at: [] }) });
    const colour = menu({ label: "Colour", test: "atlas-colour", value: state.value.colour,
      onchange: (value) => state.set({ colour: value, only: "" }),
      options: [{ value: "class", label: "by class" }, { value: "cluster", label: "by cluster" },
        { value: "unit", label: "by a unit" }, { value: "likeness", label: "by likeness" }] });
    const number = h("input", { type: "number", min: 0, step: 1, value: state.value.channel, "data-test": "atlas-channel",
      id: "atlas-channel",
      onchange: () => state.set({ channel: Math.max(0, Math.round(Number(number.value) || 0)) }) });
    const channel = h("div", { class: "menu", hidden: true }, h("label", { for: "atlas-channel" }, "Channel"), number);
    const [tip, card, list, legendPlace, near, trouble, status] = ["atlas-tip", "", "", "", "", "",
      "atlas-status"].map((name) => h("div", { class: name }));
    tip.hidden = true;
    const body = h("div", {});
    const words = h("details", { class: "atlas-words", "data-test": "atlas-words", ontoggle: () => words.open && fillWords() },
      h("summary", {}, "All shown sounds as a list"), body);
    words.body = body;
    const tally = h("strong", { "data-test": "atlas-count", "aria-live": "polite" });
    const caption = h("p", { class: "atlas-caption v-hint" });
    const page = h("div", { class: "v-wide atlas" },
      h("h1", { class: "unseen" }, "Atlas"),
      h("div", { class: "v-bar" }, from, layer, h("div", { class: "menu" }, h("span", { class: "v-label" }, "Map"), method), colour,
        channel,
        h("div", { class: "menu atlas-find" }, h("label", { for: "atlas-search" }, "Find by name"),
          Object.assign(search, { id: "atlas-search" })), tally),
      trouble,
      h("div", { class: "atlas-stage" },
        h("div", { class: "atlas-map" }, canvas, tip, h("div", { class: "atlas-tools" }, lasso, sound, zoom), status),
        h("aside", { class: "atlas-side", "aria-label": "About the map" }, card, list,
          h("section", { class: "atlas-panel", "aria-label": "Colours" }, legendPlace), near, caption,
          h("p", { class: "v-hint", id: "atlas-keys" },
            "Rest on a sound to hear it, click to open it. Drag moves, the wheel zooms, Shift and drag lassos. ",
            "Keys: arrows go to the next sound that way, Enter opens it, Space puts it on the list, + and − zoom, 0 shows all, / finds by name."))),
      words);
    return { page, canvas, search, sound, from, layer, method, colour, channel, number, tip, card, list, legend: legendPlace, near,
      trouble, status, words, count: tally, caption };
  }

  const near = nearPanel(places.near, {
    state, signal, actions, map: () => map, catalogue,
    found(next) { neighbours = next; dress(); },
  });

  state.subscribe(async (value, changed) => {
    const has = (...keys) => keys.some((key) => changed.has(key));
    for (const key of ["method", "colour"]) places[key].value = value[key];
    places.from.value = catalogue().id;
    if (document.activeElement !== places.search) places.search.value = value.q;
    places.number.value = value.channel;
    if (has("catalogue", "layer", "method")) { await loadMap(); if (has("catalogue", "layer")) near.refresh(); return; }
    if (has("colour", "channel")) {
      await show(places.trouble, "", async () => { await loadUnit(); return []; }, signal);
    }
    if (has("near")) near.refresh();
    if (has("colour", "channel", "q", "only", "lasso", "pick", "quiet")) dress();
  });
  onAppearance(dress, signal);
  await loadMap();
  near.refresh();
}

function pairs(numbers) {
  return Array.from({ length: Math.floor(numbers.length / 2) }, (_, k) => [numbers[2 * k], numbers[2 * k + 1]]);
}

function noCatalogue(info) {
  return h("div", { class: "page" }, h("h1", {}, "Atlas"),
    h("p", {}, "An atlas shows the sounds of a catalogue. This studio was started without one."),
    h("ol", { class: "v-steps" },
      h("li", {}, "Index a folder of sounds: ", h("code", {}, "otoscope index sounds/ --output sounds.catalogue")),
      h("li", {}, "Start the studio with it: ", h("code", {}, "otoscope serve sounds.catalogue"))),
    info.dataSets?.length > 0 && h("p", {}, h("a", { href: "/runs?start=index" }, "Or make one here from a data set of this studio.")));
}
