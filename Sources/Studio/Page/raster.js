import { bandPosition } from "./axis.js";

/**
 * A grid of values `[frames, bands]` as pictures that can be drawn at any zoom.
 *
 * Values are turned into colours once, into canvases of a pixel a bin; zooming and panning only draw parts of these.
 * Where the grid's bands are not the rows of the axis it is shown on (an explanation in mel bands over a linear
 * spectrum), its rows are interpolated onto the axis first. Seen from afar, the loudest of the frames that share a
 * pixel is kept, so that a click does not vanish.
 */
export class Raster {
  #tiles = new Map();
  #tilesOf = new Map();
  #colors = null;
  #rows = null;

  /**
   * @param data Float32Array or Uint8Array `[frames, bands]`
   * @param axes a pack's axes
   * @param {{low: number, high: number}} range the values at the ends of the colour table
   */
  constructor(data, axes, range) {
    Object.assign(this, { data, axes, range });
    this.frames = axes.frames;
    const bands = axes.panels.reduce((sum, panel) => sum + panel.bands.length, 0);
    /** Whether it is a picture of time only, drawn over the whole height. */
    this.isOfTime = bands < 2 || data.length < 2 * axes.frames;
    this.bands = this.isOfTime ? 1 : bands;
    this.start = axes.start - axes.hop / 2;
    this.hop = axes.hop;
  }

