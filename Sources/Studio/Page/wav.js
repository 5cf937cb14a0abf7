/** WAV files, 16 bit, made in the page. */

/**
 * A WAV's bytes.
 *
 * @param {Int16Array[] | Float32Array[]} channels one array a channel, of equal lengths; floats are −1…1 and are cut
 *   there
 * @param {number} rate samples a second
 */
export function encodeWav(channels, rate) {
  const count = channels.length;
  const length = channels[0]?.length ?? 0;
  const buffer = new ArrayBuffer(44 + length * count * 2);
  const view = new DataView(buffer);
  const text = (offset, letters) => [...letters].forEach((letter, index) => view.setUint8(offset + index,
    letter.charCodeAt(0)));
  text(0, "RIFF");
  view.setUint32(4, 36 + length * count * 2, true);
  text(8, "WAVEfmt ");
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, count, true);
  view.setUint32(24, rate, true);
  view.setUint32(28, rate * count * 2, true);
  view.setUint16(32, count * 2, true);
  view.setUint16(34, 16, true);
  text(36, "data");
  view.setUint32(40, length * count * 2, true);
  const samples = new Int16Array(buffer, 44);
  channels.forEach((channel, at) => {
    const isFloat = channel instanceof Float32Array;
    for (let index = 0; index < length; index += 1) {
      const value = channel[index];
      samples[index * count + at] = isFloat ? Math.round(Math.min(Math.max(value, -1), 1) * 32767) : value;
    }
  });
  return buffer;
}

/** Joins pieces of samples. */
export function joined(pieces) {
  const result = new Float32Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let offset = 0;
  for (const piece of pieces) {
    result.set(piece, offset);
    offset += piece.length;
  }
  return result;
}

/** Offers bytes to the person as a file. */
export function download(bytes, name, type = "audio/wav") {
  const url = URL.createObjectURL(new Blob([bytes], { type }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
