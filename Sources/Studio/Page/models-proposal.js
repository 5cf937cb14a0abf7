/**
 * What is proposed for a model, key by key: how sure each is and why, a control to change it, and what the model then hears.
 */
import { h, fill, append } from "./dom.js";
import { getJSON, send, isAbort } from "./api.js";
import { button, menu, notice, withProgress } from "./controls.js";
import { score } from "./format.js";
import { modelsChanged } from "./studio.js";
import { fieldFor, keys } from "./models-fields.js";
import { downloadText } from "./views-shared.js";
import { clipOptions } from "./views-clip.js";

const certainties = {
  asked: { word: "asked", title: "It cannot tell", text: "Nothing in the file says it." },
  guess: { word: "guessed", title: "Check these", text: "One of several possibilities." },
  likely: { word: "likely", title: "Probably right", text: "Networks of this form are usually like that." },
  known: { word: "known", title: "Certain", text: "The file leaves no other choice." },
  described: { word: "described", title: "Said by the model itself", text: "In its metadata, or saved here." },
  yours: { word: "yours", title: "Added by you", text: "" },
};

/**
 * @param {object} context `{model, proposal, latest, isTried, info, clips, signal, navigate, saved}`: `latest` is the clip it
 * is tried on, or was (`isTried`); `saved(model)` is called after each saving
 */