  /** The colours, a table of 256; and the axis the picture is shown on. */
  prepare(colors, axis) {
    this.#colors = colors;
    if (!this.#tilesOf.has(colors)) this.#tilesOf.set(colors, new Map());
    // A few tables at a time: while a slider moves each step brings new ones.
    if (this.#tilesOf.size > 4) this.#tilesOf.delete(this.#tilesOf.keys().next().value);
    this.#tiles = this.#tilesOf.get(colors);
    if (axis !== this.axis) {
      this.axis = axis;
      for (const tiles of this.#tilesOf.values()) tiles.clear();
      this.#rows = rowsFor(this.isOfTime ? [] : this.axes.panels, axis);
    }
  }

  /** The value at seconds and position on the axis, or null beyond the grid. */
  value(seconds, position) {
    const frame = Math.floor((seconds - this.start) / this.hop);
    if (frame < 0 || frame >= this.frames || !this.#rows) return null;
    const { low, count } = this.#rows;
    const row = Math.min(Math.max(Math.floor(position * count), 0), count - 1);
    const band = Math.round(low[row]);
    return band < 0 ? null : this.data[frame * this.bands + band];
  }

  /** The seconds of the frame's middle, and its number. */
  frameAt(seconds) {
    const frame = Math.min(Math.max(Math.floor((seconds - this.start) / this.hop), 0), this.frames - 1);
    return { frame, seconds: this.start + (frame + 0.5) * this.hop };
  }

  /**
   * Draws the seconds `[from, to]` and positions `[bottom, top]` into the rectangle `{x, y, width, height}`.
   */
  draw(context, [from, to], [bottom, top], { x, y, width, height }) {
    if (!this.#rows) return;
    const rows = this.#rows.count;
    const perSecond = width / (to - from);
    const first = (from - this.start) / this.hop;
    const last = (to - this.start) / this.hop;
    const ratio = context.getTransform().a;
    const perPixel = (last - first) / (width * ratio);
    const level = Math.max(0, Math.floor(Math.log2(Math.max(perPixel, 1))));
    const step = 2 ** level;
    // Bins that are large on the screen are shown as the bins they are.
    const isLarge = (this.hop * step * perSecond > 9) && (height / ((top - bottom) * rows) > 9);
    context.save();
    context.beginPath();
    context.rect(x, y, width, height);
    context.clip();
    context.imageSmoothingEnabled = !isLarge;
    context.imageSmoothingQuality = "high";
    const columns = tileColumns * step;
    const rowTop = (1 - top) * rows;
    const rowCount = (top - bottom) * rows;
    for (let tile = Math.max(0, Math.floor(first / columns)); tile * columns < Math.min(last,
      this.frames); tile += 1) {
      const canvas = this.#tile(level, tile);
      const left = x + (this.start + tile * columns * this.hop - from) * perSecond;
      // Only what is in view: browsers blur a picture that is scaled from far beyond it.
      const skipped = Math.max(0, Math.floor((x - left) / (perSecond * this.hop * step)) - 1);
      const wanted = Math.min(canvas.width - skipped, Math.ceil(width / (perSecond * this.hop * step)) + 3);
      if (wanted <= 0) continue;
      const columnWidth = perSecond * this.hop * step;
      context.drawImage(canvas, skipped, rowTop, wanted, rowCount, left + skipped * columnWidth, y,
        wanted * columnWidth, height);
    }
    context.restore();
  }

  /** A canvas of `tileColumns` columns, each the strongest of `2 ** level` frames. */
  #tile(level, index) {
    const key = level * 1e6 + index;
    if (this.#tiles.has(key)) return this.#tiles.get(key);
    const step = 2 ** level;
    const first = index * tileColumns * step;
    const columns = Math.max(1, Math.min(tileColumns, Math.ceil((this.frames - first) / step)));
    const { low, share, count } = this.#rows;
    const canvas = new OffscreenCanvas(columns, count);
    const context = canvas.getContext("2d");
    const image = context.createImageData(columns, count);
    const pixels = new Uint32Array(image.data.buffer);
    const column = new Float32Array(this.bands);
    const scale = 255 / (this.range.high - this.range.low || 1);
    for (let at = 0; at < columns; at += 1) {
      this.#strongest(first + at * step, step, column);
      for (let row = 0; row < count; row += 1) {
        const band = low[row];
        if (band < 0) continue;
        const part = share[row];
        const value = part === 0 ? column[band] : column[band] + part * (column[band + 1] - column[band]);
        const color = (value - this.range.low) * scale;
        pixels[(count - 1 - row) * columns + at] = this.#colors[color > 0 ? (color < 255 ? Math.round(color) : 255)
          : 0];
      }
    }
    context.putImageData(image, 0, 0);
    this.#tiles.set(key, canvas);
    return canvas;
  }

  /** Of `step` frames from `first`, each band's value that is farthest from zero where signed, else the largest. */
  #strongest(first, step, column) {
    const { data, bands } = this;
    const isSigned = this.range.low < 0 && this.range.high > 0 && this.range.low === -this.range.high;
    const end = Math.min(first + step, this.frames);
    for (let band = 0; band < bands; band += 1) {
      let best = data[first * bands + band];
      for (let frame = first + 1; frame < end; frame += 1) {
        const value = data[frame * bands + band];
        if (isSigned ? Math.abs(value) > Math.abs(best) : value > best) best = value;
      }
      column[band] = best;
    }
  }
}

const tileColumns = 4096;

/**
 * For each row of the picture, from the bottom: the band below its middle and the share of the next one; −1 where the
 * row lies beyond the bands. Without panels one band fills the height.
 */
function rowsFor(panels, axis) {
  if (panels.length === 0) {
    return { count: 1, low: Int32Array.of(0), share: new Float32Array(1) };
  }
  const total = panels.reduce((sum, panel) => sum + panel.bands.length, 0);
  const isSame = axis.kind === "bands" && axis.panels.length === panels.length
    && axis.panels.every((panel, index) => panel.bands.length === panels[index].bands.length
      && Math.abs(panel.bands[0] - panels[index].bands[0]) <= 1e-3 * (1 + panel.bands[0])
      && Math.abs(panel.bands.at(-1) - panels[index].bands.at(-1)) <= 1e-3 * panel.bands.at(-1));
  if (isSame) return { count: total, low: Int32Array.from({ length: total }, (_, row) => row),
    share: new Float32Array(total) };
  const count = 1024;
  const low = new Int32Array(count);
  const share = new Float32Array(count);
  const { bands } = panels[0];
  const last = bands.length - 1;
  for (let row = 0; row < count; row += 1) {
    const hertz = axis.hertz((row + 0.5) / count);
    const place = bandPosition(bands, hertz);
    const isBeyond = place <= -0.5 || place >= last + 0.5;
    const band = Math.min(Math.max(Math.floor(place), 0), Math.max(0, last - 1));
    low[row] = isBeyond ? -1 : band;
    share[row] = Math.min(Math.max(place - band, 0), 1);
  }
  return { count, low, share };
}
