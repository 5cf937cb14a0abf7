/**
 * The map itself: points that are zoomed, dragged, hovered, walked with arrow keys and lassoed.
 *
 * It draws and tells what happens (`hover`, `open`, `focus`, `pick`, `outline`, `view`); what that means is its owner's matter.
 * Two canvases lie one over the other: the points, drawn again only when these or the view change, and the marks.
 */
import { h, fitCanvas } from "./dom.js";
import { PointIndex, simplified } from "./atlas-index.js";
import { PointPainter } from "./atlas-points.js";

const REACH = 14; // how near a pointer must come to a point, in CSS pixels
const MOST_ZOOM = 400;

export class PointMap {
  /**
   * @param {HTMLCanvasElement} canvas of the marks; it takes pointers and keys, and has its ground's colour from the style sheet
   * @param {object} told `{hover(index), open(index, kind), focus(index), pick(index), outline(polygon), view(view)}`; index is -1 for none
   */
  constructor(canvas, told) {
    [this.canvas, this.told] = [canvas, told];
    this.painter = new PointPainter(h("canvas", { class: "atlas-points", "aria-hidden": "true" }));
    canvas.before(this.painter.canvas);
    this.points = [];
    this.colours = [];
    this.isShown = () => true;
    this.marked = new Set(); // neighbours: ringed
    this.listed = new Set(); // lassoed: the others step back
    [this.hovered, this.focused, this.outline, this.isLassoing] = [-1, -1, [], false];
    this.view = null; // {x, y: the middle in map units, zoom: 1 shows all}
    this.pointers = new Map();
    this.listen();
    this.watcher = new ResizeObserver(() => this.draw());
    this.watcher.observe(canvas);
  }

  /** New points; `view` null shows all of them. */
  setPoints(points, view) {
    this.points = points;
    this.index = new PointIndex(points.map((p) => p.x), points.map((p) => p.y));
    [this.hovered, this.focused] = [-1, Math.min(this.focused, points.length - 1)];
    this.view = view ?? { x: (this.index.box.left + this.index.box.right) / 2, y: (this.index.box.bottom + this.index.box.top) / 2,
      zoom: 1 };
    this.draw();
  }

  close() { this.watcher.disconnect(); cancelAnimationFrame(this.pending); clearTimeout(this.glide); }

  /** CSS pixels a map unit. */
  get scale() {
    const box = this.index.box;
    const [w, h] = [this.canvas.clientWidth, this.canvas.clientHeight];
    const fit = Math.min((w - 40) / (box.right - box.left || 1), (h - 116) / (box.top - box.bottom || 1));
    return Math.max(fit, 1e-9) * this.view.zoom;
  }

  toScreen(x, y) {
    const k = this.scale;
    return [this.canvas.clientWidth / 2 + (x - this.view.x) * k, this.canvas.clientHeight / 2 - (y - this.view.y) * k];
  }

  toMap(px, py) {
    const k = this.scale;
    return [this.view.x + (px - this.canvas.clientWidth / 2) / k, this.view.y - (py - this.canvas.clientHeight / 2) / k];
  }

  /** Draws before the next frame: all, or the marks alone. */
  draw(isAll = true) {
    this.isStale ||= isAll;
    this.pending ||= requestAnimationFrame(() => {
      this.pending = 0;
      if (!this.index || !this.canvas.clientWidth) return;
      if (this.isStale) this.paintPoints();
      this.isStale = false;
      this.paintMarks();
    });
  }

  paintPoints() {
    const ratio = window.devicePixelRatio || 1;
    const [w, t] = [this.canvas.clientWidth, this.canvas.clientHeight];
    const { painter, points, colours, listed } = this;
    const [k, radius] = [this.scale * ratio, this.radius() * ratio];
    const [x0, y0] = [(w * ratio) / 2 - this.view.x * k, (t * ratio) / 2 + this.view.y * k];
    painter.begin(Math.round(w * ratio), Math.round(t * ratio), getComputedStyle(this.canvas).getPropertyValue("--card"));
    const [left, top] = this.toMap(-10, -10);
    const [right, bottom] = this.toMap(w + 10, t + 10);
    const add = (i, size, opacity) => painter.add(x0 + points[i].x * k, y0 - points[i].y * k, size, colours[i] ?? "#888", opacity);
    const shown = [];
    this.index.each(left, bottom, right, top, (i) => {
      if (this.isShown(i)) shown.push(i);
      else add(i, radius * 0.8, 0.14);
    });
    for (const i of shown) add(i, radius, listed.size && !listed.has(i) ? 0.3 : 0.9);
    painter.end();
  }

