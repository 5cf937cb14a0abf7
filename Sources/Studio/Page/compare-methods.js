/**
 * Every method on one sound: small pictures on common axes, loaded one after another, with their figures of faithfulness.
 */
import { h, svg, fill, setProps } from "./dom.js";
import { getBytes, getPack, isAbort } from "./api.js";
import { button, linkButton, notice, progress, segmented } from "./controls.js";
import { compact } from "./format.js";
import { Spectrogram } from "./spectrogram.js";
import { findJob, follow, isActive, startJob } from "./runs-follow.js";
import { sorted, sortedTable } from "./views-table.js";
import { span } from "./views-shared.js";

const columns = [
  { key: "title", title: "Method" }, { key: "family", title: "Family" },
  { key: "deletion", title: "Deletion", better: "low", format: (value, row) => [spark(row.deletionCurve), compact(value)],
    hint: "Area under the class's score while the shown bins are removed, most important first" },
  { key: "insertion", title: "Insertion", better: "high", format: (value, row) => [spark(row.insertionCurve), compact(value)],
    hint: "The same while they are inserted" },
  { key: "faithfulness", title: "Faithfulness", better: "high", hint: "Insertion less deletion" },
  { key: "seconds", title: "Time", better: "low", format: span },
];

/** The score after each step, as a line a word high. */
function spark(values) {
  if (!values?.length) return null;
  const [low, high] = [Math.min(0, ...values), Math.max(1e-9, ...values)];
  const points = values.map((value, k) => `${((k / (values.length - 1 || 1)) * 38 + 1).toFixed(1)},${(13 - ((value - low) / (high - low)) * 12).toFixed(1)}`);
  return svg("svg", { viewBox: "0 0 40 14", width: 40, height: 14, class: "compare-spark", "aria-hidden": "true" },
    svg("polyline", { points: points.join(" ") }));
}

