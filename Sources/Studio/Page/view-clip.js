import { h, fill, announce, setTitle } from "./dom.js";
import { button, notice, segmented, withProgress } from "./controls.js";
import { getBytes, getJSON, getPack, isAbort } from "./api.js";
import { Brush } from "./brush.js";
import { Classes } from "./classes.js";
import { Explanation } from "./explanation.js";
import { duration, hertz as hertzText, seconds as secondsText } from "./format.js";
import { bindKeys } from "./keyboard.js";
import { Overview } from "./overview.js";
import { overlayLimit, peakOf } from "./statistics.js";
import { decode, Player } from "./player.js";
import { Spectrogram } from "./spectrogram.js";
import { urlState } from "./state.js";
import { inOrderOf, Strip } from "./strip.js";
import { model as loadModel, rememberClip } from "./studio.js";
import { Timeline } from "./timeline.js";
import { Transport } from "./transport.js";
import { encodeWav } from "./wav.js";
import { downloadEdit, keepEdit } from "./clip-edit.js";
import { clipHead, notReady } from "./clip-head.js";
import { clipKeys } from "./clip-keys.js";

/**
 * A clip: what it looks like to the network, what the network makes of it, why, and what changes that.
 *
 * All that is chosen stands in the address. Sound, picture, scores and explanation are fetched side by side, and each
 * is drawn as it comes.
 */
const defaults = {
  model: "", channel: "", method: "", target: "", layer: "", domain: "", view: "network",
  opacity: 0.85, threshold: 0.05,
  track: "clip", t: 0, loop: [], x: [], y: [], tool: "look", shape: "box", edit: "",
};

export async function mount(root, { params, signal, navigate }) {
  const state = urlState(defaults, { signal });
  const page = h("div", { class: "clip-page" });
  root.append(page);
  const [clip, model] = await Promise.all([getJSON(`/clips/${params.id}`, { signal }), loadModel(state.value.model)]);
  signal.throwIfAborted();
  if (!model) {
    fill(page, notice({ what: "There is no model to hear with.", remedy: "Add one on the page ‘Models’." }));
    return;
  }
  setTitle(clip.name);
  rememberClip(clip.id);
  if (!model.ready) return fill(page, clipHead({ clip, state, signal, navigate }), await notReady(model, state));
  new ClipView(page, { clip, model, state, signal, navigate }).start();
}

