/** Power spectra of real frames, for the live picture of the microphone. */

/**
 * A function that turns `size` samples (a power of two) into the level of `size / 2 + 1` bins in dB, 0 dB being a
 * sine at full scale. Hann window; the textbook's iterative radix-2 transform with tables.
 */
export function spectrumOf(size) {
  const bits = Math.log2(size);
  const window = Float32Array.from({ length: size },
    (_, index) => 0.5 - 0.5 * Math.cos((2 * Math.PI * index) / size));
  const cosines = Float32Array.from({ length: size / 2 }, (_, index) => Math.cos((2 * Math.PI * index) / size));
  const sines = Float32Array.from({ length: size / 2 }, (_, index) => -Math.sin((2 * Math.PI * index) / size));
  const reversed = Uint32Array.from({ length: size }, (_, index) => {
    let [left, result] = [index, 0];
    for (let bit = 0; bit < bits; bit += 1) {
      result = (result << 1) | (left & 1);
      left >>= 1;
    }
    return result;
  });
  const real = new Float32Array(size);
  const imaginary = new Float32Array(size);
  const result = new Float32Array(size / 2 + 1);
  // A full-scale sine has half its height in one bin, and the window leaves half of that.
  const scale = (4 / size) ** 2;

  return (samples) => {
    for (let index = 0; index < size; index += 1) {
      real[reversed[index]] = samples[index] * window[index];
      imaginary[index] = 0;
    }
    for (let half = 1; half < size; half *= 2) {
      const stride = size / (2 * half);
      for (let start = 0; start < size; start += 2 * half) {
        for (let index = 0; index < half; index += 1) {
          const [a, b] = [start + index, start + index + half];
          const [c, s] = [cosines[index * stride], sines[index * stride]];
          const [x, y] = [real[b] * c - imaginary[b] * s, real[b] * s + imaginary[b] * c];
          real[b] = real[a] - x;
          imaginary[b] = imaginary[a] - y;
          real[a] += x;
          imaginary[a] += y;
        }
      }
    }
    for (let bin = 0; bin <= size / 2; bin += 1) {
      result[bin] = 10 * Math.log10((real[bin] ** 2 + imaginary[bin] ** 2) * scale + 1e-12);
    }
    return result;
  };
}
