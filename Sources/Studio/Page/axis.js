import { frequencyTicks } from "./ticks.js";

/**
 * Frequency axes. A position runs from 0 (bottom of the picture) to 1 (top); an axis turns hertz into positions and
 * back.
 *
 * `panels` are those of a pack's axes: `[{name, bands: [centres in hertz, rising], scale, range}]`.
 */

/** Counted in bands: 0 at the lowest centre, between centres linear, half a band beyond the outermost ones. */
export function bandPosition(bands, hertz) {
  const last = bands.length - 1;
  if (last < 1) return hertz < bands[0] ? -0.5 : hertz > bands[0] ? 0.5 : 0;
  let [low, high] = [0, last];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (bands[middle] <= hertz) low = middle;
    else high = middle;
  }
  const position = low + (hertz - bands[low]) / (bands[high] - bands[low]);
  return Math.min(Math.max(position, -0.5), last + 0.5);
}

/** The inverse of `bandPosition`. */
export function bandHertz(bands, position) {
  const last = bands.length - 1;
  if (last < 1) return bands[0];
  const low = Math.min(Math.max(Math.floor(position), 0), last - 1);
  return Math.max(0, bands[low] + (position - low) * (bands[low + 1] - bands[low]));
}

/** The axis on which every band of a picture has the same height; panels lie one above the other. */
export function bandsAxis(panels) {
  const counts = panels.map((panel) => panel.bands.length);
  const total = counts.reduce((sum, count) => sum + count, 0);
  const starts = counts.map((_, index) => counts.slice(0, index).reduce((sum, count) => sum + count, 0));
  const panelAt = (position) => {
    const place = position * total;
    let index = starts.length - 1;
    while (index > 0 && starts[index] > place) index -= 1;
    return index;
  };
  return {
    kind: "bands", panels, starts, total, panelAt,
    /** The name of the panel at a position, where there are several. */
    panelName: (position) => (panels.length > 1 ? panels[panelAt(position)].name : null),
    position: (hertz, panel = 0) => (starts[panel] + bandPosition(panels[panel].bands, hertz) + 0.5) / total,
    hertz: (position) => {
      const panel = panelAt(position);
      return bandHertz(panels[panel].bands, position * total - starts[panel] - 0.5);
    },
  };
}

/** Hertz in equal steps from `low` to `high`. */
export function linearAxis(low, high) {
  return {
    kind: "linear", panels: null, panelName: () => null,
    position: (hertz) => (hertz - low) / (high - low),
    hertz: (position) => low + position * (high - low),
  };
}

/** Octaves of equal height from `low` to `high`. */
export function logAxis(low, high) {
  const octaves = Math.log2(high / low);
  return {
    kind: "log", panels: null, panelName: () => null,
    position: (hertz) => Math.log2(Math.max(hertz, 1e-3) / low) / octaves,
    hertz: (position) => low * 2 ** (position * octaves),
  };
}

/**
 * The labelled frequencies of an axis whose positions `[bottom, top]` fill `height` pixels: `[{hertz, position}]`, at
 * least `spacing` pixels apart.
 */
export function axisTicks(axis, [bottom, top], height, spacing) {
  const scale = height / (top - bottom);
  const ticksBetween = (low, high, toPosition) => frequencyTicks(low, high, (hertz) => toPosition(hertz) * scale,
    spacing)
    .map((hertz) => ({ hertz, position: toPosition(hertz) }));
  if (axis.kind !== "bands" || axis.panels.length === 1) {
    return ticksBetween(axis.hertz(bottom), axis.hertz(top), (hertz) => axis.position(hertz));
  }
  return axis.panels.flatMap((panel, index) => {
    const from = Math.max(bottom, axis.starts[index] / axis.total);
    const to = Math.min(top, (axis.starts[index] + panel.bands.length) / axis.total);
    if (to <= from) return [];
    const inset = (to - from) * 0.02;
    return ticksBetween(axis.hertz(from + inset), axis.hertz(to - inset), (hertz) => axis.position(hertz, index));
  });
}
