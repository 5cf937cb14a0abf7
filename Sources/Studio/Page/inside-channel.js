/**
 * One channel: its map on axes, what passes through it as sound, where the catalogue excites it most, and what would excite it
 * most of all.
 */
import { h, fill } from "./dom.js";
import { getBytes, getJSON, getPack, isAbort } from "./api.js";
import { button, notice, progress } from "./controls.js";
import { compact, decimal, seconds } from "./format.js";
import { findJob, follow, isActive, startJob } from "./runs-follow.js";
import { maximizedResult } from "./runs-result.js";
import { Spectrogram } from "./spectrogram.js";
import { soundButton } from "./views-sound.js";
import { show, span } from "./views-shared.js";

const FIRST = 6; // excerpts that are shown at once

/** The panel as an element. `maps` is the layer's pack, where it is there already. */
export async function channelPanel({ clip, model, layer, index, maps, player, timeline, signal, label, close, step }) {
  const base = `/clips/${clip.id}/layers/${layer.index}`;
  const isHeld = maps?.channels.some((channel) => channel.index === index);
  const [facts, pack] = await Promise.all([
    getJSON(`${base}/channels/${index}`, { query: { model: model.id }, signal }),
    isHeld ? maps : getPack(`${base}/maps`, { query: { model: model.id, channel: index, order: "index", top: index + 1 }, signal }),
  ]);
  const place = pack.channels.findIndex((channel) => channel.index === index);
  const own = pack.channels[place];
  const { data, shape } = pack.arrays.maps;
  const size = shape[1] * (shape[2] ?? 1);
  const values = data.subarray(place * size, (place + 1) * size);
  const host = h("div", { class: "inside-picture" });
  const view = new Spectrogram(host, { label: `Map of channel ${index} over ${clip.name}`, timeline, signal, test: "channel-map",
    onSeek: (time) => player.seek(time) });
  const hasBands = pack.axes.panels.some((panel) => panel.bands.length > 1);
  if (hasBands) view.setPicture({ data: values, axes: pack.axes, low: 0, high: 255 });
  else await overSound(view, { clip, model, signal }, { data: Float32Array.from(values), axes: pack.axes, limit: 255 });
  const maximized = h("div", { "data-test": "maximized" });
  const element = h("article", { class: "inside-panel", "aria-label": `Channel ${index} of ${layer.name}`, "data-test": "channel",
    "data-channel": index },
    h("header", {}, h("h2", {}, `Channel ${index}`, label && h("span", {}, ` · ${label}`)),
      h("div", { class: "row" },
        button({ label: "Channel before", symbol: "back", text: false, kind: "quiet small", disabled: index === 0,
          onclick: () => step(-1) }),
        button({ label: "Next channel", symbol: "back", text: false, kind: "quiet small inside-next",
          disabled: index >= layer.channels - 1, onclick: () => step(1) }),
        button({ label: "Close", symbol: "close", text: false, kind: "quiet small", key: "Esc", test: "channel-close", onclick: close }))),
    h("div", { class: "inside-about" },
      h("div", {}, host,
        h("p", { class: "v-hint" }, own.limit > 0
          ? `Largest value ${compact(own.limit)}, active on ${Math.round(100 * own.shareActive)} % of its map` : "Silent on this sound",
          facts.descriptor && ` · goes with ${facts.descriptor.name} (rank correlation ${decimal(facts.descriptor.correlation)})`),
        solo(base, index, model, player, signal),
        h("h3", {}, "What would excite it most of all"), maximized),
      h("div", {}, h("h3", {}, "What excites it most in the catalogue"), excerptList(facts.excerpts, signal),
        inAtlas(facts, layer, index))));
  showMaximized(maximized, { model, layer, index, signal });
  return element;
}

/** A channel without frequencies is shown where it belongs in time: over the sound's own picture. */
async function overSound(view, { clip, model, signal }, overlay) {
  const sound = await getPack(`/clips/${clip.id}/spectrogram`, { query: { model: model.id }, signal });
  view.setPicture({ data: sound.arrays.picture.data, axes: sound.axes, low: sound.low, high: sound.high, unit: sound.unit });
  view.opacity = 0.6;
  view.setOverlay(overlay);
}

