/**
 * A layer as a grid of its channels' maps, each a small canvas, with one cursor over all of them.
 */
import { h } from "./dom.js";
import { colorTable } from "./colors.js";
import { compact } from "./format.js";

const MOST_COLUMNS = 480; // of a small map; longer sounds keep the largest of neighbouring frames

/**
 * @param {object} pack maps, facts as in the contract
 * @param {{chosen: ?number, choose: (channel: number) => void, nameOf: (channel: number) => ?string}} options
 */
export function mapGrid(pack, { chosen, choose, nameOf }) {
  const { data, shape } = pack.arrays.maps;
  const size = shape[1] * (shape[2] ?? 1);
  // The cursor runs over the frames of the map, which may end before or after the sound does.
  const [start, end] = [pack.axes.start - pack.axes.hop / 2, pack.axes.start + (pack.axes.frames - 0.5) * pack.axes.hop];
  const strongest = Math.max(...pack.channels.map((channel) => channel.strength)) || 1;
  const tiles = pack.channels.map((channel, k) => {
    const name = nameOf(channel.index);
    const words = [`Channel ${channel.index}`, name, channel.limit > 0
      ? `largest ${compact(channel.limit)}, active on ${Math.round(100 * channel.shareActive)} %` : "silent here"].filter(Boolean);
    return h("button", { type: "button", class: `inside-tile${channel.limit > 0 ? "" : " still"}`, "data-test": `channel-${channel.index}`,
      "aria-current": channel.index === chosen ? "true" : null, "aria-label": words.join(", "), title: words.join(", "),
      tabindex: channel.index === chosen || (k === 0 && !pack.channels.some((each) => each.index === chosen)) ? 0 : -1,
        onclick: () => choose(channel.index) },
    h("span", { class: "inside-map" }, drawn(data.subarray(k * size, (k + 1) * size), shape[1], shape[2] ?? 1)),
    h("span", { class: "inside-tile-words" }, h("b", {}, channel.index), h("span", {}, name ?? compact(channel.limit))),
    h("i", { class: "inside-strength", "aria-hidden": "true", style: { "--share": String(Math.max(0, channel.strength) / strongest) } }));
  });
  const grid = h("div", { class: "inside-grid", role: "group", "aria-label": `Channels of ${pack.layer}`, "data-test": "maps",
    "data-state": "ready" }, tiles);
  grid.cursor = (time) => grid.style.setProperty("--at", String(Math.min(1, Math.max(0, (time - start) / (end - start)))));
  grid.addEventListener("keydown", (event) => walk(event, tiles));
  return grid;
}

/** Arrow keys go from tile to tile as the eye does. */
function walk(event, tiles) {
  const at = tiles.indexOf(document.activeElement);
  if (at < 0) return;
  const top = tiles[0].offsetTop;
  const columns = Math.max(1, tiles.findIndex((tile) => tile.offsetTop > top) < 0 ? tiles.length
    : tiles.findIndex((tile) => tile.offsetTop > top));
  const next = { ArrowRight: at + 1, ArrowLeft: at - 1, ArrowDown: at + columns, ArrowUp: at - columns, Home: 0,
    End: tiles.length - 1 }[event.key];
  if (next === undefined || !tiles[next]) return;
  event.preventDefault();
  tiles[at].tabIndex = -1;
  tiles[next].tabIndex = 0;
  tiles[next].focus();
}

/** A map `[frames, bands]` of bytes as a canvas of a pixel a value, low frequencies at the bottom. */
function drawn(values, frames, bands) {
  const table = colorTable("magma");
  const step = Math.ceil(frames / MOST_COLUMNS);
  const columns = Math.ceil(frames / step);
  const rows = bands > 1 ? bands : 24;
  const canvas = h("canvas", { width: columns, height: rows, class: bands > 1 ? null : "bars", "aria-hidden": "true" });
  const context = canvas.getContext("2d");
  const image = context.createImageData(columns, rows);
  const pixels = new Uint32Array(image.data.buffer);
  for (let column = 0; column < columns; column += 1) {
    for (let band = 0; band < bands; band += 1) {
      let value = 0;
      for (let frame = column * step; frame < Math.min(frames, (column + 1) * step); frame += 1) value = Math.max(value,
        values[frame * bands + band]);
      if (bands > 1) pixels[(rows - 1 - band) * columns + column] = table[value];
      // One value a moment: a column as high as it is strong.
      else for (let row = 0; row < rows; row += 1) pixels[(rows - 1 - row) * columns + column] = row < (value / 255) * rows
        ? table[200] : table[0];
    }
  }
  context.putImageData(image, 0, 0);
  return canvas;
}
