import { css } from "./dom.js";
import { axisTicks } from "./axis.js";
import { hertzTick } from "./format.js";
import { timeTicks } from "./ticks.js";

/** What pictures over time have in common: the room beside them, their axes, marks on them. */

/**
 * The room left and right of a plot `width` pixels wide; the same for all that share a time axis, so that they line
 * up.
 */
export function gutters(width, isCompact = false) {
  if (isCompact) return { left: 38, right: 8 };
  return width < 560 ? { left: 42, right: 8 } : { left: Math.round(54 * textScale()), right: 14 };
}

/** Large screens are looked at from farther away. */
export const textScale = () => (window.innerWidth >= 3400 ? 1.5 : window.innerWidth >= 2200 ? 1.2 : 1);

export const axisFont = (size = 12) => `${size}px ${css("--font") || "system-ui, sans-serif"}`;

/** The marks and numbers of a time axis under the rectangle `{x, y, width, height}`. */
export function drawTimeAxis(context, [from, to], { x, y, width, height }, { unit = true, size = 12 } = {}) {
  const [ink, line] = [css("--quiet"), css("--edge")];
  context.font = axisFont(size);
  context.textBaseline = "top";
  context.textAlign = "center";
  const bottom = y + height;
  const place = (value) => x + ((value - from) / (to - from)) * width;
  const ticks = timeTicks(from, to, Math.max(2, Math.floor(width / 84)));
  context.strokeStyle = line;
  context.fillStyle = ink;
  context.lineWidth = 1;
  context.beginPath();
  for (const { value } of ticks) {
    const at = Math.round(place(value)) + 0.5;
    context.moveTo(at, bottom);
    context.lineTo(at, bottom + 5);
  }
  context.stroke();
  const name = ticks.some((tick) => tick.label.includes(":")) ? "" : " s";
  ticks.forEach(({ value, label }, index) => {
    const text = unit && index === ticks.length - 1 ? label + name : label;
    const half = context.measureText(text).width / 2;
    // The last label keeps its number under the mark and lets the unit stand beside it.
    const shift = text === label ? 0 : context.measureText(name).width / 2;
    const at = Math.min(place(value) + shift, x + width + 12 - half);
    context.fillText(text, Math.max(at, x - 8 + half), bottom + 8);
  });
}

/** The marks and numbers of a frequency axis left of the rectangle. Positions `[bottom, top]` of the axis fill it. */
export function drawFrequencyAxis(context, axis, [bottom, top], { x, y, width, height },
  { unit = true, size = 12 } = {}) {
  const [ink, line] = [css("--quiet"), css("--edge")];
  context.font = axisFont(size);
  context.textBaseline = "middle";
  context.textAlign = "right";
  context.strokeStyle = line;
  context.fillStyle = ink;
  context.lineWidth = 1;
  const place = (position) => y + height * (1 - (position - bottom) / (top - bottom));
  const ticks = axisTicks(axis, [bottom, top], height, size * 2.3).filter(({ position }) => position >= bottom
    && position <= top);
  context.beginPath();
  for (const { position } of ticks) {
    const at = Math.round(place(position)) + 0.5;
    context.moveTo(x - 5, at);
    context.lineTo(x, at);
  }
  context.stroke();
  ticks.forEach(({ hertz, position }, index) => {
    const at = Math.min(Math.max(place(position), y + size / 2), y + height - size / 2);
    const isTop = unit && index === ticks.length - 1;
    if (isTop && at - y > size * 1.6) {
      context.fillText("Hz", x - 8, Math.max(y + size / 2, at - size * 1.25));
    }
    context.fillText(hertzTick(Math.round(hertz * 100) / 100), x - 8, at);
  });
  if (axis.kind === "bands" && axis.panels.length > 1) drawPanels(context, axis, place, { x, width });
}

/** A line between panels, and their names. */
function drawPanels(context, axis, place, { x, width }) {
  context.font = axisFont(11);
  context.textAlign = "left";
  context.textBaseline = "bottom";
  axis.panels.forEach((panel, index) => {
    const at = place(axis.starts[index] / axis.total);
    if (index > 0) {
      context.fillStyle = css("--stage");
      context.fillRect(x, at - 1, width, 2);
    }
    context.lineWidth = 3;
    context.strokeStyle = "rgb(0 0 0 / .7)";
    context.strokeText(panel.name, x + 6, at - 4);
    context.fillStyle = "#fff";
    context.fillText(panel.name, x + 6, at - 4);
  });
}

/**
 * The outline of a stroke of the brush, as a path of the context. `toX` and `toY` turn seconds and hertz into pixels.
 */
export function strokePath(context, stroke, toX, toY) {
  context.beginPath();
  if (stroke.shape === "box") {
    const [left, right] = stroke.seconds.map(toX);
    const [low, high] = stroke.hertz.map(toY);
    context.rect(left, high, right - left, low - high);
    return;
  }
  for (const [seconds, hertz] of between(stroke.points, stroke.radius)) ellipse(context, seconds, hertz,
    stroke.radius, toX, toY);
}

function ellipse(context, seconds, hertz, radius, toX, toY) {
  const steps = 28;
  for (let step = 0; step <= steps; step += 1) {
    const angle = (step / steps) * 2 * Math.PI;
    const x = toX(seconds + Math.cos(angle) * radius.seconds);
    const y = toY(hertz * 2 ** (Math.sin(angle) * radius.octaves));
    if (step === 0) context.moveTo(x, y);
    else context.lineTo(x, y);
  }
}

/** The points of a painted line, with enough between them that their ellipses make a band. */
function between(points, radius) {
  const result = [];
  points.forEach(([seconds, hertz], index) => {
    if (index > 0) {
      const [before, low] = points[index - 1];
      const octaves = Math.log2(hertz / low);
      const distance = Math.hypot((seconds - before) / radius.seconds, octaves / radius.octaves);
      const steps = Math.min(200, Math.ceil(distance * 3));
      for (let step = 1; step < steps; step += 1) {
        result.push([before + (step / steps) * (seconds - before), low * 2 ** ((step / steps) * octaves)]);
      }
    }
    result.push([seconds, hertz]);
  });
  return result;
}