/** Hears what this channel lets through, in step with the clip: a switch, so that both can be compared while playing. */
function solo(base, index, model, player, signal) {
  const trouble = h("div", {});
  const control = button({ label: "Solo: hear this channel", symbol: "solo", test: "solo", "aria-pressed": "false", onclick: async () => {
    if (player.track === "solo") return player.use("clip");
    fill(trouble);
    try {
      if (!player.has("solo")) {
        control.setAttribute("aria-busy", "true");
        const bytes = await getBytes(`${base}/channels/${index}/solo`, { query: { model: model.id }, signal });
        await player.load("solo", bytes);
        if (signal.aborted) return player.remove("solo");
      }
      player.use("solo");
      if (!player.playing) player.play();
    } catch (error) {
      if (!isAbort(error)) fill(trouble, notice(error));
    } finally {
      control.removeAttribute("aria-busy");
    }
  } });
  player.subscribe(() => control.setAttribute("aria-pressed", String(player.track === "solo")), signal);
  return h("div", { class: "row" }, control, trouble);
}

function excerptList(excerpts, signal) {
  if (!excerpts?.length) {
    return h("p", { class: "v-hint" }, "No catalogue of this model is open. Index sounds with ", h("code", {}, "otoscope index"),
      " and start the studio with the catalogue.");
  }
  const row = (each) => {
    // An address with a query is the excerpt alone; one without is the whole sound.
    const part = each.audio.includes("?") ? {} : { from: each.start, to: each.end };
    return h("li", {}, soundButton(each.audio, `${each.sound} from ${seconds(each.start)}`, { ...part, signal }),
      h("span", { class: "inside-excerpt-name", title: each.sound }, each.sound),
        h("span", { class: "v-hint" }, `${seconds(each.start)} to ${seconds(each.end)} · ${compact(each.value)}`));
  };
  const list = (some) => h("ol", { class: "inside-excerpts" }, some.map(row));
  const more = excerpts.slice(FIRST);
  return h("div", { "data-test": "excerpts" }, list(excerpts.slice(0, FIRST)),
    more.length > 0 && h("details", {}, h("summary", {}, `${more.length} more`), list(more)));
}

/** Where on the map of the catalogue this channel answers. */
function inAtlas({ excerpts }, layer, index) {
  if (!excerpts?.length) return null;
  const query = new URLSearchParams({ catalogue: excerpts[0].catalogue, layer: layer.name, colour: "unit", channel: index });
  return h("p", {}, h("a", { href: `/atlas?${query}`, "data-test": "in-atlas" }, "Where it answers in the atlas"));
}

/** A maximization of this channel that is there already is shown; else a button starts one. */
function showMaximized(place, { model, layer, index, signal }) {
  const request = { kind: "maximize", model: model.id, layer: layer.name, channel: index };
  const watch = async (job) => {
    const bar = progress({ label: job.what || "Waits for its turn", share: job.share });
    fill(place, bar, h("p", { class: "v-hint" }, h("a", { href: `/runs/${job.id}` }, "It also stands under Runs.")));
    const ended = isActive(job) ? await follow(job.id, { signal, onJob: (each) =>
      bar.update({ share: each.share, text: `${each.what}${each.eta ? `, ${span(each.eta)} left` : ""}` }) }) : job;
    if (ended.state === "done") return fill(place, maximizedResult(ended, signal));
    fill(place, ended.error ? notice(ended.error) : h("p", {}, "It was cancelled."), start());
  };
  const guarded = (work) => async () => {
    try { await work(); } catch (error) { if (!isAbort(error)) fill(place, notice(error), start()); }
  };
  const start = () => button({ label: "Find its preferred sound", symbol: "noise", test: "maximize",
    onclick: guarded(async () => watch(await startJob(request, signal))) });
  show(place, "", async () => {
    const known = await findJob(request, signal);
    if (!known) return [start(), h("p", { class: "v-hint" },
      "Gradient ascent on the network's input, made audible. It takes from seconds to a few minutes.")];
    guarded(() => watch(known))();
    return undefined;
  }, signal);
}
