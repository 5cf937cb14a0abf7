/** Small things the browser keeps. Where it keeps nothing (a private window may refuse), they are forgotten without a word. */

/** What is kept under `key`, or null. `ofTab` asks for what ends with the tab. */
export function recall(key, { ofTab = false } = {}) {
  try {
    return (ofTab ? sessionStorage : localStorage).getItem(key);
  } catch {
    return null;
  }
}

/** Keeps a text under `key`; null forgets it. */
export function remember(key, value, { ofTab = false } = {}) {
  try {
    const storage = ofTab ? sessionStorage : localStorage;
    if (value === null) storage.removeItem(key);
    else storage.setItem(key, value);
  } catch {
    // Nothing depends on it.
  }
}
