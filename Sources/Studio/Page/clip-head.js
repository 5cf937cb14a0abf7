import { h } from "./dom.js";
import { button, dialog, linkButton, notice, toast } from "./controls.js";
import { address, getJSON, send } from "./api.js";
import { duration, rate as rateText } from "./format.js";
import { models, rememberClip } from "./studio.js";

/** The top of a clip's page: its name and facts, and what can be done with the whole of it. */
export function clipHead({ clip, state, signal, navigate }) {
  const channels = ["mono", "stereo"][clip.channels - 1] ?? `${clip.channels} channels`;
  return h("header", { class: "clip-head" },
    h("div", { class: "clip-name" },
      h("h1", {}, clip.name),
      h("p", { class: "quiet-text numbers" }, [duration(clip.seconds), rateText(clip.rate), channels].join(" · "),
        clip.parent && parentLink(clip.parent, signal)),
      (clip.notes ?? []).map((note) => h("p", { class: "remark" }, note))),
    h("div", { class: "row" },
      linkButton({ label: "Inside", symbol: "layers", kind: "small quiet", href: `/inside/${clip.id}`,
        test: "inside" }),
      linkButton({ label: "Compare methods", symbol: "compare", kind: "small quiet", href: `/compare?clip=${clip.id}`,
        test: "compare" }),
      linkButton({ label: "Download the sound", symbol: "download", text: false, kind: "small quiet",
        href: address(`/clips/${clip.id}/audio`), download: `${stem(clip.name)}.wav` }),
      button({ label: "Copy the link to what you see", symbol: "link", text: false, kind: "small quiet",
        test: "share", onclick: () => share(state) }),
      button({ label: "Delete the clip", symbol: "trash", text: false, kind: "small quiet", test: "delete",
        onclick: () => askToDelete(clip, navigate) })));
}

/** What stands in the place of the picture while nobody has said how the model listens. */
export async function notReady(model, state) {
  const other = (await models()).find((each) => each.ready);
  return h("section", { class: "card stage not-ready", "data-test": "not-ready" },
    h("h2", {}, `‘${model.name}’ cannot listen yet`),
    h("p", {}, model.problem ?? "It is not known how sound becomes its input."),
    h("div", { class: "row" },
      linkButton({ label: "Say how it listens", kind: "primary", href: `/models/${model.id}` }),
      other && linkButton({ label: `Listen with ‘${other.name}’`, href: state.link({ model: other.id, view: "" }) })));
}

/** A file's name without its ending. */
export const stem = (name) => name.replace(/\.[^.]*$/, "");

/** A link to the clip this one was edited from; without its name if that one is gone. */
function parentLink(id, signal) {
  const link = h("a", { href: `/clips/${id}` }, "another clip");
  const element = h("span", {}, " · edited from ", link);
  getJSON(`/clips/${id}`, { signal }).then((parent) => { link.textContent = parent.name; }, (error) => {
    if (error.status === 404) link.replaceWith("a clip that was deleted");
  });
  return element;
}

async function share(state) {
  state.flush();
  try {
    await navigator.clipboard.writeText(location.href);
    toast("Link copied");
  } catch {
    // Pages without HTTPS may not write to the clipboard.
    dialog("Link to what you see", h("p", { class: "link-text" }, location.href));
  }
}

function askToDelete(clip, navigate) {
  const sheet = dialog("Delete the clip?",
    h("p", {}, `‘${clip.name}’ is removed from this studio. The file it came from stays.`),
    h("div", { class: "row end" },
      button({ label: "Keep it", kind: "quiet", onclick: () => sheet.close() }),
      button({ label: "Delete", kind: "primary", test: "delete-yes", onclick: async () => {
        try {
          await send("DELETE", `/clips/${clip.id}`);
          rememberClip(null);
          sheet.close();
          navigate("/");
        } catch (error) {
          sheet.querySelector(".sheet").append(notice(error));
        }
      } })));
}