class ClipView {
  constructor(page, context) {
    Object.assign(this, context);
    const { clip, model, state, signal } = context;
    // A network that takes samples sees no picture.
    if (model.picture === "none" && state.value.view === "network") state.set({ view: "log" }, { push: false });
    this.timeline = new Timeline(clip.seconds);
    this.player = new Player({ signal });
    this.pictures = {};
    this.edit = null;
    const label = `Spectrogram of ${clip.name}`;
    const seek = (seconds) => this.transport.seek(seconds);
    const stage = h("div", { class: "stage" });
    this.overview = new Overview(stage, { timeline: this.timeline, signal, label: `Waveform of ${clip.name}`,
      onSeek: seek });
    const hero = h("div", { class: "hero" });
    stage.append(hero);
    this.spectrogram = new Spectrogram(hero, {
      label, timeline: this.timeline, signal, onSeek: seek,
      onStroke: (stroke, isFinal) => {
        this.wantsEdit ||= this.edit === null;
        this.brush.stroke(stroke, isFinal);
      },
      onPitch: () => this.keepView(),
    });
    this.heroStatus = h("div", { class: "hero-status" });
    this.heroProgress = h("div", { class: "hero-status", "data-test": "status" });
    hero.append(this.heroProgress, this.heroStatus);
    this.strip = new Strip(stage, { timeline: this.timeline, signal, onSeek: seek,
      onClass: ({ label: name }) => this.explain(name) });
    this.transport = new Transport(stage, {
      player: this.player, timeline: this.timeline, signal, onTrack: (track) => this.hear(track),
      tracks: [
        { value: "clip", label: "Clip", key: "1", test: "track-clip", title: "The clip as it is" },
        { value: "heard", label: "Heard", key: "2", test: "track-heard",
          title: "What the network heard for this class" },
        { value: "ignored", label: "Ignored", key: "3", test: "track-ignored", title: "The rest" },
        { value: "edit", label: "Edited", key: "4", test: "track-edit", title: "The clip after the brush" },
      ],
    });

    this.classes = new Classes({ onClass: (name) => this.explain(name) });
    this.classesStatus = h("div");
    this.explanation = new Explanation({
      clip: clip.id, model, signal, state, progressHost: this.heroProgress,
      onStart: (target) => this.classes.setWanted(target || this.scores?.classes[0]?.label || null),
      onExplanation: (pack) => this.showExplanation(pack),
      onSounds: (sounds) => this.takeSounds(sounds),
      onAppearance: ({ opacity, threshold }) => {
        this.spectrogram.opacity = opacity;
        this.spectrogram.threshold = threshold;
        this.overview.setAppearance({ opacity, threshold });
      },
    });
    this.brush = new Brush({
      clip: clip.id, seconds: clip.seconds, signal, query: () => this.query, indices: () => this.classes.indices,
      view: () => (state.value.view === "network" ? "network" : "stft"),
      onTool: (tool) => {
        this.spectrogram.setTool(tool);
        state.set({ tool: this.brush.action, shape: this.brush.shape }, { push: false });
      },
      onStrokes: (strokes) => this.spectrogram.setStrokes(strokes),
      onEdit: (pack) => this.showEdit(pack),
      onClear: () => this.clearEdit(),
      onChange: (edit) => state.set({ edit }, { push: false }),
      onBusy: (isBusy) => page.classList.toggle("editing", isBusy),
      onError: (error, retry) => fill(this.heroStatus, notice(error, { retry, dismiss: () => {} })),
      onKeep: () => keepEdit(this), onDownload: () => downloadEdit(this.clip, this.edit),
    });
    this.view = segmented({
      label: "Picture", value: state.value.view, test: "view", onchange: (view) => state.set({ view }),
      options: [
        { value: "network", label: "As the network sees it", short: "Network", test: "view-network",
          disabled: model.picture === "none" },
        { value: "linear", label: "Linear", title: "Spectrum with linear frequencies", test: "view-linear" },
        { value: "log", label: "Logarithmic", short: "Log", title: "Spectrum with octaves of equal height",
          test: "view-log" },
      ],
    });
    this.fit = button({ label: "Show all", symbol: "fit", text: false, kind: "quiet", key: "0", test: "fit",
      onclick: () => this.spectrogram.showAll() });
    fill(page,
      clipHead(context),
      h("div", { class: "tools" }, this.view, this.brush.element, this.fit),
      stage,
      h("section", { class: "card classes-card", "aria-labelledby": "classes-title" },
        h("h2", { id: "classes-title" }, `What ${model.name} hears`), this.classesStatus, this.classes.element),
      h("section", { class: "card explanation-card", "aria-labelledby": "explanation-title" },
        h("div", { class: "row spread card-head" }, h("h2", { id: "explanation-title" }, "Why"),
          this.explanation.toggle), this.explanation.element));
    this.transport.total.textContent = ` / ${duration(clip.seconds)}`;
  }

  get query() {
    const { model, channel } = this.state.value;
    return { model, channel };
  }

  start() {
    const { state, signal, timeline } = this;
    const { value } = state;
    this.restoreView(value);
    if (value.loop.length === 2) timeline.setSelection(value.loop);
    this.transport.seek(value.t);
    timeline.subscribe((what) => {
      if (what === "range") this.keepView();
      if (what === "selection") state.set({ loop: timeline.selection ?? [] }, { push: false });
    }, signal);
    this.player.subscribe((what) => {
      const hasStopped = what === "state" && !this.player.playing;
      if (hasStopped || what === "time") state.set({ t: Math.round(this.player.time * 1000) / 1000 }, { push: false });
      if (what === "track") this.trackChanged();
    }, signal);
    state.subscribe((next, changed) => this.follow(next, changed), signal);
    this.brush.shape = this.brush.shapes.value = value.shape;
    this.brush.use(value.tool);
    this.spectrogram.opacity = value.opacity;
    this.spectrogram.threshold = value.threshold;
    this.overview.setAppearance(value);
    bindKeys(clipKeys(this), signal);
    this.loadSound();
    this.loadPicture();
    this.loadScores();
    this.explanation.load();
    if (value.edit) this.brush.restore(value.edit);
    else this.brush.restore("");
  }

  /** The address has changed, by a control here or by Back and Forward. */
  follow(value, changed) {
    this.explanation.follow(changed);
    if (changed.has("view")) {
      this.view.value = value.view;
      this.loadPicture();
      this.brush.refresh();
    }
    if (changed.has("edit")) this.brush.restore(value.edit);
    if (changed.has("tool") && this.brush.action !== value.tool) this.brush.use(value.tool);
    if (changed.has("shape") && this.brush.shape !== value.shape) this.brush.setShape(value.shape);
    if (changed.has("track") && this.player.track !== value.track) this.player.use(value.track);
    if (changed.has("x") || changed.has("y")) this.restoreView(value);
    const isOtherLoop = String(this.timeline.selection ?? []) !== String(value.loop);
    if (changed.has("loop") && isOtherLoop) this.timeline.setSelection(value.loop.length === 2 ? value.loop : null);
  }

