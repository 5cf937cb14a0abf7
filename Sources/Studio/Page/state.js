/**
 * The state of a view, kept in the address: what you see is what a link to it shows.
 */

const listeners = new Set();

/**
 * State with a default for each key. Values in the address that equal the default are left out of it, so that links
 * stay short. A key's default says its type: string, number, boolean, or array of numbers (written `1.5,2.25`); a key
 * whose default is null is a string.
 *
 * ```js
 * const state = urlState({ method: "", opacity: 0.7, loop: [] }, { signal });
 * state.value.method;                       // now
 * state.set({ method: "rise" });            // a step that Back undoes
 * state.set({ opacity: 0.4 }, { push: false });   // a change in place
 * state.subscribe((value, changed) => …);   // changed: a Set of keys; also called for Back and Forward
 * ```
 *
 * Keys it does not know stay in the address untouched.
 */
export function urlState(defaults, { signal } = {}) {
  const subscribers = new Set();
  let value = read();
  let pending = null;

  function read() {
    const query = new URLSearchParams(location.search);
    const result = {};
    for (const [key, fallback] of Object.entries(defaults)) {
      result[key] = query.has(key) ? parse(query.get(key), fallback) : fallback;
    }
    return result;
  }

  function changes(next) {
    return new Set(Object.keys(defaults).filter((key) => write(next[key]) !== write(value[key])));
  }

  function tell(next) {
    const changed = changes(next);
    value = next;
    if (changed.size) for (const subscriber of [...subscribers]) subscriber(value, changed);
    return changed;
  }

  function url() {
    const query = new URLSearchParams(location.search);
    for (const [key, fallback] of Object.entries(defaults)) {
      const text = write(value[key]);
      if (text === write(fallback) || text === "") query.delete(key);
      else query.set(key, text);
    }
    // Commas, colons, semicolons, slashes and tildes are allowed in a query; links stay readable.
    const text = query.toString().replace(/%(?:2C|3A|3B|2F|7E)/g, decodeURIComponent);
    return location.pathname + (text ? `?${text}` : "") + location.hash;
  }

  function commit() {
    clearTimeout(pending);
    pending = null;
    history.replaceState(history.state, "", url());
  }

  const state = {
    get value() { return value; },
    /** Changes keys. `push: false` replaces the present entry of the history, gathered over a quarter of a second. */
    set(patch, { push = true } = {}) {
      const changed = tell({ ...value, ...patch });
      if (!changed.size) return;
      if (push) {
        if (pending) commit();
        history.pushState(null, "", url());
      } else {
        // Browsers refuse more than about a hundred changes in half a minute.
        clearTimeout(pending);
        pending = setTimeout(commit, 250);
      }
    },
    subscribe(subscriber) {
      subscribers.add(subscriber);
      return () => subscribers.delete(subscriber);
    },
    /** The address of this state with other values: for links. */
    link(patch = {}) {
      const kept = value;
      value = { ...value, ...patch };
      const result = url();
      value = kept;
      return result;
    },
    /** Writes what waits into the address at once. */
    flush() { if (pending) commit(); },
  };

  const listener = { changed: () => tell(read()), flush: state.flush };
  listeners.add(listener);
  signal?.addEventListener("abort", () => {
    // What waits belongs to an address that has been left.
    clearTimeout(pending);
    listeners.delete(listener);
  });
  window.addEventListener("pagehide", () => state.flush(), { signal });
  return state;
}

/** Tells every state that the address has changed; false where no view listens and the view must be mounted again. */
export function addressChanged() {
  for (const listener of [...listeners]) listener.changed();
  return listeners.size > 0;
}

/** Writes what waits into the address before it is left. */
export function flushStates() {
  for (const listener of [...listeners]) listener.flush();
}

function parse(text, fallback) {
  if (typeof fallback === "number") return Number.isFinite(Number(text)) && text !== "" ? Number(text) : fallback;
  if (typeof fallback === "boolean") return text === "1" || text === "true" ? true : text === "0" || text === "false"
    ? false : fallback;
  if (Array.isArray(fallback)) {
    const numbers = text.split(",").map(Number);
    return numbers.every(Number.isFinite) ? numbers : fallback;
  }
  return text;
}

function write(value) {
  if (value === null || value === undefined) return "";
  if (typeof value === "boolean") return value ? "1" : "0";
  if (typeof value === "number") return String(rounded(value));
  if (Array.isArray(value)) return value.map(rounded).join(",");
  return String(value);
}

const rounded = (number) => Number(number.toPrecision(6));
