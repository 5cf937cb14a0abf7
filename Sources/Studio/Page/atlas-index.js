/**
 * Where the points of a map lie: a grid of cells, so that a pointer finds its sound among thousands in microseconds.
 *
 * Cells are as large as to hold two points on average; a query looks at rings of cells around it.
 */
export class PointIndex {
  /** @param {ArrayLike<number>} xs @param {ArrayLike<number>} ys coordinates on the map, in its own units */
  constructor(xs, ys) {
    this.xs = Float64Array.from(xs);
    this.ys = Float64Array.from(ys);
    this.count = this.xs.length;
    this.box = boundingBox(this.xs, this.ys);
    const { left, right, bottom, top } = this.box;
    const side = Math.max(right - left, top - bottom) || 1;
    this.cell = side / Math.max(1, Math.ceil(Math.sqrt(this.count / 2)));
    this.columns = Math.floor((right - left) / this.cell) + 1;
    this.rows = Math.floor((top - bottom) / this.cell) + 1;
    // A counting sort by cell: `starts[c]..<starts[c + 1]` of `order` are the points of cell c.
    this.starts = new Uint32Array(this.columns * this.rows + 1);
    const cells = new Uint32Array(this.count);
    for (let i = 0; i < this.count; i++) {
      cells[i] = this.row(this.ys[i]) * this.columns + this.column(this.xs[i]);
      this.starts[cells[i] + 1]++;
    }
    for (let c = 0; c < this.columns * this.rows; c++) this.starts[c + 1] += this.starts[c];
    const next = this.starts.slice();
    this.order = new Uint32Array(this.count);
    for (let i = 0; i < this.count; i++) this.order[next[cells[i]]++] = i;
  }

  column(x) { return clamp(Math.floor((x - this.box.left) / this.cell), 0, this.columns - 1); }
  row(y) { return clamp(Math.floor((y - this.box.bottom) / this.cell), 0, this.rows - 1); }

  /** Calls `visit(index)` for every point whose cell meets the box. */
  each(left, bottom, right, top, visit) {
    const [c0, c1, r0, r1] = [this.column(left), this.column(right), this.row(bottom), this.row(top)];
    for (let r = r0; r <= r1; r++) {
      const end = this.starts[r * this.columns + c1 + 1];
      for (let k = this.starts[r * this.columns + c0]; k < end; k++) visit(this.order[k]);
    }
  }

  /** The point nearest to a place and no farther than `radius`, of those that `accepts`; -1 for none. */
  nearest(x, y, radius, accepts = () => true) {
    let [best, least] = [-1, radius * radius];
    this.each(x - radius, y - radius, x + radius, y + radius, (i) => {
      const d = (this.xs[i] - x) ** 2 + (this.ys[i] - y) ** 2;
      if (d <= least && accepts(i)) [best, least] = [i, d];
    });
    return best;
  }

  /**
   * The next point from `from` towards (dx, dy): the nearest within 60 degrees, where what lies aside counts double.
   * -1 where nothing lies there.
   */
  towards(from, dx, dy, accepts = () => true) {
    const [x, y] = [this.xs[from], this.ys[from]];
    let [best, least] = [-1, Infinity];
    for (let i = 0; i < this.count; i++) {
      const along = (this.xs[i] - x) * dx + (this.ys[i] - y) * dy;
      if (along <= 0 || i === from) continue;
      const aside = Math.abs((this.xs[i] - x) * dy - (this.ys[i] - y) * dx);
      if (aside > 1.74 * along) continue;
      const cost = Math.hypot(along, 2 * aside);
      if (cost < least && accepts(i)) [best, least] = [i, cost];
    }
    return best;
  }

  /** The points inside a polygon `[[x, y], ..]` (even-odd rule), in the order of the map. */
  inside(polygon) {
    if (polygon.length < 3) return [];
    const box = boundingBox(polygon.map((p) => p[0]), polygon.map((p) => p[1]));
    const found = [];
    this.each(box.left, box.bottom, box.right, box.top, (i) => {
      if (isInside(this.xs[i], this.ys[i], polygon)) found.push(i);
    });
    return found.sort((a, b) => a - b);
  }
}

function isInside(x, y, polygon) {
  let inside = false;
  for (let i = 0, j = polygon.length - 1; i < polygon.length; j = i++) {
    const [[xi, yi], [xj, yj]] = [polygon[i], polygon[j]];
    if (yi > y !== yj > y && x < ((xj - xi) * (y - yi)) / (yj - yi) + xi) inside = !inside;
  }
  return inside;
}

function boundingBox(xs, ys) {
  const box = { left: Infinity, right: -Infinity, bottom: Infinity, top: -Infinity };
  for (let i = 0; i < xs.length; i++) {
    box.left = Math.min(box.left, xs[i]);
    box.right = Math.max(box.right, xs[i]);
    box.bottom = Math.min(box.bottom, ys[i]);
    box.top = Math.max(box.top, ys[i]);
  }
  return xs.length ? box : { left: 0, right: 1, bottom: 0, top: 1 };
}

function clamp(value, low, high) { return Math.min(high, Math.max(low, value)); }

/** Leaves out corners of a drawn outline that lie within `tolerance` of the line without them (Douglas and Peucker). */
export function simplified(outline, tolerance) {
  if (outline.length < 4) return outline;
  const [first, last] = [outline[0], outline[outline.length - 1]];
  let [far, most] = [0, -1];
  for (let i = 1; i < outline.length - 1; i++) {
    const d = distance(outline[i], first, last);
    if (d > most) [far, most] = [i, d];
  }
  if (most <= tolerance) return [first, last];
  return [...simplified(outline.slice(0, far + 1), tolerance).slice(0, -1), ...simplified(outline.slice(far), tolerance)];
}

function distance([x, y], [ax, ay], [bx, by]) {
  const length = Math.hypot(bx - ax, by - ay);
  if (!length) return Math.hypot(x - ax, y - ay);
  return Math.abs((bx - ax) * (ay - y) - (ax - x) * (by - ay)) / length;
}
