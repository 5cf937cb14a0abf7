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
    return { value, label: high >= 3600 ? `${hours}:${two(minutes)}:${two(rest)}`
      : `${Math.floor(whole / 60)}:${two(rest)}` };
  });
}

/**
 * Round frequencies at which labels fit: octaves of 125 Hz, 1-2-5 of every decade or round steps, whichever gives the
 * most labels without crowding. `place(hertz)` is the place on the axis in pixels, `spacing` the least distance.
 */
export function frequencyTicks(low, high, place, spacing) {
  const octaves = Array.from({ length: 12 }, (_, index) => 31.25 * 2 ** index).filter((value) => value >= 125);
  const decades = [10, 100, 1000, 10000].flatMap((decade) => [1, 2, 5].map((digit) => digit * decade));
  const isInside = (value) => value >= low && value <= high;
  const candidates = [octaves, decades, linearTicks(low, high, 5), linearTicks(low, high, 9)]
    .map((values) => apart(values.filter(isInside), place, spacing));
  // The largest stretch without a mark, to the ends of the axis: the smaller, the easier the axis is to read.
  const largestGap = (values) => {
    const places = [low, ...values, high].map(place).sort((a, b) => a - b);
    return Math.max(...places.slice(1).map((value, index) => value - places[index])) - (values.length >= 3 ? 0
      : -1e4);
  };
  return candidates.reduce((best, values) => (largestGap(values) < largestGap(best) * 0.9 ? values : best));
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
  return Array.from({ length: Math.max(0, last - first + 1) }, (_,
    index) => Number(((first + index) * step).toPrecision(12)));
}
