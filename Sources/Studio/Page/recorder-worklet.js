/**
 * Hands the microphone's samples to the page, in pieces of 1024: quick enough for a live picture, few enough
 * messages.
 */
class Tap extends AudioWorkletProcessor {
  constructor() {
    super();
    this.piece = new Float32Array(1024);
    this.filled = 0;
    this.port.onmessage = () => {
      // The page stops: what is left goes out, then the last word.
      this.port.postMessage(this.piece.slice(0, this.filled));
      this.port.postMessage("end");
      this.filled = 0;
      this.isDone = true;
    };
  }

  process([input]) {
    if (this.isDone) return false;
    if (input.length === 0) return true;
    const length = input[0].length;
    for (let index = 0; index < length; index += 1) {
      let sum = 0;
      for (const channel of input) sum += channel[index];
      this.piece[this.filled] = sum / input.length;
      this.filled += 1;
      if (this.filled === this.piece.length) {
        this.port.postMessage(this.piece.slice());
        this.filled = 0;
      }
    }
    return true;
  }
}

registerProcessor("otoscope-tap", Tap);
