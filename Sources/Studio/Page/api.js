/**
 * Talking to the server: JSON, packs of arrays, uploads with progress, events of jobs.
 *
 * Every call takes `{signal}` and ends with an `AbortError` when it aborts; views pass the signal they were mounted
 * with.
 */

/** The root of the API; paths given to this module start behind it (`/clips`). */
export const root = "/api/v1";

/** What the server (or the way to it) says went wrong: `what` happened, and the `remedy`, or null. */
export class ApiError extends Error {
  constructor(what, remedy = null, status = 0) {
    super(what);
    this.name = "ApiError";
    this.what = what;
    this.remedy = remedy;
    this.status = status;
  }
}

/** Whether an error only says that the view was left. */
export const isAbort = (error) => error?.name === "AbortError";

/** `path` under the API's root with a query; values that are null, undefined or empty are left out. */
export function address(path, query = {}) {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== null && value !== undefined && value !== "") parameters.set(name, value);
  }
  // A plus is a space in forms only; `%20` is one everywhere.
  const text = parameters.toString().replaceAll("+", "%20");
  return `${path.startsWith("/api/") ? "" : root}${path}${text ? `?${text}` : ""}`;
}

/** GET of JSON. */
export async function getJSON(path, { query, signal } = {}) {
  return (await request("GET", path, { query, signal })).json();
}

/** GET of bytes, for sounds. */
export async function getBytes(path, { query, signal } = {}) {
  return (await request("GET", path, { query, signal })).arrayBuffer();
}

/**
 * A request with a body: plain objects go as JSON, blobs and buffers as they are. Resolves to the answer's JSON, or
 * to null where it has none.
 */
export async function send(method, path, body, { query, signal } = {}) {
  const response = await request(method, path, { query, signal, body });
  const text = await response.text();
  return text ? JSON.parse(text) : null;
}

/**
 * A pack: `{...facts, arrays: {name: {data, shape, type}}}` with `data` a Float32Array, Uint8Array or Int16Array that
 * looks into the answer's bytes (nothing is copied). With `body` it is a POST.
 */
export async function getPack(path, { query, signal, body } = {}) {
  const response = await request(body === undefined ? "GET" : "POST", path, { query, signal, body });
  return readPack(await response.arrayBuffer());
}

const arrayTypes = { float32: Float32Array, uint8: Uint8Array, int16: Int16Array };

/** Reads a pack's bytes. */
export function readPack(buffer) {
  const length = new DataView(buffer).getUint32(0, true);
  const facts = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length)));
  const payload = 4 + length;
  const arrays = {};
  for (const { name, type, shape, offset } of facts.arrays) {
    const Type = arrayTypes[type];
    if (!Type) throw new ApiError(`The array ‘${name}’ has the unknown type ${type}.`, "Reload the page.");
    const count = shape.reduce((product, size) => product * size, 1);
    arrays[name] = { type, shape, data: new Type(buffer, payload + offset, count) };
  }
  return { ...facts, arrays };
}

/**
 * Sends a file with progress: `onProgress(share)` with 0…1. Resolves to the answer's JSON.
 * XMLHttpRequest, because `fetch` does not say how much has gone out.
 */
export function upload(path, file, { query, signal, onProgress } = {}) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", address(path, query));
    request.setRequestHeader("Content-Type", file.type || "application/octet-stream");
    request.upload.onprogress = (event) => {
      if (event.lengthComputable) onProgress?.(event.loaded / event.total);
    };
    request.onload = () => {
      const body = parsed(request.responseText);
      if (request.status < 300) resolve(body);
      else reject(errorFrom(request.status, body));
    };
    request.onerror = () => reject(unreachable());
    request.onabort = () => reject(new DOMException("Left", "AbortError"));
    signal?.addEventListener("abort", () => request.abort(), { once: true });
    if (signal?.aborted) reject(new DOMException("Left", "AbortError"));
    else request.send(file);
  });
}

/**
 * Server-sent events: `events("/jobs/7/events", {job, point, end}, {signal})` calls the handler of each event's name
 * with its data. The browser connects again by itself; `end` closes. Returns a function that closes.
 */
export function events(path, handlers, { signal } = {}) {
  const source = new EventSource(address(path));
  const close = () => source.close();
  for (const [name, handler] of Object.entries(handlers)) {
    if (name === "error") continue;
    source.addEventListener(name, (event) => {
      if (name === "end") close();
      handler(parsed(event.data));
    });
  }
  source.onerror = () => {
    if (source.readyState === EventSource.CLOSED) handlers.error?.(unreachable());
  };
  if (!handlers.end) source.addEventListener("end", close);
  signal?.addEventListener("abort", close, { once: true });
  return close;
}

/** A request that waits and tries again, twice, where the server says it is busy. */
async function request(method, path, { query, signal, body } = {}) {
  const options = { method, signal, headers: {} };
  if (body !== undefined && body !== null) {
    const isRaw = body instanceof Blob || body instanceof ArrayBuffer || ArrayBuffer.isView(body);
    options.body = isRaw ? body : JSON.stringify(body);
    options.headers["Content-Type"] = isRaw ? body.type || "application/octet-stream" : "application/json";
  }
  for (let attempt = 0; ; attempt += 1) {
    let response;
    try {
      response = await fetch(address(path, query), options);
    } catch (error) {
      if (isAbort(error)) throw error;
      throw unreachable();
    }
    if (response.ok) return response;
    const isBusy = response.status === 429 || response.status === 503;
    if (isBusy && attempt < 2) {
      await pause(Math.min(Number(response.headers.get("Retry-After")) || 1, 10), signal);
      continue;
    }
    throw errorFrom(response.status, parsed(await response.text()));
  }
}

function errorFrom(status, body) {
  const { what, remedy } = body?.error ?? {};
  return new ApiError(what ?? `The server answered with status ${status}.`, remedy ?? null, status);
}

const unreachable = () =>
  new ApiError("Otoscope's server does not answer.", "Check that ‘otoscope serve’ is running, then try again.");

function parsed(text) {
  try {
    return text ? JSON.parse(text) : null;
  } catch {
    return null;
  }
}

function pause(seconds, signal) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, seconds * 1000);
    signal?.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(new DOMException("Left", "AbortError"));
    }, { once: true });
  });
}
