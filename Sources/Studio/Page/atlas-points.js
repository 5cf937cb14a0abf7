/**
 * Drawing tens of thousands of points: each is a small mask of coverage, blended into one picture in memory.
 *
 * The canvas' own circles take ten times as long where no graphics card helps. Masks come in 4 x 4 places between
 * pixels, so that points do not jump while the map glides.
 */
const PHASES = 4;

export class PointPainter {
  #masks = new Map();
  #colours = new Map();
  #probe = null;

  /** @param {HTMLCanvasElement} canvas is filled whole, ground and all */
  constructor(canvas) {
    this.canvas = canvas;
    this.context = canvas.getContext("2d");
  }

  /** Begins a picture of so many device pixels on a ground (a CSS colour). */
  begin(width, height, ground) {
    if (this.canvas.width !== width || this.canvas.height !== height || !this.image) {
      [this.canvas.width, this.canvas.height] = [width, height];
      this.image = this.context.createImageData(width, height);
    }
    const [red, green, blue] = this.#rgb(ground);
    new Uint32Array(this.image.data.buffer).fill(((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0);
  }

  /** Adds a point at device pixels (x, y). */
  add(x, y, radius, colour, opacity) {
    const { width, height, data } = this.image;
    const [left, top] = [Math.floor(x), Math.floor(y)];
    const mask = this.#mask(radius, Math.floor((x - left) * PHASES), Math.floor((y - top) * PHASES));
    const [red, green, blue] = this.#rgb(colour);
    const { side, half, values } = mask;
    for (let row = 0; row < side; row += 1) {
      const py = top - half + row;
      if (py < 0 || py >= height) continue;
      for (let column = 0; column < side; column += 1) {
        const cover = values[row * side + column] * opacity;
        const px = left - half + column;
        if (cover === 0 || px < 0 || px >= width) continue;
        const at = (py * width + px) * 4;
        data[at] += (red - data[at]) * cover;
        data[at + 1] += (green - data[at + 1]) * cover;
        data[at + 2] += (blue - data[at + 2]) * cover;
      }
    }
  }

  /** Shows what was added. */
  end() { this.context.putImageData(this.image, 0, 0); }

  /** How much of each pixel a disc covers that stands at a place between pixels. */
  #mask(radius, phaseX, phaseY) {
    const size = Math.round(radius * 4) / 4;
    const key = (size * 64 + phaseX) * 8 + phaseY;
    let mask = this.#masks.get(key);
    if (mask) return mask;
    const half = Math.ceil(size) + 1;
    const side = 2 * half + 1;
    const values = new Float32Array(side * side);
    const [cx, cy] = [half + (phaseX + 0.5) / PHASES, half + (phaseY + 0.5) / PHASES];
    for (let row = 0; row < side; row += 1) {
      for (let column = 0; column < side; column += 1) {
        const distance = Math.hypot(column + 0.5 - cx, row + 0.5 - cy);
        values[row * side + column] = Math.min(1, Math.max(0, size + 0.5 - distance));
      }
    }
    mask = { side, half, values };
    this.#masks.set(key, mask);
    return mask;
  }

  /** Any CSS colour as red, green and blue: painted once and read back. */
  #rgb(colour) {
    let rgb = this.#colours.get(colour);
    if (rgb) return rgb;
    this.#probe ??= new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
    this.#probe.fillStyle = colour;
    this.#probe.fillRect(0, 0, 1, 1);
    rgb = [...this.#probe.getImageData(0, 0, 1, 1).data.subarray(0, 3)];
    this.#colours.set(colour, rgb);
    return rgb;
  }
}