  paintMarks() {
    const [w, t] = [this.canvas.clientWidth, this.canvas.clientHeight];
    this.context = fitCanvas(this.canvas, w, t);
    this.context.clearRect(0, 0, w, t);
    const ink = getComputedStyle(this.canvas).color;
    const radius = this.radius();
    for (const i of this.marked) this.ring(i, radius + 2.5, ink, 1.8);
    if (this.focused >= 0) { this.ring(this.focused, radius + 7, ink, 2); this.ring(this.focused, radius + 4, ink, 1); }
    if (this.hovered >= 0 && this.hovered !== this.focused) this.ring(this.hovered, radius + 4, ink, 2);
    this.paintOutline(ink);
  }

  /** Small where there are many, larger as one comes nearer. */
  radius() {
    const area = this.canvas.clientWidth * this.canvas.clientHeight;
    const even = Math.sqrt(area / Math.max(1, this.points.length)) / 5;
    return Math.min(6 + Math.min(4, Math.log2(Math.max(1, this.view.zoom))), Math.max(2.2, even * Math.sqrt(this.view.zoom) ** 0.7));
  }

  ring(i, radius, colour, width) {
    const [px, py] = this.toScreen(this.points[i].x, this.points[i].y);
    this.context.strokeStyle = colour;
    this.context.lineWidth = width;
    this.context.beginPath();
    this.context.arc(px, py, radius, 0, 7);
    this.context.stroke();
  }

  paintOutline(ink) {
    if (this.outline.length < 2) return;
    const { context } = this;
    context.beginPath();
    this.outline.forEach(([x, y], k) => (k ? context.lineTo(...this.toScreen(x, y)) : context.moveTo(...this.toScreen(x, y))));
    context.closePath();
    context.globalAlpha = 0.08;
    context.fillStyle = ink;
    context.fill();
    context.globalAlpha = 1;
    context.setLineDash([5, 4]);
    [context.strokeStyle, context.lineWidth] = [ink, 1.5];
    context.stroke();
    context.setLineDash([]);
  }

  /** Makes the view so that a point can be seen, and puts the keyboard's mark on it. */
  focusOn(i, isTold = true) {
    this.focused = i;
    if (i >= 0) {
      const [px, py] = this.toScreen(this.points[i].x, this.points[i].y);
      const [w, h] = [this.canvas.clientWidth, this.canvas.clientHeight];
      if (px < 30 || py < 30 || px > w - 30 || py > h - 30) this.moveTo({ ...this.view, x: this.points[i].x, y: this.points[i].y });
    }
    this.draw(false);
    if (isTold) this.told.focus(i);
  }

  zoomBy(factor, px = this.canvas.clientWidth / 2, py = this.canvas.clientHeight / 2) {
    const [x, y] = this.toMap(px, py);
    const zoom = Math.min(MOST_ZOOM, Math.max(0.5, this.view.zoom * factor));
    const kept = this.view.zoom / zoom;
    this.moveTo({ x: x + (this.view.x - x) * kept, y: y + (this.view.y - y) * kept, zoom });
  }

  moveTo(view) {
    this.view = view;
    this.draw();
    clearTimeout(this.glide);
    this.glide = setTimeout(() => this.told.view(view), 250);
  }

  showAll() {
    const box = this.index.box;
    this.moveTo({ x: (box.left + box.right) / 2, y: (box.bottom + box.top) / 2, zoom: 1 });
  }

  /** Comes as near to some points as lets all of them be seen. */
  frame(indices) {
    const [xs, ys] = [indices.map((i) => this.points[i].x), indices.map((i) => this.points[i].y)];
    const [left, right, bottom, top] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
    const whole = this.scale / this.view.zoom;
    const fit = 0.7 * Math.min(this.canvas.clientWidth / (right - left || 1e-9), this.canvas.clientHeight / (top - bottom || 1e-9));
    this.moveTo({ x: (left + right) / 2, y: (bottom + top) / 2, zoom: Math.min(MOST_ZOOM, Math.max(1, fit / whole)) });
  }

  /** The shown point under the pointer; dimmed ones do not answer. */
  at(px, py, reach = REACH) {
    if (!this.index) return -1;
    return this.index.nearest(...this.toMap(px, py), reach / this.scale, this.isShown);
  }

