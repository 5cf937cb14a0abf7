import { getJSON } from "./api.js";
import { recall, remember } from "./memory.js";

/**
 * What every view needs to know of this studio, fetched once: its facts (`GET /api/v1`) and its models.
 */

const held = { info: null, models: null, details: new Map() };
const subscribers = new Set();

/** The studio's facts: `{product, version, model, limits, examples, catalogues}`. */
export function studio() {
  held.info ??= getJSON("").catch((error) => {
    held.info = null;
    throw error;
  });
  return held.info;
}

/** All models, as `GET /models` lists them. */
export function models() {
  held.models ??= getJSON("/models").then((answer) => answer.models).catch((error) => {
    held.models = null;
    throw error;
  });
  return held.models;
}

/** The model called `id`, or the studio's own where `id` is empty or not known; with its labels. */
export async function model(id) {
  const [info, all] = await Promise.all([studio(), models()]);
  const chosen = all.find((each) => each.id === id) ?? all.find((each) => each.id === info.model) ?? all[0];
  if (!chosen) return null;
  if (!held.details.has(chosen.id)) {
    const details = getJSON(`/models/${chosen.id}`).catch((error) => {
      held.details.delete(chosen.id);
      throw error;
    });
    held.details.set(chosen.id, details);
  }
  return held.details.get(chosen.id);
}

/** Forgets what was fetched, after a model came, changed or went; the header's menu follows. */
export async function modelsChanged() {
  held.models = null;
  held.details.clear();
  for (const subscriber of [...subscribers]) subscriber();
  return models();
}

/** Calls `subscriber` after `modelsChanged`. */
export function onModels(subscriber) {
  subscribers.add(subscriber);
}

const lastClip = "otoscope.clip";

/** The clip that was looked at last: other views start from it. */
export const recentClip = () => recall(lastClip, { ofTab: true });
export const rememberClip = (id) => remember(lastClip, id, { ofTab: true });
