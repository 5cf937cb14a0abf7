import { announce, listen } from "./dom.js";

/**
 * Pointers, wheel and keys on a spectrogram.
 *
 * - Mouse: click seeks, drag selects seconds (or makes a stroke with a brush), drag of an axis pans it, the middle
 *   button pans both.
 * - Wheel: sideways pans; up and down pans once zoomed in; with Ctrl (and a pinch on a touch pad) it zooms time, with
 *   Ctrl and
 *   Shift, or over the frequency axis, frequency.
 * - Touch: two fingers zoom and pan; one pans where zoomed in.
 * - Keys: arrows move a crosshair by a bin (with Shift ten), Enter seeks there or sets a corner of a box, + and −
 *   zoom (with Shift or Alt
 *   frequency), 0 shows all, Page Up and Page Down pan.
 */
export function listenToGestures(view, signal) {
  const { surface, timeline } = view;
  const pointers = new Map();
  let drag = null;

  const point = (event) => {
    const box = surface.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };
  const zoneOf = ({ x, y }) => {
    const { plot } = view;
    if (x < plot.x && y < plot.y + plot.height) return "frequency";
    if (y > plot.y + plot.height) return "time";
    return "plot";
  };
  const inside = ({ x, y }) => {
    const { plot } = view;
    const hertz = view.axis.hertz(Math.min(Math.max(view.toPosition(y), 0), 1));
    const seconds = Math.min(Math.max(view.toSeconds(Math.min(Math.max(x, plot.x), plot.x + plot.width)), 0),
      timeline.seconds);
    return [seconds, Math.max(hertz, 1)];
  };

  listen(surface, "pointerdown", (event) => {
    if (event.button > 1) return;
    const at = point(event);
    pointers.set(event.pointerId, at);
    surface.setPointerCapture(event.pointerId);
    timeline.isHeld = true;
    view.crosshair = null;
    if (pointers.size === 2) {
      cancelDraft();
      drag = { kind: "pinch", ...pinch() };
      return;
    }
    const zone = zoneOf(at);
    const isTouch = event.pointerType === "touch";
    const whole = { time: timeline.range, pitch: view.pitch };
    if (event.button === 1) drag = { kind: "pan", at, whole };
    else if (zone !== "plot") drag = { kind: zone === "time" ? "pan-time" : "pan-frequency", at, whole };
    else if (view.tool.kind === "look") {
      const edge = timeline.selection?.findIndex((seconds) => Math.abs(view.toX(seconds) - at.x) < 7) ?? -1;
      if (edge >= 0) drag = { kind: "select", anchor: timeline.selection[1 - edge], at };
      else drag = { kind: isTouch && !timeline.isWhole ? "press-pan" : "press", at, whole };
    } else {
      const [seconds, hertz] = inside(at);
      drag = { kind: "stroke", at, corner: [seconds, hertz] };
      begin(seconds, hertz);
    }
    // The middle button would start to scroll.
    if (event.button === 1) event.preventDefault();
  }, signal);

  listen(surface, "pointermove", (event) => {
    const at = point(event);
    if (pointers.has(event.pointerId)) pointers.set(event.pointerId, at);
    if (!drag) return hover(at, event.pointerType);
    const { plot } = view;
    const [dx, dy] = [at.x - (drag.at?.x ?? 0), at.y - (drag.at?.y ?? 0)];
    if (drag.kind === "press" && Math.abs(dx) > 4) drag = { kind: "select", anchor: inside(drag.at)[0], at: drag.at };
    if (drag.kind === "press-pan" && Math.abs(dx) > 4) drag.kind = "pan";
    if (drag.kind === "select") timeline.setSelection([drag.anchor, inside(at)[0]]);
    if (drag.kind === "pan" || drag.kind === "pan-time") {
      const span = drag.whole.time[1] - drag.whole.time[0];
      const shift = (-dx / plot.width) * span;
      timeline.setRange(drag.whole.time[0] + shift, drag.whole.time[1] + shift);
    }
    if (drag.kind === "pan" || drag.kind === "pan-frequency") {
      const shift = (dy / plot.height) * (drag.whole.pitch[1] - drag.whole.pitch[0]);
      view.setPitch(drag.whole.pitch[0] + shift, drag.whole.pitch[1] + shift);
    }
    if (drag.kind === "stroke") {
      const events = event.getCoalescedEvents?.() ?? [event];
      for (const each of events.length ? events : [event]) extend(...inside(point(each)));
      view.drawMarks();
      view.options.onStroke?.(view.draft, false);
    }
    if (drag.kind === "pinch" && pointers.size === 2) spread();
    if (drag.kind === "stroke" || drag.kind === "select") hover(at, "mouse");
  }, signal);

  const release = (event) => {
    if (!pointers.delete(event.pointerId)) return;
    const ended = drag;
    timeline.isHeld = pointers.size > 0;
    if (pointers.size > 0 && ended?.kind === "pinch") return;
    drag = null;
    if (event.type === "pointercancel") return cancelDraft();
    if (ended?.kind === "press" || ended?.kind === "press-pan") view.options.onSeek?.(inside(point(event))[0]);
    if (ended?.kind === "stroke") finish();
  };
  listen(surface, "pointerup", release, signal);
  listen(surface, "pointercancel", release, signal);
  listen(surface, "pointerleave", () => {
    if (drag) return;
    view.brushAt = null;
    view.showReadout(null);
    if (view.tool.kind === "path") view.drawMarks();
  }, signal);
  listen(surface, "dblclick", () => view.tool.kind === "look" && (timeline.selection ? timeline.setSelection(null)
    : view.showAll()), signal);

  function hover(at, kind) {
    if (kind === "touch") return;
    const zone = zoneOf(at);
    surface.dataset.zone = zone;
    if (zone !== "plot") return view.showReadout(null);
    const [seconds, hertz] = inside(at);
    view.brushAt = [seconds, hertz];
    view.showReadout(view.at(seconds, view.toPosition(at.y)));
    if (view.tool.kind === "path") view.drawMarks();
  }

  // Strokes.

  function begin(seconds, hertz) {
    const { kind, action, radius } = view.tool;
    view.draft = kind === "box"
      ? { action, shape: "box", seconds: [seconds, seconds], hertz: [hertz, hertz] }
      : { action, shape: "path", points: [[seconds, hertz]], radius: { ...radius } };
    if (kind === "path") view.options.onStroke?.(view.draft, false);
    view.drawMarks();
  }

  function extend(seconds, hertz) {
    const { draft } = view;
    if (!draft) return;
    if (draft.shape === "box") {
      const [from, low] = drag?.corner ?? view.corner;
      draft.seconds = [Math.min(from, seconds), Math.max(from, seconds)];
      draft.hertz = [Math.min(low, hertz), Math.max(low, hertz)];
      return;
    }
    const [before, at] = draft.points.at(-1);
    const distance = Math.hypot((seconds - before) / draft.radius.seconds,
      Math.log2(hertz / at) / draft.radius.octaves);
    if (distance > 0.2) draft.points.push([seconds, hertz]);
  }

  function finish() {
    const { draft } = view;
    view.draft = null;
    const isEmpty = draft?.shape === "box" && (draft.seconds[1] - draft.seconds[0] < 0.005
      || draft.hertz[1] - draft.hertz[0] < 1);
    view.drawMarks();
    if (draft) view.options.onStroke?.(isEmpty ? null : draft, true);
  }

  function cancelDraft() {
    if (!view.draft) return;
    view.draft = null;
    view.drawMarks();
    view.options.onStroke?.(null, true);
  }

  // Two fingers.

  function pinch() {
    const [a, b] = [...pointers.values()];
    return {
      a, b, time: timeline.range, pitch: view.pitch,
      seconds: [view.toSeconds(a.x), view.toSeconds(b.x)], positions: [view.toPosition(a.y), view.toPosition(b.y)],
    };
  }

  /** What was under the fingers stays under them; along an axis on which they lie close together, only pans. */
  function spread() {
    const [a, b] = [...pointers.values()];
    const { plot } = view;
    const across = Math.abs(drag.a.x - drag.b.x) > 50 && Math.abs(a.x - b.x) > 20;
    const perPixel = across ? (drag.seconds[1] - drag.seconds[0]) / (b.x - a.x)
      : (drag.time[1] - drag.time[0]) / plot.width;
    const middle = (drag.seconds[0] + drag.seconds[1]) / 2 - perPixel * ((a.x + b.x) / 2 - plot.x);
    timeline.setRange(middle, middle + perPixel * plot.width);
    const upward = Math.abs(drag.a.y - drag.b.y) > 50 && Math.abs(a.y - b.y) > 20;
    const perStep = upward ? (drag.positions[1] - drag.positions[0]) / (a.y - b.y)
      : (drag.pitch[1] - drag.pitch[0]) / plot.height;
    const low = (drag.positions[0] + drag.positions[1]) / 2 - Math.abs(perStep) * (plot.y + plot.height - (a.y + b.y) / 2);
    view.setPitch(low, low + Math.abs(perStep) * plot.height);
  }

  listen(surface, "wheel", (event) => {
    const at = point(event);
    const { plot } = view;
    const zone = zoneOf(at);
    const unit = event.deltaMode === 1 ? 16 : 1;
    const [dx, dy] = [event.deltaX * unit, event.deltaY * unit];
    const isPitch = zone === "frequency" || (event.ctrlKey && event.shiftKey);
    if (event.ctrlKey || event.metaKey) {
      event.preventDefault();
      const factor = Math.exp((dy || dx) * (Math.abs(dy || dx) < 40 ? 0.01 : 0.0035));
      if (isPitch) zoomPitch(factor, view.toPosition(at.y));
      else timeline.zoom(factor, view.toSeconds(at.x));
    } else if (isPitch && view.pitch[1] - view.pitch[0] < 0.999) {
      event.preventDefault();
      const shift = (-dy / plot.height) * (view.pitch[1] - view.pitch[0]);
      view.setPitch(view.pitch[0] + shift, view.pitch[1] + shift);
    } else if (!timeline.isWhole && (dx || dy)) {
      event.preventDefault();
      timeline.pan(((Math.abs(dx) > Math.abs(dy) ? dx : dy) / plot.width) * timeline.span);
    }
  }, signal, { passive: false });

  function zoomPitch(factor, around) {
    const [bottom, top] = view.pitch;
    const span = Math.min(Math.max((top - bottom) * factor, 0.02), 1);
    const share = (around - bottom) / (top - bottom);
    const start = Math.min(Math.max(around - share * span, 0), 1 - span);
    view.setPitch(start, start + span);
  }

  // Keys.

  const moves = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

  listen(surface, "keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && moves[event.key] === undefined) return;
    if (moves[event.key]) move(...moves[event.key], event.shiftKey ? 10 : 1);
    else if (event.key === "Enter") enter();
    else if (event.key === "+" || event.key === "=") event.altKey ? zoomPitch(0.7, here().position)
      : timeline.zoom(0.7, here().seconds);
    else if (event.key === "-" || event.key === "_") event.altKey ? zoomPitch(1 / 0.7, here().position)
      : timeline.zoom(1 / 0.7, here().seconds);
    else if (event.key === "0") view.showAll();
    else if (event.key === "PageUp") timeline.pan(-timeline.span * 0.8);
    else if (event.key === "PageDown") timeline.pan(timeline.span * 0.8);
    else if (event.key === "Escape" && (view.draft || view.crosshair || timeline.selection)) escape();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }, signal);

  const here = () => view.crosshair ?? { seconds: timeline.cursor, position: (view.pitch[0] + view.pitch[1]) / 2 };

  function move(right, up, times) {
    const { grid } = view;
    if (!grid) return;
    const start = here();
    const hop = Math.max(grid.hop, timeline.span / 400);
    const rows = view.axis.kind === "bands" ? view.axis.total : 120;
    const seconds = Math.min(Math.max(start.seconds + right * hop * times, 0), timeline.seconds);
    const row = Math.floor(start.position * rows) + up * times;
    view.crosshair = { seconds, position: (Math.min(Math.max(row, 0), rows - 1) + 0.5) / rows };
    if (seconds < timeline.range[0] || seconds > timeline.range[1]) timeline.setRange(seconds - timeline.span / 2,
      seconds + timeline.span / 2);
    const there = view.at(seconds, view.crosshair.position);
    if (view.draft?.shape === "box") extend(there.seconds, there.hertz);
    if (view.draft) view.options.onStroke?.(view.draft, false);
    view.drawMarks();
    view.showReadout(there);
    announce(there.text);
  }

  function enter() {
    const { seconds, position } = here();
    const hertz = view.axis.hertz(position);
    if (view.tool.kind === "look") return view.options.onSeek?.(seconds);
    view.crosshair ??= { seconds, position };
    if (view.draft) {
      finish();
      announce("Applied");
    } else {
      view.corner = [seconds, hertz];
      begin(seconds, hertz);
      if (view.tool.kind === "path") finish();
      else announce("First corner set. Move to the other corner and press Enter.");
    }
  }

  function escape() {
    if (view.draft) return cancelDraft();
    if (view.crosshair) {
      view.crosshair = null;
      view.showReadout(null);
      return view.drawMarks();
    }
    timeline.setSelection(null);
  }
}
