/**
 * Finding by sound: what in the catalogue lies nearest to a clip, or to what was just recorded.
 */
import { h, fill } from "./dom.js";
import { getJSON, isAbort, upload } from "./api.js";
import { button, menu, notice } from "./controls.js";
import { studio } from "./studio.js";
import { soundList } from "./atlas-list.js";
import { newest, show, useStyle } from "./views-shared.js";

/**
 * @param {HTMLElement} place
 * @param {{state, signal, actions, map: () => object, catalogue: () => object, found: (?{place, distance}[]) => void}} view
 * @returns {{refresh: () => Promise}} `refresh` asks again, after another clip, layer or catalogue
 */
export function nearPanel(place, { state, signal, actions, map, catalogue, found }) {
  const slot = {};
  const clips = menu({ label: "Nearest to", test: "atlas-near", onchange: (id) => state.set({ near: id }) });
  const [list, recorder] = [h("div", {}), h("div", {})];
  fill(place, h("section", { class: "atlas-panel atlas-near", "aria-label": "Find by sound" }, clips,
    h("div", { class: "row" }, button({ label: "Record and find", symbol: "mic", kind: "small", test: "atlas-record",
      onclick: record })), recorder, list));

  /** A recording becomes a clip, so that its link stays good. */
  async function record() {
    const fail = (error) => !isAbort(error) && fill(recorder, notice(error, { dismiss: () => {} }));
    if (recorder.firstElementChild?.matches(".recorder")) return;
    fill(recorder);
    try {
      const [{ Recorder }, info] = await Promise.all([import("./recorder.js"), studio(), useStyle("view-home")]);
      const taken = new Recorder(recorder, { signal, limit: Math.min(30, info.limits.clipSeconds ?? 30), onError: fail, async onDone(wav) {
        try {
          const now = new Date();
          const local = new Date(now.getTime() - now.getTimezoneOffset() * 60_000).toISOString();
          const name = `Recording ${local.slice(0, 19).replace("T", " ").replaceAll(":", ".")}.wav`;
          const clip = await upload("/clips", new Blob([wav], { type: "audio/wav" }), { query: { name }, signal });
          state.set({ near: clip.id });
        } catch (error) { fail(error); }
      } });
      await taken.start();
    } catch (error) {
      fail(error);
    }
  }

  async function refresh() {
    const own = newest(slot, signal);
    const { near, layer } = state.value;
    await show(list, near ? "Looking for what sounds alike…" : "", async () => {
      const known = (await getJSON("/clips", { signal: own })).clips;
      const sound = /^sound:(\d+)$/.exec(near)?.[1];
      const origin = sound && map()?.points.find((point) => String(point.index) === sound);
      clips.setOptions([{ value: "", label: known.length ? "Choose a clip" : "No clips yet" },
        ...(origin ? [{ value: near, label: origin.name }] : []), ...known.map((clip) => ({ value: clip.id, label: clip.name }))], near);
      if (!near || !map()) { found(null); return []; }
      const answer = await getJSON(`/catalogues/${catalogue().id}/neighbours`,
        { query: { ...(sound ? { sound } : { clip: near }), layer, top: 12 }, signal: own });
      const places = new Map(map().points.map((point, k) => [point.index, k]));
      const neighbours = answer.neighbours.map((each) => ({ ...each, place: places.get(each.index) })).filter((each) =>
        each.place !== undefined);
      found(neighbours);
      return [button({ label: "Zoom to them", symbol: "plus", kind: "small quiet", test: "atlas-zoom-near",
        onclick: () => actions.frame(neighbours.map((each) => each.place)) }),
        soundList(neighbours.map((each) => each.place), map(), actions,
        { distances: new Map(neighbours.map((each) => [each.place, each.distance])), label: "Nearest sounds, with their distances" })];
    }, own);
  }
  return { refresh };
}
