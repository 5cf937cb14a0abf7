import { h, listen } from "./dom.js";

/**
 * Takes files dropped anywhere on the page, until `signal` aborts; a veil says so while they hover.
 *
 * @param {(files: File[]) => void} onFiles
 */
export function takeDrops(text, onFiles, signal) {
  const veil = h("div", { class: "drop-veil", hidden: true, "aria-hidden": "true" }, h("p", {}, text));
  document.body.append(veil);
  signal.addEventListener("abort", () => veil.remove());
  let depth = 0;
  const hasFiles = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
  const show = (isOn) => { veil.hidden = !isOn; };
  listen(window, "dragenter", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    depth += 1;
    show(true);
  }, signal);
  listen(window, "dragover", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = "copy";
  }, signal);
  listen(window, "dragleave", () => {
    depth = Math.max(0, depth - 1);
    if (depth === 0) show(false);
  }, signal);
  listen(window, "drop", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    depth = 0;
    show(false);
    const files = [...event.dataTransfer.files];
    if (files.length) onFiles(files);
  }, signal);
}
