import { h, fill, announce, listen, setTitle } from "./dom.js";
import { icon } from "./icons.js";
import { button, notice, progress, withProgress } from "./controls.js";
import { getJSON, send, upload } from "./api.js";
import { takeDrops } from "./drop.js";
import { count, duration, rate as rateText, when } from "./format.js";
import { bindKeys } from "./keyboard.js";
import { Recorder } from "./recorder.js";
import { modelsChanged, recentClip, rememberClip, studio } from "./studio.js";
import { thumbnail } from "./thumbnail.js";

/**
 * Where sounds come in: drop, pick, record, or take one that comes with Otoscope; and the list of those that are
 * here.
 */
export async function mount(root, { signal, navigate }) {
  setTitle("Sounds");
  const picker = h("input", { type: "file", multiple: true, class: "unseen", tabindex: -1, "aria-hidden": "true",
    "data-test": "file",
    accept: "audio/*,video/*,.flac,.opus,.aiff,.caf,.onnx",
      onchange: () => { take([...picker.files]); picker.value = ""; } });
  const status = h("div", { class: "home-status" });
  const examples = h("div", { class: "examples", role: "group", "aria-label": "Sounds that come with Otoscope" });
  const list = h("ul", { class: "clips", "data-test": "clips" });
  const listStatus = h("div");
  const heading = h("h2", {}, "Your sounds");
  const drop = h("section", { class: "drop", "data-test": "drop", "aria-label": "Add a sound" },
    h("h1", {}, "See and hear what a network hears"),
    h("p", { class: "lead" }, "Drop a sound anywhere on this page."),
    h("div", { class: "row centre" },
      button({ label: "Choose a file", symbol: "upload", kind: "primary", key: "o", test: "pick",
        onclick: () => picker.click() }),
      button({ label: "Record", symbol: "mic", key: "r", test: "record", onclick: () => record() })),
    picker);
  root.append(h("div", { class: "page home" }, drop, status,
    h("section", { class: "example-area" }, h("h2", {}, "Or start with one of these"), examples),
    h("section", { class: "clip-area" }, heading, listStatus, list)));
  takeDrops("Drop to listen", take, signal);
  bindKeys([
    { group: "Sounds", keys: ["o"], does: "Choose a file", run: () => picker.click() },
    { group: "Sounds", keys: ["r"], does: "Record", run: () => record() },
  ], signal);
  listen(drop, "dblclick", (event) => event.target === drop && picker.click(), signal);
  studio().then(({ examples: all }) => showExamples(all)).catch((error) => examples.append(notice(error)));
  await refresh();

  /** Sends files one after another; a single one is opened. A model goes to the models. */
  async function take(files) {
    const [info] = await Promise.all([studio().catch(() => null)]);
    let opened = null;
    for (const file of files) {
      const isModel = /\.onnx$/i.test(file.name);
      const limit = info?.limits?.[isModel ? "modelBytes" : "uploadBytes"];
      if (limit && file.size > limit) {
        status.append(notice({ what: `‘${file.name}’ is larger than ${count(Math.round(limit / 1e6), "megabyte")}.`,
          remedy: "Cut it into shorter pieces." }, { dismiss: () => {} }));
        continue;
      }
      const answer = await sendFile(file, isModel ? "/models" : "/clips", file.name);
      if (answer && isModel) {
        modelsChanged();
        opened = `/models/${answer.model.id}`;
      } else if (answer) {
        opened = `/clips/${answer.id}`;
      }
    }
    if (signal.aborted) return;
    if (files.length === 1 && opened) navigate(opened);
    else refresh();
  }

  /** One upload with its progress; where it fails, the file is kept for another try. */
  async function sendFile(file, path, name) {
    const bar = progress({ label: `Sending ‘${name}’`, share: 0 });
    status.append(bar);
    try {
      return await upload(path, file, { query: { name }, signal,
        onProgress: (share) => bar.update(share < 1 ? { share } : { share: null,
          text: `‘${name}’ is being read` }) });
    } catch (error) {
      // What the server could not read it will not read the next time.
      const isWorthIt = !(error.status >= 400 && error.status < 500 && error.status !== 429);
      const element = notice(error, { dismiss: () => {}, retry: isWorthIt && (async () => {
        const answer = await sendFile(file, path, name);
        if (answer) navigate(path === "/models" ? `/models/${answer.model.id}` : `/clips/${answer.id}`);
      }) });
      if (element) status.append(element);
      return null;
    } finally {
      bar.remove();
    }
  }

  let recorder = null;

  async function record() {
    if (recorder) return;
    fill(status);
    const info = await studio().catch(() => null);
    const over = () => { recorder = null; };
    const failed = (error) => {
      over();
      const element = notice(error, { retry: record, dismiss: () => {} });
      if (element) status.append(element);
    };
    recorder = new Recorder(status, {
      signal, limit: info?.limits?.clipSeconds, onClose: over, onError: failed,
      onDone: async (wav) => {
        over();
        const name = `Recording ${stamp(new Date())}.wav`;
        const answer = await sendFile(new File([wav], name, { type: "audio/wav" }), "/clips", name);
        if (answer) navigate(`/clips/${answer.id}`);
      },
    });
    try {
      await recorder.start();
      announce("Recording");
    } catch (error) {
      recorder?.discard();
      failed(error);
    }
  }

  function showExamples(all) {
    fill(examples, all.map(({ name }) => h("button", { type: "button", class: "example", "data-test": "example",
      "data-name": name,
      onclick: async (event) => {
        const pressed = event.currentTarget;
        pressed.disabled = true;
        try {
          const clip = await withProgress(status, `‘${name}’ is being read`,
            send("POST", `/examples/${encodeURIComponent(name)}`, undefined, { signal }));
          navigate(`/clips/${clip.id}`);
        } catch (error) {
          pressed.disabled = false;
          const element = notice(error, { dismiss: () => {} });
          if (element) status.append(element);
        }
      } }, icon("play", 14), pretty(name))));
  }

  async function refresh() {
    try {
      const { clips } = await withProgress(listStatus, "The list is being read", getJSON("/clips", { signal }));
      showClips(clips);
    } catch (error) {
      const element = notice(error, { retry: refresh });
      if (element) fill(listStatus, element);
    }
  }

  function showClips(clips) {
    heading.parentElement.hidden = clips.length === 0;
    heading.textContent = clips.length ? `Your sounds (${clips.length})` : "Your sounds";
    fill(list, clips.map((clip) => h("li", { "data-clip": clip.id },
      h("a", { href: `/clips/${clip.id}`, class: "clip-link" },
        thumbnail(clip, signal),
        h("span", { class: "clip-words" }, h("span", { class: "clip-title" }, clip.name),
          h("span", { class: "quiet-text numbers" }, [duration(clip.seconds), rateText(clip.rate), clip.parent
            ? "edited" : null, when(clip.added)].filter(Boolean).join(" · ")))),
      button({ label: `Delete ‘${clip.name}’`, symbol: "trash", text: false, kind: "quiet small remove",
        onclick: () => remove(clip) }))));
  }

  /** A clip can be put back for a few seconds: deleting waits, so that a slip costs nothing. */
  function remove(clip) {
    const item = list.querySelector(`[data-clip="${clip.id}"]`);
    item.hidden = true;
    const commit = async () => {
      bar.remove();
      try {
        await send("DELETE", `/clips/${clip.id}`);
        if (recentClip() === clip.id) rememberClip(null);
        item.remove();
      } catch (error) {
        item.hidden = false;
        status.append(notice(error, { dismiss: () => {} }));
      }
    };
    const timer = setTimeout(commit, 5000);
    const bar = h("div", { class: "undo-bar row spread", role: "status" }, h("span", {}, `‘${clip.name}’ deleted`),
      button({ label: "Put back", kind: "small", onclick: () => {
        clearTimeout(timer);
        bar.remove();
        item.hidden = false;
      } }));
    listStatus.append(bar);
    signal.addEventListener("abort", () => {
      if (!bar.isConnected) return;
      clearTimeout(timer);
      commit();
    }, { once: true });
  }
}

/** A local time as a part of a file's name: `2026-11-30 21.45.06`. */
function stamp(date) {
  const two = (value) => String(value).padStart(2, "0");
  const day = [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join("-");
  return `${day} ${[date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(".")}`;
}

/** `loop_tabla.flac` as `loop tabla`. */
const pretty = (name) => name.replace(/\.[^.]*$/, "").replaceAll("_", " ");
