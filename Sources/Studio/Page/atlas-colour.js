/**
 * The colours of a map's points, and the legend that explains them: by class, by cluster, by a unit's strength, or by
 * likeness (the map's own colours).
 */
import { h } from "./dom.js";
import { compact } from "./format.js";

/**
 * A colour for the i-th of so many groups, told apart on a light or a dark ground. Hues turn by the golden angle, so that
 * neighbours in the list differ; lightness alternates, so that people who see few hues have a second mark.
 */
export function groupColour(i, isDark) {
  const hue = (i * 137.508 + 25) % 360;
  const lightness = (isDark ? [0.78, 0.68, 0.86] : [0.57, 0.45, 0.63])[i % 3];
  return `oklch(${lightness} ${isDark ? 0.14 : 0.16} ${hue.toFixed(1)})`;
}

const noGroup = (isDark) => (isDark ? "#8b929c" : "#7a7f88");

/** Strengths: the stronger, the farther from the ground, light or dark. */
function strengthColour(share, isDark) {
  const t = Math.max(0, Math.min(1, share));
  const lightness = isDark ? 0.46 + 0.44 * t : 0.86 - 0.5 * t;
  return `oklch(${lightness.toFixed(3)} ${(0.03 + 0.14 * t).toFixed(3)} ${((isDark ? 290 - 210 * t : 460 - 160 * t) % 360).toFixed(0)})`;
}

/**
 * @param {object} map as the server sends it
 * @param {"class"|"cluster"|"unit"|"likeness"} by
 * @param {?{values: number[], name: string}} unit of the colouring by unit
 * @returns {{colours: string[], groups: {key: string, name: string, colour: string, count: number}[], groupOf: (i: number) => string,
 *   range: ?[number, number]}}
 */
export function colouring(map, by, unit, isDark) {
  const { points } = map;
  if (by === "unit" && unit) {
    let [low, high] = [Infinity, -Infinity];
    for (const value of unit.values) [low, high] = [Math.min(low, value), Math.max(high, value)];
    // In steps of 1/48, so that points share their stamps.
    const share = (value) => Math.round(((value - low) / (high - low || 1)) * 48) / 48;
    return {
      colours: unit.values.map((value) => strengthColour(share(value), isDark)), groups: [], groupOf: () => "", range: [low, high],
      name: unit.name,
    };
  }
  if (by === "likeness") return { colours: points.map((p) => p.rgb), groups: [], groupOf: () => "", range: null };
  const keyOf = by === "cluster" ? (i) => String(map.clusters?.[i] ?? -1) : (i) => points[i].class ?? "";
  const counts = new Map();
  for (let i = 0; i < points.length; i++) counts.set(keyOf(i), (counts.get(keyOf(i)) ?? 0) + 1);
  const isNone = (key) => (by === "cluster" ? Number(key) < 0 : key === "");
  const known = by === "cluster" ? [...counts.keys()].sort((a, b) => Number(isNone(a)) - Number(isNone(b)) || Number(a) - Number(b))
    : [...new Set([...(map.classes ?? []), ...counts.keys()])];
  let next = 0;
  const groups = known.filter((key) => counts.has(key)).map((key) => ({
    key, count: counts.get(key), colour: isNone(key) ? noGroup(isDark) : groupColour(next++, isDark),
    name: isNone(key) ? (by === "cluster" ? "in no cluster" : "without a class") : by === "cluster" ? `cluster ${Number(key) + 1}` : key,
  }));
  const colours = new Map(groups.map((group) => [group.key, group.colour]));
  return { colours: points.map((_, i) => colours.get(keyOf(i))), groups, groupOf: keyOf, range: null };
}

/**
 * The legend. Groups are buttons that show one group only; `only` is the key of that one, null for all.
 * @param {(key: ?string) => void} choose
 */
export function legend(colours, only, choose, isDark) {
  if (colours.range) return strengthLegend(colours, isDark);
  if (!colours.groups.length) {
    return h("p", { class: "v-hint" }, "Like colours are alike to the layer: red, green and blue are its first three principal components.");
  }
  return h("ul", { class: "atlas-legend", "aria-label": "Legend" }, colours.groups.map((group) =>
    h("li", {}, h("button", {
      type: "button", class: "atlas-group", "aria-pressed": String(group.key === only), "data-group": group.key,
      onclick: () => choose(group.key === only ? null : group.key),
    }, h("span", { class: "atlas-swatch", style: { background: group.colour }, "aria-hidden": "true" }),
    h("span", { class: "atlas-group-name" }, group.name), h("span", { class: "v-hint" }, group.count.toLocaleString("en"))))));
}

function strengthLegend({ range, name }, isDark) {
  const bar = h("canvas", { width: 240, height: 12, class: "atlas-bar", "aria-hidden": "true" });
  const context = bar.getContext("2d");
  for (let x = 0; x < 240; x += 5) {
    context.fillStyle = strengthColour(x / 235, isDark);
    context.fillRect(x, 0, 5, 12);
  }
  return h("figure", { class: "atlas-strength" }, h("figcaption", {}, name), bar,
    h("div", { class: "atlas-ends" }, h("span", {}, compact(range[0])), h("span", {}, compact(range[1]))));
}
