/**
 * Sounds of the map as lists: what was lassoed, what lies nearest to a clip, and all that is shown (the map in words).
 */
import { h, announce } from "./dom.js";
import { button, toast } from "./controls.js";
import { compact, count, duration } from "./format.js";
import { csv, downloadText } from "./views-shared.js";

const PAGE = 60; // rows at once; thousands of rows would make the page slow

/**
 * A list of sounds with a player and a link each.
 *
 * @param {number[]} indices of the points, in their order
 * @param {object} map as the server sends it
 * @param {{play(index), open(index), focus(index), remove?(index)}} actions
 * @param {?Map<number, number>} distances of neighbours
 */
export function soundList(indices, map, actions, { distances, label } = {}) {
  const list = h("ol", { class: "atlas-sounds", "aria-label": label });
  const more = button({ label: "", kind: "quiet small", onclick: () => grow() });
  let shown = 0;
  const grow = () => {
    for (const i of indices.slice(shown, shown + PAGE)) list.append(row(i, map, actions, distances));
    shown = Math.min(indices.length, shown + PAGE);
    more.hidden = shown >= indices.length;
    more.textContent = `Show ${Math.min(PAGE, indices.length - shown)} more of ${(indices.length - shown).toLocaleString("en")}`;
  };
  grow();
  return h("div", {}, list, more);
}

function row(i, map, actions, distances) {
  const point = map.points[i];
  return h("li", { "data-index": point.index },
    button({ label: `Play ${point.name}`, symbol: "play", text: false, kind: "quiet small", onclick: () => actions.play(i) }),
    h("div", {}, h("button", { type: "button", class: "atlas-name", onclick: () => actions.focus(i),
      title: `Show ${point.name} on the map` }, point.name),
      h("span", { class: "v-hint" }, [point.class, distances ? `distance ${compact(distances.get(i))}`
        : duration(point.seconds)].filter(Boolean).join(" · "))),
    button({ label: `Open ${point.name} as a clip`, symbol: "picture", text: false, kind: "quiet small", onclick: () => actions.open(i) }),
    actions.remove && button({ label: `Take ${point.name} off the list`, symbol: "close", text: false, kind: "quiet small",
      onclick: () => actions.remove(i) }));
}

/** The lassoed sounds, with ways to take them along. */
export function lassoList(indices, map, actions, clear) {
  const table = () => csv([["index", "name", "class", "seconds", "x", "y"],
    ...indices.map((i) => map.points[i]).map((p) => [p.index, p.name, p.class, p.seconds, p.x, p.y])]);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(indices.map((i) => map.points[i].name).join("\n"));
      toast(`${count(indices.length, "name")} copied`);
    } catch {
      toast("The browser does not let this page copy; download the table instead");
    }
  };
  announce(`${count(indices.length, "sound")} on the list`);
  return h("section", { class: "atlas-panel", "aria-label": "The list", "data-test": "lasso-list", "data-count": indices.length },
    h("h2", {}, count(indices.length, "sound"), " on the list"),
    h("div", { class: "row" },
      button({ label: "Copy names", symbol: "link", kind: "small", test: "lasso-copy", onclick: copy }),
      button({ label: "Table (CSV)", symbol: "download", kind: "small", test: "lasso-csv",
        onclick: () => downloadText(table(), "sounds.csv") }),
      button({ label: "Clear", symbol: "close", kind: "small quiet", test: "lasso-clear", onclick: clear })),
    soundList(indices, map, actions, { label: "Sounds on the list" }));
}
