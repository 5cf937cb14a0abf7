import { fill } from "./dom.js";
import { notice, toast, withProgress } from "./controls.js";
import { isAbort, send } from "./api.js";
import { rounded } from "./brush.js";
import { stem } from "./clip-head.js";
import { download, encodeWav } from "./wav.js";

/** What becomes of an edit: a clip of its own, or a file. */

const nameOf = (clip) => `${stem(clip.name)}, edited`;

/**
 * Makes the edit a clip and opens it.
 *
 * @param view what the request needs: `{clip, brush, query, signal, navigate, heroStatus}`
 */
export async function keepEdit(view) {
  const { clip, brush, query, signal, navigate, heroStatus } = view;
  const body = { strokes: brush.strokes.map(rounded), name: nameOf(clip) };
  try {
    const request = send("POST", `/clips/${clip.id}/edits`, body, { query, signal });
    const kept = await withProgress(heroStatus, "The edit is being kept", request);
    toast(`Kept as ‘${kept.name}’`);
    navigate(`/clips/${kept.id}`);
  } catch (error) {
    if (!isAbort(error)) fill(heroStatus, notice(error, { retry: () => keepEdit(view), dismiss: () => {} }));
  }
}

/** Offers the edited sound as a WAV file. */
export function downloadEdit(clip, edit) {
  if (edit?.channels) download(encodeWav(edit.channels, edit.rate), `${nameOf(clip)}.wav`);
}