  /** Seconds and hertz in view, into the address. */
  keepView() {
    const { timeline, spectrogram, state } = this;
    if (this.isRestoring) return;
    const [bottom, top] = spectrogram.pitch;
    const isAllPitch = bottom <= 0.001 && top >= 0.999;
    state.set({
      x: timeline.isWhole ? [] : timeline.range.map((each) => Math.round(each * 1000) / 1000),
      y: isAllPitch || !spectrogram.hasPicture ? (isAllPitch ? [] : state.value.y)
        : [bottom, top].map((each) => Math.round(spectrogram.axis.hertz(each) * 10) / 10),
    }, { push: false });
    this.fit.disabled = timeline.isWhole && isAllPitch;
  }

  restoreView({ x, y }) {
    const { timeline, spectrogram } = this;
    this.isRestoring = true;
    const near = (a, b, tolerance) => a.every((each, index) => Math.abs(each - b[index]) < tolerance);
    if (x.length === 2 && !near(x, timeline.range, 0.002)) timeline.setRange(...x);
    else if (x.length !== 2 && !timeline.isWhole) timeline.setRange(0, timeline.seconds);
    if (spectrogram.hasPicture) {
      const wanted = y.length === 2 ? y.map((hertz) => spectrogram.axis.position(hertz)) : [0, 1];
      if (!near(wanted, spectrogram.pitch, 0.002)) spectrogram.setPitch(...wanted);
    }
    this.isRestoring = false;
    this.fit.disabled = timeline.isWhole && spectrogram.pitch[1] - spectrogram.pitch[0] > 0.998;
  }

  async loadSound() {
    const { clip, signal } = this;
    try {
      const buffer = await this.player.load("clip", await getBytes(`/clips/${clip.id}/audio`, { signal }));
      signal.throwIfAborted();
      if (Math.abs(buffer.duration - clip.seconds) > 0.05) {
        this.timeline.setLength(buffer.duration);
        this.restoreView(this.state.value);
      }
      this.overview.setSound(buffer);
    } catch (error) {
      if (!isAbort(error)) fill(this.heroStatus, notice(error, { retry: () => this.loadSound() }));
    }
  }

  /** The picture of the view that is chosen; each is fetched once. */
  async loadPicture() {
    const { clip, signal, state } = this;
    const view = state.value.view === "network" ? "network" : "stft";
    try {
      this.pictures[view] ??= getPack(`/clips/${clip.id}/spectrogram`, { query: { ...this.query, view }, signal });
      const pack = await withProgress(this.heroStatus, "The picture is being drawn", this.pictures[view]);
      if (signal.aborted || view !== (state.value.view === "network" ? "network" : "stft")) return;
      this.original = { data: pack.arrays.picture.data, axes: pack.axes, low: pack.low, high: pack.high,
        unit: pack.unit, view };
      this.showPicture();
    } catch (error) {
      this.pictures[view] = undefined;
      if (!isAbort(error)) fill(this.heroStatus, notice(error, { retry: () => this.loadPicture() }));
    }
  }

  /** The clip's picture, or the edited one while the edit is heard. */
  showPicture() {
    if (!this.original) return;
    const { spectrogram, state } = this;
    const isEdited = this.edit?.picture && this.edit.view === this.original.view
      && (this.player.track === "edit" || !this.player.has("edit"));
    const picture = isEdited ? { ...this.original, data: this.edit.picture, axes: this.edit.axes } : this.original;
    spectrogram.setScale(state.value.view === "network" ? "bands" : state.value.view);
    const isFirst = !spectrogram.hasPicture;
    spectrogram.setPicture(picture);
    if (isFirst) this.restoreView(state.value);
    this.explanation.setPicture(this.original);
    this.describe();
  }

  async loadScores() {
    const { clip, signal } = this;
    try {
      this.classes.setLabels(this.model.labels ?? []);
      this.scores = await withProgress(this.classesStatus, "The network is listening",
        getJSON(`/clips/${clip.id}/scores`, { query: { ...this.query, top: 8 }, signal }));
      this.showScores();
      this.completeEdit();
      const [best] = this.scores.classes;
      if (this.explanation.isBusy) this.classes.setWanted(this.state.value.target || best?.label);
      if (best) announce(`${clip.name}: ${best.label}`);
    } catch (error) {
      if (!isAbort(error)) fill(this.classesStatus, notice(error, { retry: () => this.loadScores() }));
    }
  }