export function proposalPanel({ model: first, proposal: start, latest, isTried, info, clips, signal, navigate, saved }) {
  let [model, proposal, fields, isDirty] = [first, start, new Map(), false];
  const [questions, groups, file, heard, trouble, status] = [0, 1, 2, 3, 4, 5].map(() => h("div", {}));
  status.setAttribute("role", "status");
  const save = button({ label: "Save and try it", kind: "primary", symbol: "check", test: "save", onclick: saveAll });
  const explain = button({ label: "Explain a sound with this model", symbol: "picture", test: "explain", onclick: openClip });
  const sound = menu({ label: "Tried on", test: "try-sound", onchange: tryAgain });
  const options = [...clipOptions(clips), ...(clips.length ? [] : [{ value: "", label: proposal.sound }])];
  sound.setOptions(options, latest?.id ?? "");

  const element = h("div", { class: "models-stage", "data-test": "proposal" },
    h("section", { class: "models-keys", "aria-label": "How it listens" }, questions, groups, adder(), file),
    h("aside", { class: "card models-heard", "aria-label": "What it hears" }, sound, heard, trouble,
      h("div", { class: "models-actions" }, !model.bundled && save, explain), status));

  function show() {
    fields = new Map();
    fill(questions, proposal.questions.length > 0 && h("section", { class: "models-questions", "aria-label": "Open questions",
      "data-test": "questions" }, h("h2", {}, "Open questions"),
      h("ul", {}, proposal.questions.map((question) => h("li", {}, question)))));
    const entries = [...proposal.entries];
    // Names of classes are what people can always give.
    if (!entries.some((entry) => entry.key === "labels") && !model.bundled && model.classes !== 1) {
      entries.unshift({ key: "labels", value: [], certainty: "asked", reason: "Without names they are called class 0, class 1, …" });
    }
    const isSettled = entries.every((entry) => ["known", "described"].includes(entry.certainty));
    fill(groups, Object.keys(certainties).map((certainty) => {
      const own = entries.filter((entry) => entry.certainty === certainty);
      const { title, text } = certainties[certainty];
      const cards = own.map(keyCard);
      if (!own.length) return null;
      // What is certain needs no look: it is folded away, but there.
      const isCertain = certainty === "known" || certainty === "described";
      return isCertain ? h("details", { class: "models-group", open: model.bundled || isSettled },
        h("summary", {}, h("h2", {}, title), h("span", { class: "v-hint" },
        `${text} ${own.map((entry) => keys[entry.key]?.title ?? entry.key).join(", ")}`)), cards)
        : h("section", { class: "models-group", "aria-label": title }, h("h2", {}, title), h("p", { class: "v-hint" }, text), cards);
    }));
    fill(file, proposal.json && h("details", { class: "models-file" }, h("summary", {}, "The same as a file"),
      h("p", { class: "v-hint" }, "Beside the model, under its name and .json, it is read by every command."),
      h("pre", { tabindex: 0, "aria-label": "The description as JSON" }, proposal.json),
      button({ label: "Save the file", symbol: "download", kind: "small",
        onclick: () => downloadText(proposal.json, model.name.replace(/(\.onnx)?$/, ".json"), "application/json") })));
    showHeard();
    isDirty = false;
    changed(false);
  }

  function keyCard(entry) {
    const { key, certainty, reason } = entry;
    const title = keys[key]?.title ?? key;
    const own = fieldFor(key, entry.value, { model, info, changed });
    fields.set(key, own);
    if (model.bundled) for (const control of own.element.querySelectorAll("button, select, textarea, input")) control.disabled = true;
    return h("div", { class: "card models-key", "data-key": key, "data-certainty": certainty },
      h("div", { class: "models-key-head" }, h("h3", {}, title), h("code", {}, key),
      h("span", { class: `models-badge ${certainty}` }, certainties[certainty].word)),
        reason && h("p", { class: "models-reason" }, reason), own.element);
  }

  function adder() {
    if (model.bundled) return null;
    const select = h("select", { "aria-label": "Another key", "data-test": "add-key" },
      Object.entries(keys).map(([key, { title }]) => h("option", { value: key }, title)));
    return h("details", { class: "models-add" }, h("summary", {}, "Say something else about it"),
      h("div", { class: "row" }, h("div", { class: "select" }, select), button({ label: "Add", symbol: "plus", onclick: () => {
      if (fields.has(select.value)) return groups.querySelector(`[data-key=${select.value}]`)?.scrollIntoView({ block: "center" });
      append(groups, [keyCard({ key: select.value, value: keys[select.value].blank, certainty: "yours" })]);
      changed();
    } })));
  }

  function changed(isChange = true) {
    isDirty ||= isChange;
    status.textContent = isDirty ? "Changed, not saved yet." : "";
    element.dataset.state = isDirty ? "changed" : "saved";
  }

  function showHeard() {
    const most = Math.max(...proposal.heard.map((each) => each.score), model.isProbability ? 1 : 0) || 1;
    fill(heard, h("h2", {}, proposal.heard.length ? `In ${proposal.sound} it hears` : "It cannot listen yet"),
      proposal.heard.length ? h("ol", { class: "models-scores", "data-test": "heard" },
        proposal.heard.map((each) => h("li", { "data-class": each.label, "data-score": each.score },
        h("span", {}, each.label), h("b", {}, score(each.score, model.isProbability)),
          h("i", { "aria-hidden": "true", style: { "--share": String(Math.max(0, each.score / most)) } }))))
        : h("p", {}, "Answer what is asked, save, and it is tried on a sound."),
      proposal.meaning && h("p", { class: "v-hint" }, `Its scores: ${proposal.meaning}`),
        proposal.picture && h("p", { class: "v-hint" }, `Its picture: ${proposal.picture}`));
    explain.disabled = !proposal.ready && !model.ready;
  }

  async function tryAgain() {
    fill(trouble);
    try {
      const next = await withProgress(trouble, "Listening…", getJSON(`/models/${model.id}/proposal`,
        { query: { clip: sound.value }, signal }));
      proposal = { ...next, entries: proposal.entries, questions: proposal.questions };
      showHeard();
    } catch (error) {
      if (!isAbort(error)) fill(trouble, notice(error, { retry: tryAgain }));
    }
  }

  /** Whether the model is ready then. */
  async function saveAll() {
    fill(trouble);
    try {
      const body = {};
      for (const [key, own] of fields) {
        const value = own.read();
        if (value !== undefined) body[key] = value;
      }
      save.disabled = true;
      const answer = await withProgress(trouble, "Saving, and trying it on a sound…",
        send("PUT", `/models/${model.id}/description`, body, { query: { clip: sound.value }, signal }));
      ({ model, proposal } = answer);
      await modelsChanged();
      saved(model);
      show();
      status.textContent = model.ready ? "Saved. It is ready to explain sounds." : `Saved. ${model.problem?.what ?? model.problem ?? ""}`;
      return model.ready;
    } catch (error) {
      if (!isAbort(error)) fill(trouble, notice(error));
      return false;
    } finally {
      save.disabled = false;
    }
  }

  async function openClip() {
    // A model explains as it was saved.
    if ((isDirty || !model.ready) && !model.bundled && !(await saveAll())) return;
    try {
      const id = sound.value || (await send("POST", `/examples/${encodeURIComponent(info.examples[0].name)}`, null, { signal })).id;
      navigate(`/clips/${id}?model=${model.id}`);
    } catch (error) {
      if (!isAbort(error)) fill(trouble, notice(error));
    }
  }

  show();
  if (latest && !isTried) tryAgain();
  return element;
}
