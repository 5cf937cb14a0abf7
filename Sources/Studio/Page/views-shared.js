/**
 * What several views need beside the page's controls: their own style sheet, content that loads or fails in words, files to
 * take along.
 */
import { h, fill } from "./dom.js";
import { isAbort } from "./api.js";
import { notice } from "./controls.js";
import { compact } from "./format.js";

/** Loads a view's own style sheet once, and waits for it, so that nothing is seen without it. */
export function useStyle(...names) {
  return Promise.all(names.map((name) => {
    const href = `/page/${name}.css`;
    let link = [...document.head.querySelectorAll("link[rel=stylesheet]")].find((each) => each.getAttribute("href") === href);
    if (!link) {
      link = h("link", { rel: "stylesheet", href });
      link.loaded = new Promise((resolve) => { link.onload = link.onerror = resolve; });
      document.head.append(link);
    }
    return link.loaded;
  }));
}

/**
 * Fills `place` with what `work` resolves to; meanwhile it says `text`, and an error as words with a way to try again.
 * Leaving the view is no error.
 */
export async function show(place, text, work, signal) {
  const wait = h("p", { class: "v-waiting", role: "status" }, text);
  if (!place.childElementCount) fill(place, wait);
  place.setAttribute("aria-busy", "true");
  try {
    const content = await work();
    if (!signal?.aborted && content !== undefined) fill(place, content);
  } catch (error) {
    if (!isAbort(error) && !signal?.aborted) fill(place, notice(error, { retry: () => show(place, text, work, signal) }));
  } finally {
    wait.remove();
    if (!signal?.aborted) place.removeAttribute("aria-busy");
  }
}

/** A signal that aborts with `outer`, or when the next one of the same `slot` is asked for: the newest question wins. */
export function newest(slot, outer) {
  slot.controller?.abort();
  slot.controller = new AbortController();
  return AbortSignal.any([slot.controller.signal, outer]);
}

/** Calls `work` when calls have ceased for so many milliseconds. */
export function settled(work, milliseconds, signal) {
  let timer;
  signal?.addEventListener("abort", () => clearTimeout(timer));
  return (...values) => {
    clearTimeout(timer);
    timer = setTimeout(() => work(...values), milliseconds);
  };
}

/** A control under its name. */
export function field(label, control, hint) {
  return h("label", { class: "v-field" }, h("span", { class: "v-field-name" }, label), control,
    hint && h("span", { class: "v-hint" }, hint));
}

/** How long something takes or lasts: `12 ms`, `0.96 s`, `3 min`, `2.1 h`. */
export function span(value) {
  if (value === null || value === undefined) return "–";
  if (value < 0.1) return `${compact(value * 1000)} ms`;
  if (value < 10) return `${compact(value)} s`;
  if (value < 100) return `${Math.round(value)} s`;
  const minutes = Math.round(value / 60);
  return minutes < 90 ? `${minutes} min` : `${(value / 3600).toFixed(1)} h`;
}

/** Offers text as a file. */
export function downloadText(text, name, type = "text/csv") {
  const url = URL.createObjectURL(new Blob([text], { type }));
  h("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/** A table as CSV (RFC 4180), quoted where needed. */
export function csv(rows) {
  const cell = (value) => (/[",\r\n]/.test(String(value ?? "")) ? `"${String(value).replaceAll('"', '""')}"` : String(value ?? ""));
  return rows.map((row) => row.map(cell).join(",")).join("\r\n") + "\r\n";
}

/** Whether the page is dark now, whoever chose it. */
export function isDark() {
  const [r, g, b] = getComputedStyle(document.body).backgroundColor.match(/[\d.]+/g)?.map(Number) ?? [255, 255, 255];
  return 0.3 * r + 0.6 * g + 0.1 * b < 128;
}
