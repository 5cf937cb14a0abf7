import { h, css, fitCanvas } from "./dom.js";
import { button } from "./controls.js";
import { ApiError } from "./api.js";
import { colorTable } from "./colors.js";
import { logAxis } from "./axis.js";
import { frequencyTicks } from "./ticks.js";
import { axisFont } from "./plot.js";
import { clock, decimal, hertzTick } from "./format.js";
import { spectrumOf } from "./fourier.js";
import { encodeWav, joined } from "./wav.js";

/**
 * Recording from the microphone, with a live level and a live spectrogram.
 *
 * Nothing is done to the sound on its way: no echo cancellation, no noise suppression, no gain control; a network is
 * to hear what the room sounds like.
 *
 * Options: `signal`, `limit` (seconds), `onDone(wav: ArrayBuffer, seconds)`, `onClose()`, `onError(error)`.
 */
export class Recorder {
  #pieces = [];
  #length = 0;
  #tail = new Float32Array(frameSize);
  #spectrum = spectrumOf(frameSize);
  #pending = [];

  constructor(host, options) {
    this.options = options;
    this.canvas = h("canvas", { role: "img", "aria-label": "Live spectrogram of the microphone" });
    this.time = h("span", { class: "clock", "data-test": "record-time" }, clock(0));
    this.level = h("div", { class: "level", role: "meter", "aria-label": "Level", "aria-valuemin": -60,
      "aria-valuemax": 0 }, h("i"), h("b"));
    this.levelText = h("span", { class: "value quiet-text" });
    this.stopButton = button({ label: "Stop and listen", symbol: "stop", kind: "primary", test: "stop",
      disabled: true, onclick: () => this.stop() });
    this.element = h("section", { class: "recorder card", "aria-label": "Recording", "data-test": "recorder" },
      h("div", { class: "row spread" }, h("h2", {}, h("span", { class: "dot", "aria-hidden": "true" }), "Recording"),
        this.time),
      h("div", { class: "live" }, this.canvas),
      h("div", { class: "row level-row" }, this.level, this.levelText),
      h("div", { class: "row" }, this.stopButton, button({ label: "Discard", kind: "quiet", test: "discard",
        onclick: () => this.discard() })));
    host.append(this.element);
    options.signal.addEventListener("abort", () => this.#release());
  }

  /** Asks for the microphone and begins. Errors say what to do. */
  async start() {
    if (!navigator.mediaDevices?.getUserMedia) {
      throw new ApiError("This browser gives pages no microphone here.",
        "Open the studio at http://localhost or over HTTPS, or record elsewhere and drop the file here.");
    }
    try {
      this.stream = await navigator.mediaDevices.getUserMedia({
        audio: { echoCancellation: false, noiseSuppression: false, autoGainControl: false },
      });
    } catch (error) {
      throw microphoneError(error);
    }
    if (this.options.signal.aborted) return this.#release();
    this.context = new AudioContext();
    await this.context.audioWorklet.addModule(new URL("./recorder-worklet.js", import.meta.url));
    this.rate = this.context.sampleRate;
    this.axis = logAxis(50, this.rate / 2);
    const source = this.context.createMediaStreamSource(this.stream);
    this.tap = new AudioWorkletNode(this.context, "otoscope-tap", { numberOfOutputs: 0 });
    this.tap.port.onmessage = ({ data }) => this.#take(data);
    source.connect(this.tap);
    await this.context.resume();
    this.stream.getAudioTracks()[0].addEventListener("ended", () => this.stop());
    this.stopButton.disabled = false;
    this.stopButton.focus();
    this.#draw();
  }

  #take(piece) {
    if (piece === "end") return this.#finish();
    this.#pieces.push(piece);
    this.#length += piece.length;
    this.#pending.push(piece);
    this.time.textContent = clock(this.#length / this.rate);
    if (this.#length / this.rate >= (this.options.limit ?? Infinity)) this.stop();
  }

  /** Ends the recording; `onDone` gets the WAV. */
  stop() {
    if (this.isStopping || !this.tap) return;
    this.isStopping = true;
    this.stopButton.disabled = true;
    this.tap.port.postMessage("stop");
    // A worklet that was suspended does not answer.
    setTimeout(() => this.#finish(), 400);
  }

  #finish() {
    if (this.isFinished) return;
    this.isFinished = true;
    const samples = joined(this.#pieces);
    this.#release();
    this.element.remove();
    if (samples.length === 0) {
      this.options.onError(new ApiError("The microphone sent no sound.",
        "Check that the right microphone is chosen and not muted, then record again."));
      return;
    }
    this.options.onDone(encodeWav([samples], this.rate), samples.length / this.rate);
  }

  discard() {
    this.isFinished = true;
    this.#release();
    this.element.remove();
    this.options.onClose?.();
  }

  #release() {
    cancelAnimationFrame(this.frame);
    this.stream?.getTracks().forEach((track) => track.stop());
    this.context?.close().catch(() => {});
    this.context = null;
  }

  /** Draws what has come since the last frame: the picture moves left by whole columns. */
  #draw() {
    this.frame = requestAnimationFrame(() => this.#draw());
    const pieces = this.#pending.splice(0);
    const { clientWidth: width, clientHeight: height } = this.canvas;
    if (!this.picture || this.picture.height !== height) this.#newPicture(height);
    let peak = 0;
    for (const piece of pieces) {
      this.#tail.copyWithin(0, piece.length);
      this.#tail.set(piece.subarray(Math.max(0, piece.length - frameSize)),
        frameSize - Math.min(piece.length, frameSize));
      this.#column(this.#spectrum(this.#tail));
      for (const value of piece) peak = Math.max(peak, Math.abs(value));
    }
    if (pieces.length === 0) return;
    this.#showLevel(peak);
    const context = fitCanvas(this.canvas, width, height);
    if (!context) return;
    context.fillStyle = css("--stage");
    context.fillRect(0, 0, width, height);
    // Three pixels a column; the newest at the right.
    const columns = Math.ceil(width / 3);
    const end = this.at;
    const first = Math.max(0, columns - end);
    for (let column = first; column < columns; column += 1) {
      const source = (end - columns + column) % this.picture.width;
      context.drawImage(this.picture, source, 0, 1, height, column * 3 - (columns * 3 - width), 0, 3.5, height);
    }
    this.#drawAxis(context, height);
  }

  #newPicture(height) {
    this.picture = new OffscreenCanvas(2048, Math.max(1, height));
    this.at = 0;
    this.bins = Float32Array.from({ length: height },
      (_, row) => (this.axis.hertz(1 - (row + 0.5) / height) / this.rate) * frameSize);
  }