  listen() {
    const { canvas } = this;
    canvas.addEventListener("wheel", (event) => {
      event.preventDefault();
      this.zoomBy(Math.exp(-event.deltaY * (event.deltaMode ? 0.05 : 0.0016)), event.offsetX, event.offsetY);
    }, { passive: false });
    canvas.addEventListener("pointerdown", (event) => this.press(event));
    canvas.addEventListener("pointermove", (event) => this.move(event));
    canvas.addEventListener("pointerup", (event) => this.release(event));
    canvas.addEventListener("pointercancel", (event) => { this.pointers.delete(event.pointerId); this.drag = null; });
    canvas.addEventListener("pointerleave", () => this.hoverOver(-1));
    canvas.addEventListener("keydown", (event) => this.key(event));
  }

  hoverOver(i) {
    if (i === this.hovered) return;
    this.hovered = i;
    this.canvas.style.cursor = this.isLassoing ? "crosshair" : i >= 0 ? "pointer" : "";
    this.told.hover(i);
    this.draw(false);
  }

  press(event) {
    if (event.button > 0 || !this.index) return;
    this.canvas.setPointerCapture(event.pointerId);
    const [px, py] = [event.offsetX, event.offsetY];
    this.pointers.set(event.pointerId, [px, py]);
    const isLasso = this.isLassoing || event.shiftKey;
    this.drag = { px, py, view: this.view, far: 0, lasso: isLasso && this.pointers.size === 1 ? [this.toMap(px, py)] : null };
    if (this.pointers.size === 2) { this.spread = this.spreading(); this.drag.far = 99; }
  }

  move(event) {
    const [px, py] = [event.offsetX, event.offsetY];
    if (!this.pointers.has(event.pointerId)) { this.hoverOver(this.at(px, py)); return; }
    this.pointers.set(event.pointerId, [px, py]);
    if (!this.drag) return;
    if (this.pointers.size === 2) {
      const spread = this.spreading();
      this.zoomBy(spread.width / this.spread.width, spread.x, spread.y);
      const k = this.scale;
      this.moveTo({ ...this.view, x: this.view.x - (spread.x - this.spread.x) / k, y: this.view.y + (spread.y - this.spread.y) / k });
      this.spread = spread;
      return;
    }
    this.drag.far = Math.max(this.drag.far, Math.hypot(px - this.drag.px, py - this.drag.py));
    if (this.drag.far < 5) return;
    this.hoverOver(-1);
    if (this.drag.lasso) {
      this.drag.lasso.push(this.toMap(px, py));
      this.outline = this.drag.lasso;
      this.draw(false);
    } else {
      const k = this.scale;
      this.moveTo({ ...this.view, x: this.drag.view.x - (px - this.drag.px) / k, y: this.drag.view.y + (py - this.drag.py) / k });
    }
  }

  release(event) {
    this.pointers.delete(event.pointerId);
    const drag = this.drag;
    if (this.pointers.size) { this.drag = null; return; }
    this.drag = null;
    if (!drag) return;
    if (drag.lasso && drag.far >= 5) {
      // To a tenth of a pixel in a thousand the outline looks the same and fits into a link.
      this.outline = simplified(drag.lasso, 2.5 / this.scale);
      this.told.outline(this.outline);
    } else if (drag.far < 5) {
      const i = this.at(event.offsetX, event.offsetY, event.pointerType === "mouse" ? REACH : 24);
      if (i >= 0) { this.focused = i; this.told.open(i, event.pointerType); }
    }
    this.draw();
  }

  spreading() {
    const [[ax, ay], [bx, by]] = [...this.pointers.values()];
    return { x: (ax + bx) / 2, y: (ay + by) / 2, width: Math.max(10, Math.hypot(ax - bx, ay - by)) };
  }

  key(event) {
    if (!this.index || event.ctrlKey || event.metaKey || event.altKey) return;
    const ways = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
    const way = ways[event.key];
    if (way && event.shiftKey) {
      const step = this.canvas.clientWidth / 8 / this.scale;
      this.moveTo({ ...this.view, x: this.view.x + way[0] * step, y: this.view.y + way[1] * step });
    } else if (way) {
      const next = this.focused < 0 ? this.index.nearest(this.view.x, this.view.y, Infinity, this.isShown)
        : this.index.towards(this.focused, ...way, this.isShown);
      if (next >= 0) this.focusOn(next);
    } else if (event.key === "Enter" && this.focused >= 0) this.told.open(this.focused, "keyboard");
    else if (event.key === "+" || event.key === "=") this.zoomBy(1.4);
    else if (event.key === "-") this.zoomBy(1 / 1.4);
    else if (event.key === "0") this.showAll();
    else if (event.key === " " && this.focused >= 0) this.told.pick(this.focused);
    else return;
    event.preventDefault();
  }
}
