/**
 * A small picture on axes: seconds along, hertz up, a cursor over it. For the many pictures of a page where the full
 * spectrogram view would be too much; drawn from the same rasters.
 */
import { h, css, fitCanvas, onAppearance, onResize } from "./dom.js";
import { Raster } from "./raster.js";
import { axisTicks, bandsAxis } from "./axis.js";
import { hertzTick } from "./format.js";
import { timeTicks } from "./ticks.js";

const margin = { left: 40, bottom: 22, top: 6, right: 8 };

/**
 * A picture as a figure element.
 *
 * `layers` are `{data, axes, low, high, table}`, drawn one over the other, on the axis of the first one. Layers without bands
 * (an explanation in time alone) are drawn as a line over the rest. The element has `.draw(layers)`, `.cursor(seconds)`.
 *
 * @param {{label: string, seconds: number, height?: number, onseek?: (seconds: number) => void, signal: AbortSignal}} options
 */
export function picture({ label, seconds, height = 180, onseek, signal }) {
  const canvas = h("canvas", { role: "img", "aria-label": label, style: { height: `${height}px` } });
  const cursor = h("i", { class: "v-cursor", hidden: true });
  const element = h("div", { class: `v-picture${onseek ? " seeks" : ""}` }, canvas, cursor);
  let [axis, drawn] = [null, []];

  const paint = () => {
    const context = fitCanvas(canvas, canvas.clientWidth, height);
    if (!context || !drawn.length) return;
    const area = { x: margin.left, y: margin.top, width: canvas.clientWidth - margin.left - margin.right, height: height - margin.top - margin.bottom };
    if (area.width < 10) return;
    context.clearRect(0, 0, canvas.clientWidth, height);
    context.fillStyle = "#000";
    context.fillRect(area.x, area.y, area.width, area.height);
    for (const { raster, table, layer } of drawn) {
      if (!raster) { line(context, layer, seconds, area); continue; }
      raster.prepare(table, axis);
      raster.draw(context, [0, seconds], [0, 1], area);
    }
    if (axis) labels(context, axis, seconds, area);
    else labels(context, null, seconds, area);
  };

  element.draw = (layers) => {
    const first = layers.find((layer) => bandCount(layer.axes) > 1);
    axis = first ? bandsAxis(first.axes.panels) : null;
    drawn = layers.map((layer) => ({
      layer, table: layer.table,
      raster: bandCount(layer.axes) > 1 ? new Raster(layer.data, layer.axes, { low: layer.low, high: layer.high }) : null,
    }));
    paint();
    element.dataset.state = "ready";
  };
  element.cursor = (time) => {
    cursor.hidden = time === null;
    if (time === null) return;
    const width = canvas.clientWidth - margin.left - margin.right;
    cursor.style.transform = `translateX(${margin.left + (time / seconds) * width}px)`;
  };
  if (onseek) {
    canvas.addEventListener("pointerdown", (event) => {
      const share = (event.offsetX - margin.left) / (canvas.clientWidth - margin.left - margin.right);
      if (share >= 0 && share <= 1) onseek(share * seconds);
    });
  }
  onResize(canvas, paint, signal);
  onAppearance(paint, signal);
  return element;
}

const bandCount = (axes) => axes.panels.reduce((sum, panel) => sum + panel.bands.length, 0);

/** Values over time alone, as a filled line. */
function line(context, { data, axes, high, low }, seconds, area) {
  const top = Math.max(Math.abs(low), Math.abs(high)) || 1;
  const zero = low < 0 ? area.y + area.height / 2 : area.y + area.height;
  const tall = (low < 0 ? area.height / 2 : area.height) * 0.92;
  const count = axes.frames;
  const width = Math.max(1, (axes.hop / seconds) * area.width);
  context.fillStyle = "rgb(252 166 54 / 0.85)";
  for (let k = 0; k < count; k += 1) {
    const x = area.x + ((axes.start - axes.hop / 2 + k * axes.hop) / seconds) * area.width;
    const size = (data[k] / top) * tall;
    context.fillRect(x, Math.min(zero, zero - size), width, Math.abs(size));
  }
}

function labels(context, axis, seconds, area) {
  context.fillStyle = css("--ink-2") || css("--ink") || "#777";
  context.font = `11px ${getComputedStyle(document.body).fontFamily}`;
  context.textAlign = "right";
  context.textBaseline = "middle";
  for (const { hertz, position } of axis ? axisTicks(axis, [0, 1], area.height, 18) : []) {
    const y = area.y + (1 - position) * area.height;
    context.fillRect(area.x - 4, Math.round(y), 4, 1);
    context.fillText(hertzTick(hertz), area.x - 6, Math.min(Math.max(y, area.y + 5), area.y + area.height - 5));
  }
  context.textBaseline = "top";
  context.textAlign = "center";
  const ticks = timeTicks(0, seconds, Math.max(2, Math.floor(area.width / 56)));
  ticks.forEach(({ value, label }, k) => {
    const x = area.x + (value / seconds) * area.width;
    context.fillRect(Math.round(x), area.y + area.height, 1, 4);
    // The last mark names the unit where there is room.
    if (x < area.x + area.width - 14 || k === 0) context.fillText(k === 0 ? `${label} s` : label, Math.max(x, area.x + 10), area.y + area.height + 6);
  });
  if (axis) {
    context.textAlign = "left";
    context.textBaseline = "bottom";
    context.fillText("Hz", 2, area.y + area.height + 18);
  }
}
