/**
 * Models: the list, a place to drop an ONNX file, and the way from a bare network to one that listens.
 */
import { h, fill, setTitle, announce, listen } from "./dom.js";
import { getJSON, send, upload, isAbort } from "./api.js";
import { button, dialog, linkButton, notice, progress } from "./controls.js";
import { count, rate } from "./format.js";
import { icon } from "./icons.js";
import { models as allModels, modelsChanged, studio } from "./studio.js";
import { proposalPanel } from "./models-proposal.js";
import { facts } from "./runs-result.js";
import { allClips, meantClip } from "./views-clip.js";
import { show, span, useStyle } from "./views-shared.js";

/** Proposals that came with an upload: the model's page need not ask again. */
const fresh = new Map();

export async function mount(root, { params, signal, navigate }) {
  await useStyle("views", "models");
  return params.id ? mountOne(root, params.id, signal, navigate) : mountList(root, signal, navigate);
}

async function mountList(root, signal, navigate) {
  setTitle("Models");
  const [info, models] = await Promise.all([studio(), allModels()]);
  const list = h("ul", { class: "models-list", "data-test": "models" });
  fill(root, h("div", { class: "page models" }, h("h1", {}, "Models"), dropZone(info, signal, (id) => navigate(`/models/${id}`)), list));
  fill(list, models.map((model) => h("li", { class: "card", "data-test": "model-row", "data-id": model.id },
    h("div", { class: "models-words" }, h("a", { href: `/models/${model.id}`, class: "models-name" }, model.name),
      badge(model),
      h("p", { class: "v-hint" }, model.ready ? modelWords(model) : "It is not saved yet how it listens. Open it, check what is proposed, and save.")),
    model.ready && linkButton({ label: "Look inside", symbol: "layers", kind: "quiet small", href: `/inside?model=${model.id}` }),
    linkButton({ label: model.ready ? "How it listens" : "Answer", symbol: "help", kind: "small", href: `/models/${model.id}` }),
    !model.bundled && removeButton(model, signal, () => navigate("/models", { replace: true })))));
}

const badge = (model) => h("span", { class: `models-badge ${model.ready ? "known" : "guess"}`, "data-test": "model-state" },
  model.bundled ? "comes with Otoscope" : model.ready ? "ready" : "needs answers");

const modelWords = (model) => [count(model.classes, "class", "classes"), rate(model.rate),
  model.patchSeconds && `hears ${span(model.patchSeconds)} at once`,
  { "log-mel": "log-mel picture", inner: "its own picture inside", none: "takes samples" }[model.picture],
    count(model.methods.length, "method")].filter(Boolean).join(" · ");

function dropZone(info, signal, done) {
  const [trouble, words] = [h("div", {}), h("p", { class: "v-hint" },
    "Any network that takes sound or its spectrogram. The file stays on this machine.")];
  const file = h("input", { type: "file", accept: ".onnx", class: "unseen", id: "model-file", "data-test": "model-file",
    onchange: () => file.files[0] && take(file.files[0]) });
  const zone = h("div", { class: "models-drop" }, icon("upload", 28), h("label", { for: "model-file", class: "button primary" },
    "Choose an ONNX file"), file, h("p", {}, "or drop it here"), words, trouble);
  async function take(chosen) {
    fill(trouble);
    if (info.limits?.modelBytes && chosen.size > info.limits.modelBytes) {
      return fill(trouble, notice({ what: `‘${chosen.name}’ is larger than ${Math.round(info.limits.modelBytes / 2 ** 20)} MiB.`,
        remedy: "Start the studio with the model as an argument instead." }));
    }
    const bar = progress({ label: `Reading ${chosen.name}`, share: 0 });
    fill(trouble, bar);
    try {
      const answer = await upload("/models", chosen, { query: { name: chosen.name }, signal, onProgress: (share) =>
        bar.update({ share: share < 1 ? share : null, text: share < 1 ? `Sending ${chosen.name}` : "Finding out how it listens…" }) });
      fresh.set(answer.model.id, answer.proposal);
      await modelsChanged();
      announce(`${chosen.name} is here`);
      done(answer.model.id);
    } catch (error) {
      if (!isAbort(error)) fill(trouble, notice(error));
    } finally {
      file.value = "";
    }
  }
  // Anywhere on the page will do; a file dropped beside the zone must not replace the page.
  for (const type of ["dragover", "dragleave", "drop"]) {
    listen(document, type, (event) => {
      if (![...(event.dataTransfer?.types ?? [])].includes("Files")) return;
      event.preventDefault();
      zone.classList.toggle("over", type === "dragover");
      if (type === "drop" && event.dataTransfer.files[0]) take(event.dataTransfer.files[0]);
    }, signal);
  }
  return zone;
}

function removeButton(model, signal, done) {
  return button({ label: `Delete ${model.name}`, symbol: "trash", text: false, kind: "quiet small", test: "delete-model", onclick: () => {
    const trouble = h("div", {});
    const sheet = dialog(`Delete ${model.name}?`, h("p", {},
      "The file and what was saved about it are removed from this studio. Your own copy stays."), trouble,
      h("div", { class: "row models-confirm" },
        button({ label: "Delete it", kind: "primary", symbol: "trash", test: "delete-yes", onclick: async () => {
        try {
          await send("DELETE", `/models/${model.id}`, null, { signal });
          await modelsChanged();
          sheet.close();
          done();
        } catch (error) {
          if (!isAbort(error)) fill(trouble, notice(error));
        }
      } }), button({ label: "Keep it", kind: "quiet", onclick: () => sheet.close() })));
  } });
}

async function mountOne(root, id, signal, navigate) {
  const [model, info, clips] = await Promise.all([getJSON(`/models/${id}`, { signal }), studio(), allClips(signal)]);
  setTitle(model.name);
  const [head, body] = [h("div", {}), h("div", {})];
  fill(root, h("div", { class: "page models" }, h("p", {}, h("a", { href: "/models" }, "All models")), head, body));
  const showHead = (now) => fill(head, h("div", { class: "models-title" }, h("h1", {}, now.name), badge(now),
    !now.bundled && removeButton(now, signal, () => navigate("/models"))),
    now.ready ? facts([["Rate", rate(now.rate)], ["Classes", now.classes.toLocaleString("en")],
      ["Hears at once", now.patchSeconds ? span(now.patchSeconds) : "the whole sound"],
      ["Scores", now.isProbability ? "probabilities" : "values"], ["Methods", now.methods.length]])
        : h("p", { class: "v-hint" },
        "Until it is saved how it listens, it cannot explain sounds. Check what is proposed, then save."));
  showHead(model);
  await show(body, "Finding out how it listens…", async () => {
    const latest = meantClip(clips, "");
    const proposal = fresh.get(id) ?? await getJSON(`/models/${id}/proposal`, { query: { clip: latest?.id }, signal });
    const isTried = !fresh.delete(id);
    return proposalPanel({ model, proposal, latest, isTried, info, clips, signal, navigate, saved: showHead });
  }, signal);
}