  #column(levels) {
    const { height } = this.picture;
    const context = this.picture.getContext("2d");
    const image = context.createImageData(1, height);
    const pixels = new Uint32Array(image.data.buffer);
    const colors = colorTable("magma");
    for (let row = 0; row < height; row += 1) {
      const low = Math.min(Math.floor(this.bins[row]), levels.length - 2);
      const level = levels[low] + (this.bins[row] - low) * (levels[low + 1] - levels[low]);
      pixels[row] = colors[Math.min(255, Math.max(0, Math.round(((level + 100) / 85) * 255)))];
    }
    context.putImageData(image, this.at % this.picture.width, 0);
    this.at += 1;
  }

  #drawAxis(context, height) {
    context.font = axisFont(11);
    context.textBaseline = "middle";
    context.lineWidth = 3;
    context.strokeStyle = "rgb(0 0 0 / .7)";
    context.fillStyle = "#fff";
    const place = (hertz) => height * (1 - this.axis.position(hertz));
    const ticks = frequencyTicks(50, this.rate / 2, place, 26).filter((hertz) => place(hertz) > 8
      && place(hertz) < height - 8);
    ticks.forEach((hertz, index) => {
      const text = `${hertzTick(hertz)}${index === ticks.length - 1 ? " Hz" : ""}`;
      context.strokeText(text, 8, place(hertz));
      context.fillText(text, 8, place(hertz));
    });
  }

  #showLevel(peak) {
    const level = peak > 0 ? Math.max(-60, 20 * Math.log10(peak)) : -60;
    this.held = Math.max(level, (this.held ?? -60) - 0.35);
    this.level.firstChild.style.width = `${((level + 60) / 60) * 100}%`;
    this.level.lastChild.style.left = `${((this.held + 60) / 60) * 100}%`;
    this.level.classList.toggle("hot", this.held > -1);
    this.level.setAttribute("aria-valuenow", level.toFixed(0));
    this.levelText.textContent = this.held > -0.3 ? "too loud" : `${decimal(this.held, 0)} dB`;
  }
}

const frameSize = 2048;

/** What the browser's refusal means. */
function microphoneError(error) {
  const cases = {
    NotAllowedError: ["The microphone was refused.",
      "Allow it in the browser's address bar (the icon left or right of the address), then record again."],
    NotFoundError: ["No microphone was found.", "Connect one, or drop a file instead."],
    NotReadableError: ["The microphone is in use by another program.", "Close that program, then record again."],
    SecurityError: ["This page may not use the microphone.", "Open the studio at http://localhost or over HTTPS."],
  };
  const [what, remedy] = cases[error.name] ?? [`The microphone could not be opened (${error.message}).`,
    "Try again, or drop a file instead."];
  return new ApiError(what, remedy);
}
