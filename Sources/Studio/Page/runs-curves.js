/**
 * Curves that grow while a job runs: a chart for each quantity (loss, accuracy, ..), its series told apart by colour, dash and name.
 */
import { h, svg, fill, onResize } from "./dom.js";
import { compact } from "./format.js";
import { seriesColors } from "./colors.js";
import { linearTicks } from "./ticks.js";

const margin = { left: 46, right: 12, top: 10, bottom: 26 };
const height = 220;
const dashes = ["", "6 3", "2 3", "8 3 2 3"];

/** An element with `.add({series, x, y})` and `.set({series: [[x, y], ..]})`; `step` is what x counts. */
export function curves(signal, step = "step") {
  const element = h("div", { class: "runs-curves", "data-test": "curves" });
  const all = new Map();
  const charts = new Map();
  let pending = 0;

  const draw = () => {
    pending = 0;
    if (signal.aborted) return;
    // `train loss` and `validation loss` share a chart: the last word says what is measured.
    const quantities = new Map();
    for (const [name, points] of all) {
      const quantity = name.split(/[\s_.-]+/).at(-1);
      quantities.set(quantity, [...(quantities.get(quantity) ?? []), { name, points }]);
    }
    for (const [quantity, series] of quantities) {
      if (!charts.has(quantity)) {
        charts.set(quantity, chart(quantity, step, signal));
        element.append(charts.get(quantity));
      }
      charts.get(quantity).draw(series);
    }
  };
  const soon = () => { pending ||= requestAnimationFrame(draw); };
  element.add = ({ series, x, y }) => {
    if (!all.has(series)) all.set(series, []);
    const points = all.get(series);
    // A stream that was opened again tells its points again.
    if (!points.length || points.at(-1)[0] < x) { points.push([x, y]); soon(); }
  };
  element.set = (next) => {
    for (const [name, points] of Object.entries(next ?? {})) {
      if (points.length >= (all.get(name)?.length ?? 0)) all.set(name, points.map((point) => [...point]));
    }
    soon();
  };
  return element;
}

function chart(quantity, step, signal) {
  const place = h("div", { class: "runs-plot" });
  const reading = h("p", { class: "v-hint runs-reading", "aria-live": "off" });
  const legend = h("ul", { class: "runs-legend" });
  const element = h("figure", { class: "runs-chart", "aria-label": quantity },
    h("figcaption", {}, quantity[0].toUpperCase() + quantity.slice(1)), legend, place, reading);
  let series = [];
  let width = 0;

  const paint = () => {
    const points = series.flatMap((each) => each.points).filter(([, y]) => Number.isFinite(y));
    if (!width || !points.length) return;
    const [xs, ys] = [points.map((p) => p[0]), points.map((p) => p[1])];
    const x0 = Math.min(...xs);
    const x1 = Math.max(...xs) > x0 ? Math.max(...xs) : x0 + 1;
    let [y0, y1] = [Math.min(...ys), Math.max(...ys)];
    if (/accuracy|recall|precision|f1/i.test(quantity)) [y0, y1] = [Math.min(0, y0), Math.max(1, y1)];
    else if (y0 > 0 && y0 < y1 * 0.5) y0 = 0;
    if (y1 - y0 < 1e-12) [y0, y1] = [y0 - 0.5, y1 + 0.5];
    const toX = (x) => margin.left + ((x - x0) / (x1 - x0)) * (width - margin.left - margin.right);
    const toY = (y) => height - margin.bottom - ((y - y0) / (y1 - y0)) * (height - margin.top - margin.bottom);
    const drawing = svg("svg", { viewBox: `0 0 ${width} ${height}`, width, height, role: "img",
      "aria-label": `${quantity}: ${series.map((each) => `${each.name} ${compact(each.points.at(-1)?.[1])}`).join(", ")}` },
    linearTicks(y0, y1, 5).map((y) => svg("g", {}, svg("line",
      { x1: margin.left, x2: width - margin.right, y1: toY(y), y2: toY(y), class: "runs-rule" }),
      svg("text", { x: margin.left - 6, y: toY(y) + 4, "text-anchor": "end" }, compact(y)))),
    linearTicks(x0, x1, Math.max(2, width / 90)).map((x) => svg("text", { x: toX(x), y: height - 8, "text-anchor": "middle" }, compact(x))),
    series.map((each, k) => svg("path", { class: "runs-line", stroke: seriesColors[k % seriesColors.length],
      "stroke-dasharray": dashes[k % dashes.length],
      d: each.points.filter(([, y]) => Number.isFinite(y)).map(([x, y], i) =>
        `${i ? "L" : "M"}${toX(x).toFixed(1)} ${toY(y).toFixed(1)}`).join("") })));
    // A few points are seen as such; the first one is no line yet.
    if (points.length < 100) {
      drawing.append(...series.flatMap((each, k) => each.points.filter(([, y]) => Number.isFinite(y)).map(([x, y]) =>
        svg("circle", { cx: toX(x), cy: toY(y), r: 3, fill: seriesColors[k % seriesColors.length] }))));
    }
    drawing.addEventListener("pointermove", (event) =>
      read(x0 + ((event.offsetX - margin.left) / (width - margin.left - margin.right)) * (x1 - x0)));
    drawing.addEventListener("pointerleave", () => read(Infinity));
    fill(place, drawing);
    fill(legend, series.map((each, k) => h("li", {},
      svg("svg", { width: 26, height: 8, "aria-hidden": "true" }, svg("line",
        { x1: 0, x2: 26, y1: 4, y2: 4, class: "runs-line", stroke: seriesColors[k % seriesColors.length],
        "stroke-dasharray": dashes[k % dashes.length] })),
      each.name)));
    read(Infinity);
  };
  /** The values nearest to x; the last ones where the pointer is elsewhere. */
  const read = (x) => {
    reading.textContent = series.map((each) => {
      const near = each.points.reduce((best, point) => (Math.abs(point[0] - x) < Math.abs(best[0] - x) ? point : best), each.points.at(-1));
      return `${each.name} ${compact(near[1])} at ${step} ${compact(near[0])}`;
    }).join(" · ");
  };
  element.draw = (next) => { series = next; paint(); };
  onResize(place, (w) => { if (w !== width) { width = w; paint(); } }, signal);
  return element;
}
