/** Round marks for axes. */

/** Round multiples of 1, 2 or 5 times a power of ten in `[low, high]`, about `wanted` of them. */
export function linearTicks(low, high, wanted = 6) {
  const length = high - low;
  if (!(length > 0)) return [low];
  const raw = length / Math.max(1, wanted);
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].find((each) => each * power >= raw * 0.999) * power;
  return multiples(step, low, high);
}

/** Round times, beyond two minutes at steps that clocks have. Returns `{value, label}`. */
export function timeTicks(low, high, wanted = 7) {
  const length = high - low;
  if (high < 120 || length < 3) {
    const values = linearTicks(low, high, wanted);
    const step = values.length > 1 ? values[1] - values[0] : length;
    const places = Math.max(0, Math.min(4, -Math.floor(Math.log10(step) + 1e-9)));
    return values.map((value) => ({ value, label: value.toFixed(places) }));
  }
  const steps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200];
  const step = steps.find((each) => length / each <= wanted) ?? steps.at(-1);
  const two = (number) => String(number).padStart(2, "0");
  return multiples(step, low, high).map((value) => {
    const whole = Math.round(value);
    const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
    return { value, label: high >= 3600 ? `${hours}:${two(minutes)}:${two(rest)}` : `${Math.floor(whole / 60)}:${two(rest)}` };
  });
}

/**
 * Round frequencies at which labels fit: octaves of 125 Hz, 1-2-5 of every decade or round steps, whichever gives the most
 * labels without crowding. `place(hertz)` is the place on the axis in pixels, `spacing` the least distance.
 */
export function frequencyTicks(low, high, place, spacing) {
  const octaves = Array.from({ length: 12 }, (_, index) => 31.25 * 2 ** index).filter((value) => value >= 125);
  const decades = [10, 100, 1000, 10000].flatMap((decade) => [1, 2, 5].map((digit) => digit * decade));
  const isInside = (value) => value >= low && value <= high;
  const candidates = [octaves, decades, linearTicks(low, high, 5), linearTicks(low, high, 9)]
    .map((values) => apart(values.filter(isInside), place, spacing));
  const evenness = (values) => {
    const gaps = values.slice(1).map((value, index) => Math.abs(place(value) - place(values[index])));
    return gaps.length ? Math.min(...gaps) / Math.max(...gaps) : 0;
  };
  // Even gaps read best; with fewer than three marks there is no scale to read.
  return candidates.reduce((best, values) => {
    const rank = (list) => (list.length >= 3 ? 1 : 0) * 10 + evenness(list) + Math.min(list.length, 8) * 0.06;
    return rank(values) > rank(best) ? values : best;
  });
}

/** Leaves out what is nearer than `spacing` pixels to its upper neighbour. */
function apart(values, place, spacing) {
  const kept = [];
  for (const value of [...values].sort((a, b) => b - a)) {
    if (kept.length === 0 || Math.abs(place(kept.at(-1)) - place(value)) >= spacing) kept.push(value);
  }
  return kept.reverse();
}

function multiples(step, low, high) {
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => Number(((first + index) * step).toPrecision(12)));
}
