/**
 * Making elements. Strings become text nodes, never markup, so that a file called `<img onerror=…>` stays a name.
 */

const svgNamespace = "http://www.w3.org/2000/svg";

/**
 * An element.
 *
 * `h("button", {class: "quiet", "aria-label": "Undo", onclick: undo, style: {width: "3em"}}, icon("undo"), "Undo")`
 *
 * - `on…` with a function adds a listener, `style` with an object sets CSS properties (the content security policy
 *   forbids the attribute), `value`, `checked`, `disabled`, `hidden`, `selected` and `indeterminate` are set as properties.
 * - Everything else is an attribute; `false`, `null` and `undefined` leave it out, `true` sets it empty.
 * - Children may be nodes, strings, numbers, arrays of them; `null`, `undefined` and `false` are left out.
 */
export function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  setProps(element, props);
  append(element, children);
  return element;
}

/** An SVG element; `props` and children as in `h`. */
export function svg(tag, props = {}, ...children) {
  const element = document.createElementNS(svgNamespace, tag);
  setProps(element, props);
  append(element, children);
  return element;
}

const asProperty = new Set(["value", "checked", "disabled", "hidden", "selected", "indeterminate"]);

/** Sets what `h` describes on an element that is there already. */
export function setProps(element, props) {
  for (const [name, value] of Object.entries(props ?? {})) {
    if (name.startsWith("on") && typeof value === "function") {
      element.addEventListener(name.slice(2), value);
    } else if (name === "style" && value && typeof value === "object") {
      for (const [key, part] of Object.entries(value)) {
        if (key.startsWith("--")) element.style.setProperty(key, part);
        else element.style[key] = part;
      }
    } else if (asProperty.has(name) && name in element) {
      element[name] = value;
    } else if (value === true) {
      element.setAttribute(name, "");
    } else if (value !== false && value !== null && value !== undefined) {
      element.setAttribute(name, String(value));
    } else {
      element.removeAttribute(name);
    }
  }
}

/** Appends children as `h` does. */
export function append(parent, children) {
  for (const child of [children].flat(Infinity)) {
    if (child === null || child === undefined || child === false) continue;
    parent.append(child instanceof Node ? child : String(child));
  }
}

/** Takes everything out of an element and puts `children` in. */
export function fill(parent, ...children) {
  parent.replaceChildren();
  append(parent, children);
  return parent;
}

/**
 * Says something to people who listen to the page instead of looking at it. Repeated calls within a moment leave only
 * the last: a live region that chatters is turned off.
 */
export function announce(text) {
  clearTimeout(announce.timer);
  announce.timer = setTimeout(() => {
    const live = document.getElementById("live");
    if (live) live.textContent = text;
  }, 120);
}

/** Names the page in the window's title. */
export function setTitle(text) {
  document.title = text ? `${text} · Otoscope` : "Otoscope";
}

/** Listens until `signal` aborts: `listen(window, "keydown", handler, signal)`. */
export function listen(target, type, handler, signal, options = {}) {
  target.addEventListener(type, handler, { ...options, signal });
}

/**
 * Calls `handler(width, height)` in CSS pixels now and at each change of the element's size, until `signal` aborts.
 */
export function onResize(element, handler, signal) {
  const observer = new ResizeObserver(() => handler(element.clientWidth, element.clientHeight));
  observer.observe(element);
  signal?.addEventListener("abort", () => observer.disconnect());
}

/**
 * Sizes a canvas for the screen it is on and returns its context, scaled so that drawing is in CSS pixels.
 * Returns null where the canvas has no room.
 */
export function fitCanvas(canvas, width, height) {
  const ratio = window.devicePixelRatio || 1;
  const [w, t] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (w < 1 || t < 1) return null;
  if (canvas.width !== w || canvas.height !== t) {
    canvas.width = w;
    canvas.height = t;
  }
  const context = canvas.getContext("2d");
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  return context;
}

/** A CSS custom property's value, for what is drawn on a canvas: `css("--ink")`. */
export function css(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

/** Calls `handler` when the page turns from light to dark or back, or moves to a screen of another density. */
export function onAppearance(handler, signal) {
  listen(matchMedia("(prefers-color-scheme: dark)"), "change", handler, signal);
  listen(matchMedia(`(resolution: ${window.devicePixelRatio}dppx)`), "change", handler, signal);
}
