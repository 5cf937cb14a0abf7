/**
 * Runs: what takes longer than a moment. A list with progress, forms that start one, and a run's own page with its curves and
 * results while they come.
 */
import { h, fill, setTitle, announce } from "./dom.js";
import { getJSON, isAbort } from "./api.js";
import { button, dialog, notice, progress } from "./controls.js";
import { when } from "./format.js";
import { urlState } from "./state.js";
import { modelsChanged } from "./studio.js";
import { curves } from "./runs-curves.js";
import { endJob, follow, isActive } from "./runs-follow.js";
import { startForms } from "./runs-forms.js";
import { facts, jobResult } from "./runs-result.js";
import { span, useStyle } from "./views-shared.js";

const states = { waiting: "waits", running: "runs", done: "done", failed: "failed", cancelled: "cancelled" };
const kinds = { compare: "Comparison", evaluate: "Evaluation", maximize: "Maximization", train: "Training", test: "Test", index: "Index" };

export async function mount(root, { params, query, signal, navigate }) {
  await useStyle("views", "runs");
  return params.id ? mountOne(root, params.id, signal, navigate) : mountList(root, query, signal, navigate);
}

async function mountList(root, query, signal, navigate) {
  setTitle("Runs");
  const list = h("div", { class: "runs-list", "data-test": "jobs" });
  const trouble = h("div", {});
  const rows = new Map();
  const forms = h("div", {});
  fill(root, h("div", { class: "page runs" }, h("h1", {}, "Runs"), forms, trouble, list));
  let timer = 0;
  signal.addEventListener("abort", () => clearTimeout(timer));

  async function refresh() {
    clearTimeout(timer);
    try {
      const { jobs } = await getJSON("/jobs", { signal });
      fill(trouble);
      if (!jobs.length) {
        rows.clear();
        fill(list, h("p", { class: "v-empty" },
          "Nothing has run yet. Evaluations, comparisons, trainings and maximizations appear here, and stay after a restart."));
      } else {
        const ids = new Set(jobs.map((job) => job.id));
        for (const [id, row] of rows) if (!ids.has(id)) { row.remove(); rows.delete(id); }
        if (!rows.size) fill(list);
        jobs.forEach((job, place) => {
          if (!rows.has(job.id)) rows.set(job.id, jobRow(job.id));
          const row = rows.get(job.id);
          row.show(job);
          if (list.children[place] !== row) list.insertBefore(row, list.children[place] ?? null);
        });
      }
      timer = setTimeout(refresh, jobs.some(isActive) ? 1000 : 8000);
    } catch (error) {
      if (isAbort(error)) return;
      fill(trouble, notice(error, { retry: refresh }));
    }
  }

  function jobRow(id) {
    const bar = progress({ label: "Progress" });
    const [name, words, control] = [h("a", { href: `/runs/${id}`, class: "runs-name" }), h("span", { class: "v-hint" }), h("span", {})];
    const badge = h("span", { class: "runs-state" });
    const row = h("article", { class: "card runs-row", "data-test": "job", "data-id": id },
      h("div", { class: "runs-head" }, badge, name, words, control), bar);
    let shown = "";
    row.show = (job) => {
      const text = JSON.stringify([job.state, job.share, job.what, job.eta, job.title]);
      if (text === shown) return;
      const wasState = row.dataset.state;
      shown = text;
      row.dataset.state = job.state;
      name.textContent = job.title;
      badge.textContent = states[job.state] ?? job.state;
      words.textContent = [kinds[job.kind] ?? job.kind, timing(job)].filter(Boolean).join(" · ");
      bar.hidden = !isActive(job);
      bar.update({ share: job.state === "waiting" ? 0 : job.share, text: progressWords(job) });
      if (wasState !== job.state) fill(control, endButton(job, signal, refresh));
      row.querySelector(".runs-why")?.remove();
      if (job.error) row.append(h("p", { class: "runs-why" }, job.error.what));
    };
    return row;
  }

  startForms({ query, signal, started: (job) => navigate(`/runs/${job.id}`) }).then((content) => !signal.aborted && fill(forms, content))
    .catch((error) => !isAbort(error) && fill(forms, notice(error)));
  await refresh();
}

async function mountOne(root, id, signal, navigate) {
  setTitle("Run");
  const state = urlState({ sort: "rank" }, { signal });
  let job = await getJSON(`/jobs/${id}`, { signal });
  setTitle(job.title);
  const [badge, control, words, why, result] = ["runs-state", "", "v-hint", "", ""].map((name) => h("div", { class: name }));
  const bar = progress({ label: "Progress" });
  const plots = curves(signal, job.kind === "train" ? "epoch" : "step");
  const article = h("article", { class: "page runs", "data-test": "job", "data-id": id },
    h("p", {}, h("a", { href: "/runs" }, "All runs")),
    h("div", { class: "runs-head" }, h("h1", {}, job.title), badge, control), words, bar, why, plots, result,
    h("details", { class: "runs-request" }, h("summary", {}, "What was asked"),
      facts(Object.entries(job.request ?? {}).map(([key, value]) =>
      [key, typeof value === "object" ? JSON.stringify(value) : String(value)]))));
  fill(root, article);
  const showResult = () => fill(result, jobResult(job, { signal, sort: state.value.sort, onsort: (sort) =>
    state.set({ sort }, { push: false }) }));
  const showJob = (next) => {
    const isOver = isActive(job) && !isActive(next);
    const isNew = next.state !== article.dataset.state;
    job = next;
    article.dataset.state = job.state;
    badge.textContent = states[job.state] ?? job.state;
    badge.dataset.state = job.state;
    words.textContent = [kinds[job.kind] ?? job.kind, timing(job)].filter(Boolean).join(" · ");
    bar.hidden = !isActive(job);
    bar.update({ share: job.state === "waiting" ? 0 : job.share, text: progressWords(job) });
    plots.set(job.curves);
    if (!isNew) return;
    fill(control, endButton(job, signal, () => !isActive(job) && navigate("/runs")));
    fill(why, job.error && notice(job.error));
    showResult();
    if (isOver && job.kind === "train") modelsChanged();
    if (isOver) announce(`${job.title}: ${states[job.state]}`);
  };
  state.subscribe(showResult);
  showJob(job);
  if (!isActive(job)) return;
  follow(id, { signal, onJob: showJob, onPoint: plots.add }).then(showJob)
    .catch((error) => !isAbort(error) && fill(why, notice(error, { retry: () => navigate(`/runs/${id}`, { replace: true }) })));
}

function endButton(job, signal, after) {
  const end = async () => {
    try { await endJob(job.id, signal); after(); } catch (error) { if (!isAbort(error)) dialog("That did not work", notice(error)); }
  };
  return isActive(job) ? button({ label: "Cancel", symbol: "stop", kind: "small", test: "cancel",
    "aria-label": `Cancel ${job.title}`, onclick: end })
    : button({ label: `Forget ${job.title}`, symbol: "trash", text: false, kind: "small quiet", test: "forget", onclick: end });
}

function progressWords(job) {
  if (job.state === "waiting") return "Waits for its turn";
  return [job.what, job.eta !== null && job.eta !== undefined && `${span(job.eta)} left`].filter(Boolean).join(", ");
}

function timing(job) {
  if (!job.started) return "";
  if (!job.ended) return `since ${when(job.started)}`;
  return `${when(job.ended)}, took ${span((new Date(job.ended) - new Date(job.started)) / 1000)}`;
}
