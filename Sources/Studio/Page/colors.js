/**
 * Colour maps, as tables of 256 colours packed for a `Uint32Array` over `ImageData` (little-endian: 0xAABBGGRR).
 *
 * `magma` is matplotlib's (Smith and van der Walt, 2015; CC0) and shows sound; `greys` has equal steps of CIE L*;
 * `diverging` is for signed values: dark at zero, blue where negative, orange where positive, equally light at equal
 * magnitude. They are those of Otoscope's figures, kept here as every eighth entry: between, the error is below one
 * step.
 */

const anchors = {
  magma: "0000040303120a0822130d341d114729115a36106b440f7651127c5d177f6a1c81762181832681902a819c2e7faa337db73779c43c75d0416fdc4869e75263ef5d5ef56b5cf9795dfc8961fd9869fea772feb67cfec488fed395fde2a3fcf0b2fcfdbf",
  inferno: "0000040403120b0724150b37210c4a2f0a5b3d09654a0c6b57106e64156e71196e7d1e6d8a226a972766a32c61b0315bbc3754c73e4cd24644db503be45a31eb6628f1731df68013f98e09fb9d07fcac11fbbc21f9cb35f5db4cf2ea69f3f68afcffa4",
  greys: "0000000b0b0b1414141a1a1a2121212727272e2e2e3535353c3c3c4343434a4a4a5151515959596060606868687070707777777f7f7f878787909090989898a0a0a0a8a8a8b1b1b1b9b9b9c2c2c2cbcbcbd3d3d3dcdcdce5e5e5eeeeeef7f7f7ffffff",
  diverging: "caddffb8d0f8a4c2f38eb6ef78a9ea639ce25290d64583c63c76b5356aa32f5e9128527f21476e1e3b5c23304221252c1c1c1c31231d48281a632b10753213883a169a431aad4c1ec05523d1602be06d38ea7d4bf18f62f4a17cf7b395fbc4acffd3c0",
};

/** The 33 anchors of a map as `[red, green, blue]`. */
function anchorsOf(name) {
  const digits = anchors[name];
  return Array.from({ length: digits.length / 6 }, (_, index) =>
    [0, 2, 4].map((start) => parseInt(digits.slice(index * 6 + start, index * 6 + start + 2), 16)));
}

/** The colour of `name` at `position` in 0…1, as `[red, green, blue]`. */
export function colorAt(name, position) {
  return between(anchorsOf(name), Math.min(Math.max(position, 0), 1));
}

/** Packs a colour and an opacity in 0…1. */
export function packed([red, green, blue], opacity = 1) {
  return ((Math.round(opacity * 255) << 24) | (blue << 16) | (green << 8) | red) >>> 0;
}

const tables = new Map();

/**
 * The table of a map. `dim` is `greys` from black to a middle grey: it leaves the light to the colours drawn over it.
 */
export function colorTable(name) {
  if (!tables.has(name)) {
    const table = new Uint32Array(256);
    for (let step = 0; step < 256; step += 1) {
      table[step] = packed(name === "dim" ? colorAt("greys", 0.03 + 0.57 * (step / 255)) : colorAt(name, step / 255));
    }
    tables.set(name, table);
  }
  return tables.get(name);
}

/**
 * The table of an overlay: 256 steps from −1 (step 0) by 0 (step 128) to 1 (step 255); its opacity rises with the
 * magnitude and is 0 below `threshold` (0…1 of the largest magnitude). The overlay's own opacity comes on top when it
 * is drawn.
 */
export function overlayTable(threshold = 0) {
  const table = new Uint32Array(256);
  for (let step = 0; step < 256; step += 1) {
    const value = Math.max(-1, (step - 128) / 127);
    const magnitude = Math.abs(value);
    if (magnitude <= threshold || magnitude === 0) continue;
    const opacity = 1.1 * magnitude ** 1.3;
    const color = value > 0 ? between(ember, magnitude) : between(ice, magnitude);
    table[step] = packed(color, Math.min(1, opacity));
  }
  return table;
}

/**
 * The tables a spectrogram needs for an explanation: `lit` lets the coloured sound through where it speaks for the
 * class, `against` is blue where it speaks against it, `coat` is both as colours of their own.
 */
export function overlayTables(threshold = 0) {
  const coat = overlayTable(threshold);
  const lit = new Uint32Array(256);
  const against = new Uint32Array(256);
  for (let step = 0; step < 256; step += 1) {
    const magnitude = Math.abs(Math.max(-1, (step - 128) / 127));
    if (magnitude <= threshold || magnitude === 0) continue;
    if (step > 128) lit[step] = packed([255, 255, 255], Math.min(1, 1.1 * magnitude ** 1.2));
    else against[step] = coat[step];
  }
  return { lit, against, coat };
}

/** For and against: from deep to light, without the yellow that turns to olive over dark sounds. */
const ember = [[196, 52, 30], [240, 98, 34], [255, 150, 56], [255, 206, 138]];
const ice = [[40, 74, 190], [58, 116, 230], [96, 160, 250], [178, 212, 255]];

function between(points, position) {
  const place = position * (points.length - 1);
  const low = Math.min(Math.floor(place), points.length - 2);
  return points[low].map((value, channel) => Math.round(value + (place - low) * (points[low + 1][channel] - value)));
}

/** Colours that tell series apart, on light and on dark grounds (Okabe and Ito, 2008, without black and yellow). */
export const seriesColors = ["#0b8f86", "#d55e00", "#3d7fc1", "#b0568f", "#c98a00", "#4fa3c7", "#7a6bc4", "#5f8a3a"];
