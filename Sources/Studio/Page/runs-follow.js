/**
 * Following a job to its end, for every view that starts one.
 */
import { events, getJSON, send } from "./api.js";

/** Whether a job is neither done, failed nor cancelled. */
export const isActive = (job) => job.state === "waiting" || job.state === "running";

/**
 * Calls `onJob(job)` at each change and `onPoint({series, x, y})` for each new point of a curve; resolves to the job when it
 * has ended. Leaving (`signal`) stops to follow; the job goes on.
 */
export function follow(id, { signal, onJob = () => {}, onPoint = () => {} }) {
  return new Promise((resolve, reject) => {
    let [last, isOver] = [null, false];
    const finish = (job) => { isOver = true; close(); resolve(job); };
    const take = (job) => {
      if (!job || isOver) return;
      last = job;
      onJob(job);
      if (!isActive(job)) finish(job);
    };
    const close = events(`/jobs/${id}/events`, {
      job: take,
      point: (point) => point && !isOver && onPoint(point),
      end: async () => {
        if (isOver) return;
        // The last event may have come before the stream was open.
        try { take(await getJSON(`/jobs/${id}`, { signal })); } catch (error) { reject(error); }
        if (!isOver) finish(last);
      },
      error: (error) => !isOver && reject(error),
    }, { signal });
    signal?.addEventListener("abort", () => reject(new DOMException("Left", "AbortError")), { once: true });
  });
}

/** The newest job whose request has all these values and that has not failed, or null. */
export async function findJob(request, signal) {
  const { jobs } = await getJSON("/jobs", { signal });
  const isAsked = (job) => Object.entries(request).every(([key, value]) => String(job.request?.[key] ?? "") === String(value ?? ""));
  return jobs.find((job) => isAsked(job) && (job.state === "done" || isActive(job))) ?? null;
}

/** Starts a job. */
export const startJob = (request, signal) => send("POST", "/jobs", request, { signal });

/** Cancels a job that runs or waits, forgets one that has ended. */
export const endJob = (id, signal) => send("DELETE", `/jobs/${id}`, null, { signal });
