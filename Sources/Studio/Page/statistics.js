import { hertz as hertzText, seconds as secondsText } from "./format.js";

/** Numbers about grids of values. */

/**
 * The magnitude at which an overlay's colours are full: its largest, or, where there are a thousand values other than
 * zero and the largest stands far above the rest (gradients have such outliers), the 99.8 % quantile.
 */
export function overlayLimit(data) {
  let largest = 0;
  let count = 0;
  for (const value of data) {
    if (value === 0) continue;
    count += 1;
    const magnitude = Math.abs(value);
    if (magnitude > largest) largest = magnitude;
  }
  if (largest === 0) return 1;
  if (count < 1000) return largest;
  // A quantile to within a thousandth of the range is enough for a colour; sorting a long clip would take seconds.
  const bins = new Uint32Array(4096);
  for (const value of data) if (value !== 0) bins[Math.min(4095,
    Math.floor((Math.abs(value) / largest) * 4096))] += 1;
  let [left, bin] = [count * 0.002, 4095];
  while (bin > 0 && left >= bins[bin]) {
    left -= bins[bin];
    bin -= 1;
  }
  const strong = ((bin + 1) / 4096) * largest;
  return largest > 1.5 * strong ? strong : largest;
}

/** Where a grid `[frames, bands]` is largest, in words: `1.20 s and 840 Hz`. */
export function peakOf(data, axes) {
  const bands = axes.panels.flatMap((panel) => panel.bands);
  const width = Math.max(1, Math.round(data.length / axes.frames));
  let best = 0;
  for (let index = 1; index < data.length; index += 1) if (Math.abs(data[index]) > Math.abs(data[best])) best = index;
  if (!data.length || data[best] === 0) return null;
  const seconds = axes.start + Math.floor(best / width) * axes.hop;
  return width > 1 ? `${secondsText(seconds)} and ${hertzText(bands[best % width])}` : secondsText(seconds);
}
