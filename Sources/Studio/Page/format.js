/** Numbers as people read them. */

/** `value` with so many decimals and a true minus sign. */
export function decimal(value, places = 2) {
  return value.toFixed(places).replace("-", "−");
}

/** A time: `1.24 s`, beyond two minutes `3:07.5`. */
export function seconds(value, places = 2) {
  if (Math.abs(value) < 120) return `${decimal(value, places)} s`;
  const whole = Math.floor(value / 60);
  return `${whole}:${decimal(value - whole * 60, 1).padStart(4, "0")}`;
}

/** A time for a clock that must not jump about: `0:01.24`. */
export function clock(value) {
  const shown = Math.max(0, value);
  const minutes = Math.floor(shown / 60);
  return `${minutes}:${(shown - minutes * 60).toFixed(2).padStart(5, "0")}`;
}

/** A length: `6.0 s`, `3:07`. */
export function duration(value) {
  if (value < 60) return `${decimal(value, 1)} s`;
  const whole = Math.round(value);
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (number) => String(number).padStart(2, "0");
  return hours ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}

/** A frequency: `440 Hz`, `2.35 kHz`. */
export function hertz(value) {
  if (value < 100) return `${decimal(value, value < 10 ? 1 : 0)} Hz`;
  if (value < 1000) return `${Math.round(value)} Hz`;
  return `${decimal(value / 1000, 2)} kHz`;
}

/** A frequency on an axis: `440`, `2.5k`. */
export function hertzTick(value) {
  return value < 1000 ? String(Number(value.toPrecision(6))) : `${Number((value / 1000).toPrecision(6))}k`;
}

/** A class's score: a percentage where it is a probability. */
export function score(value, isProbability = true) {
  if (!Number.isFinite(value)) return "–";
  if (!isProbability) return compact(value);
  const percent = value * 100;
  if (percent > 0 && percent < 0.1) return "<0.1 %";
  return `${decimal(percent, percent < 9.95 ? 1 : 0)} %`;
}

/** A number to three significant digits: `0.25`, `−12`, `3.4e−7`. */
export function compact(value) {
  if (!Number.isFinite(value)) return "–";
  if (value === 0) return "0";
  const magnitude = Math.abs(value);
  if (magnitude < 1e-3 || magnitude >= 1e6) return value.toExponential(1).replaceAll("-", "−").replace("e+", "e");
  return String(Number(value.toPrecision(3))).replace("-", "−");
}

/** `1 class`, `521 classes`. */
export function count(number, one, many = `${one}s`) {
  return `${number.toLocaleString("en")} ${number === 1 ? one : many}`;
}

/** A date: today's as a time. */
export function when(text) {
  const date = new Date(text);
  if (Number.isNaN(date.getTime())) return "";
  const isToday = new Date().toDateString() === date.toDateString();
  return isToday
    ? date.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" })
    : date.toLocaleDateString([], { day: "numeric", month: "short", year: "numeric" });
}

/** A rate: `16 kHz`, `44.1 kHz`. */
export const rate = (value) => `${Number((value / 1000).toPrecision(4))} kHz`;
