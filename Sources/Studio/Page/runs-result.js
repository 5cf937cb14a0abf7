/**
 * What a job found, as people read it: recommendations, tables, pictures, sounds, files, the report's own page.
 */
import { h } from "./dom.js";
import { address } from "./api.js";
import { button, linkButton } from "./controls.js";
import { compact, score } from "./format.js";
import { sortedTable } from "./views-table.js";
import { soundButton } from "./views-sound.js";
import { span } from "./views-shared.js";

/** All of it; null where the job has no result. */
export function jobResult(job, { signal, sort, onsort }) {
  const { result, request } = job;
  const parts = [];
  if (job.kind === "maximize" && result) parts.push(maximizedResult(job, signal));
  else if (result) {
    if (result.recommendation) parts.push(h("p", { class: "runs-verdict" }, result.recommendation));
    if (job.kind === "compare" && request?.clip) {
      const query = new URLSearchParams({ clip: request.clip, ...(request.model && { model: request.model }),
        ...(request.target !== undefined && { target: request.target }) });
      parts.push(linkButton({ label: "See and hear these methods", symbol: "compare", href: `/compare?${query}` }));
    }
    if (result.catalogue) parts.push(linkButton({ label: "See its atlas", symbol: "atlas", kind: "primary",
      href: `/atlas?catalogue=${result.catalogue}` }));
    parts.push(numbers(result), result.methods?.length > 0 && methodTable(result.methods, { sort, onsort }), notes(result));
  }
  parts.push(report(job), files(job));
  return parts.some(Boolean) ? h("section", { "aria-label": "Result", "data-test": "result" }, parts) : null;
}

/** A maximized input: its picture, its sound, what it reaches. */
export function maximizedResult(job, signal) {
  const { result } = job;
  return h("div", { class: "runs-maximized" },
    result.heard?.length > 0 && h("p", {}, "The model hears in it: ", result.heard.slice(0, 3).map((each) =>
      `${each.label} (${score(each.score)})`).join(", ")),
    result.picture && h("a", { href: result.picture, target: "_blank", rel: "noopener", title: "The picture in full size" },
      h("img", { src: result.picture, alt: `The input found by: ${job.title}`, "data-test": "maximized-picture" })),
    h("div", { class: "row" }, result.sound && soundButton(result.sound, "the sound that was found",
      { signal, text: "Hear it", test: "maximized-sound" }),
      result.sound && linkButton({ label: "WAV", symbol: "download", kind: "quiet", href: result.sound, download: "" }),
      h("span", { class: "v-hint" }, [Number.isFinite(result.value) && `reaches ${compact(result.value)}`,
        Number.isFinite(result.first) && `began at ${compact(result.first)}`,
        Number.isFinite(result.score) && `score ${compact(result.score)}`].filter(Boolean).join(" · "))));
}

/** Which end of a criterion is good: docs/evaluation.md. */
const direction = Object.fromEntries([
  ...["deletion", "average-drop", "parameter-randomisation", "full-randomisation", "random-logit", "max-sensitivity", "infidelity",
    "complexity", "seconds", "evaluations", "rank"]
    .map((key) => [key, "low"]),
  ...["insertion", "faithfulness", "increase", "average-gain", "pointing-game", "relevance-mass", "relevance-rank",
    "class-difference", "class-contrast", "sparseness", "heard-kept", "ignored-lost"]
    .map((key) => [key, "high"])]);

/** A table of whatever numbers the rows have. */
function methodTable(rows, { sort, onsort }) {
  const keys = [...new Set(rows.flatMap((row) => Object.keys(row)))].filter((key) => !["method", "title", "figure"].includes(key)
    && rows.some((row) => ["number", "boolean", "string"].includes(typeof row[key])));
  // The verdict first, its reasons last.
  const place = (key) => ["rank", "deletion", "insertion", "faithfulness"].indexOf(key) + 1 || (key === "failed" ? 99 : 9);
  keys.sort((a, b) => place(a) - place(b));
  const words = (key) => key.replace(/([A-Z])/g, " $1").toLowerCase();
  const columns = [{ key: "title", title: "Method", format: (value, row) => value ?? row.method ?? row.name ?? row.label },
    ...keys.map((key) => ({ key, title: words(key), better: direction[key],
      format: key === "seconds" ? span : (value) => (typeof value === "boolean" ? (value ? "yes" : "no") : typeof value === "number"
        ? compact(value) : value ?? "–") }))];
  return sortedTable(rows, columns, { sort, onsort, caption: "Results, a row a method" });
}

/** The single numbers and texts of a result. */
function numbers(result) {
  const entries = Object.entries(result).flatMap(([key, value]) => {
    if (["recommendation", "catalogue", result.model && "name"].includes(key)) return [];
    if (value?.label) return [[key, `${value.label}${Number.isFinite(value.score) ? ` (${score(value.score)})` : ""}`]];
    return ["number", "string"].includes(typeof value) ? [[key, typeof value === "number" ? compact(value) : value]] : [];
  });
  return entries.length ? facts(entries.map(([key, value]) => [key.replace(/([A-Z])/g, " $1").toLowerCase(), key === "model"
    ? h("a", { href: `/models/${value}` }, result.name ?? value) : /accuracy|precision/i.test(key) ? score(result[key]) : value])) : null;
}

/** What the run has to say beside its numbers, and what it left out. */
function notes(result) {
  const lines = [...(result.remarks ?? []), ...(Array.isArray(result.passedOver)
    ? result.passedOver.map(({ title, why }) => `${title} was left out: ${why}`) : [])];
  return lines.length > 0 && h("details", { class: "runs-files" }, h("summary", {},
    `${lines.length} remark${lines.length === 1 ? "" : "s"}`), h("ul", {}, lines.map((line) => h("li", {}, line))));
}

/** Pairs of a name and a value. */
export function facts(pairs) {
  return h("dl", { class: "v-facts" }, pairs.map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value))));
}

const fileAddress = (job, name) => address(`/jobs/${job.id}/files/${name.split("/").map(encodeURIComponent).join("/")}`);

/** The report's page in a frame of its own, without any right on this page. */
function report(job) {
  if (!job.page) return null;
  const src = fileAddress(job, job.page);
  const frame = h("iframe", { src, sandbox: "allow-scripts", title: `Report of ${job.title}`, class: "runs-report",
    "data-test": "report" });
  return h("section", { "aria-label": "Report" }, h("div", { class: "row runs-report-head" }, h("h2", {}, "Report"),
    linkButton({ label: "Open in a tab of its own", symbol: "link", kind: "small", href: src, target: "_blank", rel: "noopener" }),
    button({ label: "Taller", symbol: "plus", kind: "small quiet", onclick: () => {
      frame.style.height = `${Math.round(frame.clientHeight * 1.5)}px`; } })), frame);
}

function files(job) {
  if (!job.files?.length) return null;
  return h("details", { class: "runs-files" }, h("summary", {}, `${job.files.length} file${job.files.length === 1 ? "" : "s"}`),
    h("ul", {}, job.files.map((name) => h("li", {}, h("a", { href: fileAddress(job, name), download: "" }, name)))));
}