  showScores() {
    if (!this.scores) return;
    const { isProbability, remark } = this.scores;
    this.classes.setScores(this.scores.classes, { isProbability, remark });
    this.classes.setEdited(this.edit?.classes ?? null);
    const rows = this.edit ? inOrderOf(this.scores.strip, this.edit.strip) : this.scores.strip;
    this.strip.set({
      rows, isProbability, moments: this.edit?.moments ?? this.scores.moments, before: this.edit ? this.scores.strip : null,
    });
  }

  showExplanation(pack) {
    const { spectrogram } = this;
    spectrogram.element.dataset.method = pack?.method ?? "none";
    spectrogram.element.dataset.target = pack?.target.label ?? "";
    this.classes.setChosen(pack?.target ?? null);
    this.strip.chosen = pack?.target.index ?? null;
    if (!pack) {
      spectrogram.setOverlay(null);
      this.overview.setOverlay(null);
      for (const track of ["heard", "ignored"]) if (this.player.has(track)) this.player.remove(track);
      this.describe();
      return;
    }
    const { data } = pack.arrays.attribution;
    const overlay = { data, axes: pack.axes, limit: overlayLimit(data), quantity: pack.quantity };
    const isOfTime = pack.arrays.attribution.shape[1] < 2;
    spectrogram.setOverlay(isOfTime ? null : overlay);
    this.overview.setOverlay(isOfTime ? overlay : null);
    this.peak = peakOf(data, pack.axes);
    this.describe();
    this.completeEdit();
    announce(`${pack.title} for ${pack.target.label}${this.peak ? `, strongest at ${this.peak}` : ""}`);
  }

  /** What the picture shows, in words. */
  describe() {
    const { clip, state, peak } = this;
    const pack = this.explanation?.pack;
    const view = { network: "as the network sees it", linear: "with linear frequencies", log: "with logarithmic frequencies" };
    const { axis } = this.spectrogram;
    const extent = `${secondsText(clip.seconds)}, ${hertzText(axis.hertz(0))} to ${hertzText(axis.hertz(1))}`;
    const why = pack ? ` ${pack.title} for ${pack.target.label} lies over it${peak ? `, strongest at ${peak}` : ""}.` : "";
    this.spectrogram.describe(`Spectrogram of ${clip.name} ${view[state.value.view]}, ${extent}.${why}`);
  }

  async takeSounds({ heard, ignored }) {
    await Promise.all([this.player.load("heard", heard), this.player.load("ignored", ignored)]);
    this.useTrack();
  }

  /** Hears what the address asks for as soon as it is there. */
  useTrack() {
    const { track } = this.state.value;
    if (track !== this.player.track && this.player.has(track)) this.player.use(track);
  }

  /** Hears a version. */
  hear(track) {
    if (!this.player.has(track)) return;
    this.player.use(track);
  }

  trackChanged() {
    this.state.set({ track: this.player.track }, { push: false });
    this.showPicture();
  }

  explain(target) {
    this.state.set(this.explanation.isOff ? { target, method: "" } : { target });
  }

  // The brush.

  async showEdit(pack) {
    fill(this.heroStatus);
    const { audio, picture } = pack.arrays;
    const { channels: heldSound, rate: heldRate } = this.edit ?? {};
    this.edit = { classes: pack.classes, strip: pack.strip, moments: pack.moments, picture: picture?.data,
      axes: pack.axes, view: pack.view ?? "network",
      channels: heldSound, rate: heldRate };
    this.showScores();
    this.showPicture();
    this.completeEdit();
    if (!audio) return;
    const [channels, samples] = audio.shape;
    this.edit.channels = Array.from({ length: channels }, (_, channel) =>
      audio.data.subarray(channel * samples, (channel + 1) * samples));
    this.edit.rate = pack.rate;
    const serial = this.editSerial = (this.editSerial ?? 0) + 1;
    const buffer = await decode(encodeWav(this.edit.channels, pack.rate));
    // A newer edit may have been decoded before this one, or the edit be gone.
    if (this.edit === null || serial < (this.editHeld ?? 0)) return;
    this.editHeld = serial;
    this.player.setBuffer("edit", buffer);
    if (this.wantsEdit && this.player.track === "clip") this.player.use("edit");
    this.wantsEdit = false;
    this.useTrack();
  }

  /** Asks for the scores of classes that came on show after the edit was made. */
  completeEdit() {
    if (!this.edit) return;
    const known = new Set([...this.edit.classes.map((each) => each.index), ...this.brush.asked]);
    if (this.classes.indices.some((index) => !known.has(index))) this.brush.refresh();
  }

  clearEdit() {
    this.edit = null;
    if (this.player.has("edit")) this.player.remove("edit");
    this.showScores();
    this.showPicture();
  }
}
