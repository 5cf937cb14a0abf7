import { h, fill, listen, setTitle, announce } from "./dom.js";
import { mark, icon } from "./icons.js";
import { notice, menu } from "./controls.js";
import { ApiError, isAbort } from "./api.js";
import { addressChanged, flushStates } from "./state.js";
import { models, studio, onModels, recentClip } from "./studio.js";

/**
 * The page's frame: the header, the routes, and the view that is shown.
 *
 * A view is a module `view-NAME.js` with `export async function mount(root, {params, query, signal, navigate})`: it
 * fills `root`, and stops all it does when `signal` aborts. `params` are the parts of the path (`{id}`), `query` a
 * plain object. A view that keeps its state with `urlState` is told of Back and Forward by it; others are mounted
 * again.
 */

const routes = [
  { pattern: /^\/(?:clips)?$/, view: "home", place: "sounds" },
  { pattern: /^\/clips\/(?<id>[A-Za-z0-9_-]{1,64})$/, view: "clip", place: "sounds" },
  { pattern: /^\/models(?:\/(?<id>[A-Za-z0-9_-]{1,64}))?$/, view: "models", place: "models" },
  { pattern: /^\/inside(?:\/(?<id>[A-Za-z0-9_-]{1,64}))?$/, view: "inside", place: "inside" },
  { pattern: /^\/compare$/, view: "compare", place: "compare" },
  { pattern: /^\/atlas$/, view: "atlas", place: "atlas" },
  { pattern: /^\/runs(?:\/(?<id>[A-Za-z0-9_-]{1,64}))?$/, view: "runs", place: "runs" },
];

const places = [
  { place: "sounds", label: "Sounds", path: () => "/" },
  { place: "inside", label: "Inside", path: () => (recentClip() ? `/inside/${recentClip()}` : "/inside") },
  { place: "compare", label: "Compare", path: () => "/compare" },
  { place: "atlas", label: "Atlas", path: () => "/atlas" },
  { place: "models", label: "Models", path: () => "/models" },
  { place: "runs", label: "Runs", path: () => "/runs" },
];

const main = document.getElementById("view");
let shown = { path: null, controller: null };

/** Goes to a path of the page (`/clips/x?method=rise`). `replace: true` takes the place of the present entry. */
export function navigate(path, { replace = false } = {}) {
  leave();
  history[replace ? "replaceState" : "pushState"](null, "", withModel(path));
  show();
}

/** Before another entry of the history: the address is complete, and Back will find the place on the page. */
function leave() {
  flushStates();
  history.replaceState({ ...history.state, scroll: window.scrollY }, "");
}

/** The chosen model goes along from view to view. */
function withModel(path) {
  const url = new URL(path, location.origin);
  const model = new URLSearchParams(location.search).get("model");
  if (model && !url.searchParams.has("model")) url.searchParams.set("model", model);
  return url.pathname + url.search + url.hash;
}

/** Shows what the address says. */
async function show({ isReturn = false } = {}) {
  const path = location.pathname;
  if (isReturn && path === shown.path && addressChanged()) {
    refreshHeader();
    return;
  }
  const isFirst = shown.path === null;
  shown.controller?.abort();
  const controller = new AbortController();
  shown = { path, controller };
  const route = routes.find((each) => each.pattern.test(path));
  const root = h("div", { class: `view view-${route?.view ?? "missing"}` });
  fill(main, root);
  refreshHeader(route?.place);
  window.scrollTo(0, 0);
  // What had the focus is gone; the next Tab leads into the new view.
  if (!isFirst) main.focus({ preventScroll: true });
  if (!route) {
    setTitle("Not found");
    fill(root, h("div", { class: "page" }, h("h1", {}, "There is no such page"),
      h("p", {}, h("a", { href: "/" }, "Go to the sounds"))));
    return;
  }
  try {
    const module = await import(`./view-${route.view}.js`);
    if (controller.signal.aborted) return;
    await module.mount(root, {
      params: { ...route.pattern.exec(path).groups },
      query: Object.fromEntries(new URLSearchParams(location.search)),
      signal: controller.signal,
      navigate,
    });
    if (controller.signal.aborted) return;
    announce(document.title);
    if (isReturn && history.state?.scroll) window.scrollTo(0, history.state.scroll);
  } catch (error) {
    if (isAbort(error) || controller.signal.aborted) return;
    if (!(error instanceof ApiError)) console.error(error);
    fill(root, h("div", { class: "page" }, notice(error, { retry: error.status !== 404 && (() => show()) }),
      h("p", { class: "way-back" }, h("a", { href: "/" }, "Go to the sounds"))));
  }
}

const header = {
  nav: h("nav", { "aria-label": "Views", class: "places" }),
  model: menu({ label: "Model", test: "model", onchange: chooseModel }),
};

function refreshHeader(place = header.place) {
  header.place = place;
  fill(header.nav, places.map((each) => h("a", {
    href: withModel(each.path()), "aria-current": each.place === place ? "page" : null,
      "data-test": `to-${each.place}`,
  }, each.label)));
  header.chosen = new URLSearchParams(location.search).get("model");
  if (header.ids?.includes(header.chosen ?? header.default)) header.model.value = header.chosen ?? header.default;
}

async function refreshModels() {
  try {
    const [info, all] = await Promise.all([studio(), models()]);
    header.default = info.model;
    header.ids = all.map((each) => each.id);
    header.model.setOptions(all.map((each) => ({ value: each.id, label: each.ready ? each.name : `${each.name} (not ready)` })),
      header.chosen ?? info.model);
    header.model.hidden = header.ids.length === 0;
  } catch {
    header.model.hidden = true;
  }
}

/** Another model: the same place, without what belonged to the model before (its layers, methods, classes). */
function chooseModel(id) {
  const query = new URLSearchParams(location.search);
  for (const name of ["method", "target", "layer", "domain", "model"]) query.delete(name);
  if (id !== header.default) query.set("model", id);
  leave();
  const text = query.toString();
  history.pushState(null, "", location.pathname + (text ? `?${text}` : ""));
  show();
}

/** Links inside the page change the view without loading the page again. */
function followLinks(event) {
  if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey
    || event.altKey) return;
  const link = event.target.closest?.("a[href]");
  if (!link || link.target || link.hasAttribute("download")) return;
  const url = new URL(link.href);
  if (url.origin !== location.origin || !routes.some((each) => each.pattern.test(url.pathname))) return;
  if (url.hash && url.pathname === location.pathname) return;
  event.preventDefault();
  navigate(url.pathname + url.search);
}

fill(document.getElementById("top"),
  h("a", { href: "/", class: "brand", "aria-label": "Otoscope: sounds" }, mark(26), h("span", {}, "Otoscope")),
  header.nav, header.model,
  h("button", { type: "button", class: "button bare quiet", "aria-label": "Keys and help", title: "Keys (?)",
    "data-test": "help",
    onclick: () => import("./keyboard.js").then((module) => module.showKeys()) }, icon("help")));
listen(document, "click", followLinks);
listen(window, "popstate", () => show({ isReturn: true }));
onModels(refreshModels);
refreshModels();
import("./keyboard.js").then((module) => module.listenForHelp());
history.scrollRestoration = "manual";
show();
