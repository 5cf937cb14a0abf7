/**
 * Which clip a view is about: the one in its address, else the one looked at last, else the newest.
 */
import { h } from "./dom.js";
import { getJSON } from "./api.js";
import { linkButton } from "./controls.js";
import { recentClip } from "./studio.js";

/** All clips, newest first. */
export const allClips = async (signal) => (await getJSON("/clips", { signal })).clips;

/** The clip of that id among `clips`, or the one a person would mean; null where there is none. */
export function meantClip(clips, id) {
  return clips.find((clip) => clip.id === id) ?? (id ? null : clips.find((clip) => clip.id === recentClip()) ?? clips[0]) ?? null;
}

/** Options of a menu of clips. */
export const clipOptions = (clips) => clips.map((clip) => ({ value: clip.id, label: clip.name }));

/** What a view shows where there is no sound yet. */
export function noClip(title, text) {
  return h("div", { class: "page" }, h("h1", {}, title), h("p", {}, text),
    linkButton({ label: "Open a sound", symbol: "upload", kind: "primary", href: "/" }));
}