export function methodsMode({ clip, model, target, state, player, timeline, zoom, bar, signal }) {
  const query = (method) => ({ method, target, model: model.id });
  const rows = model.methods.map((method) => ({ ...method, method: method.name }));
  const cards = new Map(rows.map((row) => [row.name, card(row)]));
  const [grid, table, measure] = ["compare-grid", "", "compare-measure"].map((name) => h("div", { class: name }));
  const looks = segmented({ label: "Show", value: state.value.show, kind: "small", test: "compare-show",
    options: [{ value: "pictures", label: "Pictures" }, { value: "table", label: "Table" }],
      onchange: (show) => state.set({ show }, { push: false }) });
  const order = h("div", { class: "select" }, h("select",
    { "aria-label": "Order", "data-test": "compare-sort", onchange: (event) => state.set({ sort: event.target.value }, { push: false }) },
    [["", "In order of families"], ["title", "By name"], ["deletion", "Best deletion first"], ["insertion", "Best insertion first"],
      ["faithfulness", "Most faithful first"], ["seconds", "Fastest first"]]
      .map(([value, text]) => h("option", { value }, text))));
  const original = button({ label: "The whole sound", symbol: "volume", kind: "small", test: "hear-clip",
    onclick: () => player.use("clip") });
  let isMeasured = false;

  function card(row) {
    const host = h("div", { class: "compare-picture" });
    const figures = h("p", { class: "compare-figures v-hint" });
    const hear = button({ label: `Hear what ${row.title} shows`, symbol: "solo", text: false, kind: "small",
      "aria-pressed": "false", disabled: true, onclick: () => hearMethod(row, element) });
    const element = h("figure", { class: "card compare-card", "aria-label": row.title, "data-test": "small-multiple",
      "data-method": row.name, "data-state": "waiting" },
      h("figcaption", {}, h("a", { href: clipLink(clip, row.name, target, model) }, row.title),
        h("span", { class: "v-hint" }, row.family), hear),
      host, figures);
    Object.assign(element, { host, figures, hear, row });
    return element;
  }

  async function hearMethod(row, element) {
    if (player.track === row.name) return player.use("clip");
    try {
      if (!player.has(row.name)) {
        element.hear.setAttribute("aria-busy", "true");
        await player.load(row.name, await getBytes(`/clips/${clip.id}/explanation/heard`, { query: query(row.name), signal }));
      }
      if (signal.aborted) return;
      player.use(row.name);
      if (!player.playing) player.play();
    } catch (error) {
      if (!isAbort(error)) element.append(notice(error, { dismiss: () => {} }));
    } finally {
      element.hear.removeAttribute("aria-busy");
    }
  }

  function arrange() {
    const { sort, show } = state.value;
    order.firstChild.value = sort;
    looks.value = show;
    grid.hidden = show === "table";
    table.hidden = show !== "table";
    const ordered = sorted(rows, columns, sort);
    if (ordered.some((row, k) => grid.children[k] !== cards.get(row.name))) grid.append(...ordered.map((row) => cards.get(row.name)));
    for (const row of rows) {
      fill(cards.get(row.name).figures, columns.filter((column) => column.better && Number.isFinite(row[column.key])).map((column) =>
        h("span", { title: column.hint }, `${column.title.toLowerCase()} `,
          h("b", {}, column.format ? column.format(row[column.key], row) : compact(row[column.key])))));
    }
    fill(table, sortedTable(rows, columns.filter((column) => isMeasured || !["deletion", "insertion", "faithfulness"].includes(column.key)),
      { sort, onsort: (key) => state.set({ sort: key }, { push: false }), caption: "The methods and their figures",
        test: "compare-table" }));
  }

  /** What is in sight comes first; perturbation, which takes many runs of the network, last. */
  function next(waiting) {
    const rank = (row) => {
      const { top, bottom } = cards.get(row.name).getBoundingClientRect();
      return (bottom > 0 && top < window.innerHeight ? 0 : 2) + (row.family === "perturbation" ? 1 : 0);
    };
    const ordered = sorted(rows, columns, state.value.sort).filter((row) => waiting.has(row));
    return ordered.reduce((best, row) => (rank(row) < rank(best) ? row : best));
  }

  async function loadPictures() {
    const sound = await getPack(`/clips/${clip.id}/spectrogram`, { query: { model: model.id }, signal });
    const base = { data: sound.arrays.picture.data, axes: sound.axes, low: sound.low, high: sound.high, unit: sound.unit };
    const waiting = new Set(rows);
    while (waiting.size && !signal.aborted) {
      const row = next(waiting);
      waiting.delete(row);
      const element = cards.get(row.name);
      element.dataset.state = "loading";
      try {
        const pack = await getPack(`/clips/${clip.id}/explanation`, { query: query(row.name), signal });
        const view = new Spectrogram(element.host, { compact: true, timeline, signal, test: "explanation",
          label: `${row.title} for ${pack.target.label}`,
          onSeek: (seconds) => player.seek(seconds), onPitch: (pitch) => zoom.pitched(view, pitch) });
        view.opacity = 1;
        view.setPicture(base);
        view.setOverlay({ data: pack.arrays.attribution.data, axes: pack.axes, limit: pack.limit, quantity: pack.quantity });
        zoom.add(view);
        row.seconds ??= pack.seconds;
        element.hear.disabled = false;
        element.dataset.state = "ready";
      } catch (error) {
        if (isAbort(error) || signal.aborted) return;
        element.dataset.state = "failed";
        fill(element.host, notice(error));
      }
      arrange();
    }
  }

  /** Figures of a comparison that is there already are shown; else a button starts one. */
  async function loadFigures() {
    const request = { kind: "compare", model: model.id, clip: clip.id, target };
    const start = () => button({ label: "Measure their faithfulness", symbol: "check", kind: "small", test: "measure",
      onclick: () => guarded(async () => watch(await startJob(request, signal))) });
    const guarded = async (work) => {
      try { await work(); } catch (error) { if (!isAbort(error)) fill(measure, notice(error), start()); }
    };
    const watch = async (job) => {
      const bar = progress({ label: job.what });
      fill(measure, bar, linkButton({ label: "Its run", kind: "small quiet", href: `/runs/${job.id}` }));
      const ended = isActive(job) ? await follow(job.id, { signal, onJob: (each) =>
        bar.update({ share: each.share, text: `Measures: ${each.what}` }) }) : job;
      if (ended.state !== "done") return fill(measure, ended.error ? notice(ended.error) : null, start());
      for (const found of ended.result.methods) {
        const row = rows.find((each) => each.name === found.method);
        if (row) for (const key of ["deletion", "insertion", "faithfulness", "seconds", "deletionCurve",
          "insertionCurve"]) if (found[key] !== undefined && found[key] !== null) row[key] = found[key];
      }
      isMeasured = true;
      fill(measure, h("span", { class: "v-hint" }, "Measured on this sound. ", h("a", { href: `/runs/${ended.id}` }, "The run")));
      arrange();
    };
    await guarded(async () => {
      const known = await findJob(request, signal);
      if (known) await watch(known);
      else fill(measure, start());
    });
  }

  player.subscribe(() => {
    for (const [name, element] of cards) setProps(element.hear, { "aria-pressed": String(player.track === name) });
    original.setAttribute("aria-pressed", String(player.track === "clip"));
  }, signal);
  signal.addEventListener("abort", state.subscribe(arrange));
  arrange();
  const element = h("div", {}, h("div", { class: "v-bar compare-tools" }, bar, original, looks, order, measure), grid, table);
  return { element, run: () => Promise.all([loadPictures(), loadFigures()]) };
}

/** The clip's own page with this method. */
export function clipLink(clip, method, target, model) {
  return `/clips/${clip.id}?${new URLSearchParams({ method, target, model: model.id })}`;
}
