import { strokePath } from "./plot.js";
import { css } from "./dom.js";

/**
 * What lies over a spectrogram without being part of it: the selection, the strokes of the brush, the brush itself,
 * the keys' crosshair. Everything is drawn light with a dark halo: it stands on any colour.
 */
export function drawMarks(context, view) {
  const { plot } = view;
  context.clearRect(0, 0, context.canvas.width, context.canvas.height);
  drawSelection(context, view);
  context.save();
  context.beginPath();
  context.rect(plot.x, plot.y, plot.width, plot.height);
  context.clip();
  for (const stroke of view.strokes) drawStroke(context, view, stroke, 1);
  if (view.draft) drawStroke(context, view, view.draft, 1.6);
  if (view.brushAt && view.tool.kind === "path" && !view.draft) {
    drawStroke(context, view, { shape: "path", points: [view.brushAt], radius: view.tool.radius,
      action: view.tool.action }, 1, false);
  }
  if (view.crosshair) drawCrosshair(context, view);
  context.restore();
}

function drawSelection(context, view) {
  const { selection } = view.timeline;
  if (!selection) return;
  const { x, y, width, height } = view.plot;
  const [left, right] = selection.map((seconds) => Math.min(Math.max(view.toX(seconds), x), x + width));
  context.fillStyle = "rgb(0 0 0 / .42)";
  context.fillRect(x, y, left - x, height);
  context.fillRect(right, y, x + width - right, height);
  context.fillStyle = css("--glow");
  for (const edge of [left, right]) if (edge > x && edge < x + width) context.fillRect(Math.round(edge) - 1, y, 2,
    height);
  context.fillRect(left, y + height - 3, right - left, 3);
}

const dashes = { mute: [], solo: [9, 4], noise: [2, 4] };

function drawStroke(context, view, stroke, weight, isLabelled = true) {
  strokePath(context, stroke, view.toX, view.toY);
  context.lineJoin = "round";
  if (stroke.shape === "path") {
    // The outline of many ellipses would be a tangle: their union is shown as a veil with an edge.
    fillUnion(context, view, stroke);
  } else {
    context.setLineDash([]);
    context.strokeStyle = "rgb(0 0 0 / .75)";
    context.lineWidth = weight + 2.5;
    context.stroke();
    context.setLineDash(dashes[stroke.action]);
    context.strokeStyle = "#fff";
    context.lineWidth = weight + 0.4;
    context.stroke();
    context.setLineDash([]);
  }
  if (isLabelled) label(context, view, stroke);
}

/** A painted band: white at its rim and clear inside, made by filling it twice, the second time a little smaller. */
function fillUnion(context, view, stroke) {
  const { width, height } = context.canvas;
  const layer = new OffscreenCanvas(width, height);
  const inner = layer.getContext("2d");
  inner.setTransform(context.getTransform());
  const shape = (growth) => {
    const radius = { seconds: stroke.radius.seconds + growth * view.timeline.span / view.plot.width,
      octaves: stroke.radius.octaves * (1 + growth * 0.02) };
    strokePath(inner, { ...stroke, radius: { seconds: Math.max(radius.seconds, 1e-4), octaves: radius.octaves } },
      view.toX, view.toY);
    inner.fill("nonzero");
  };
  inner.fillStyle = "rgb(0 0 0 / .75)";
  shape(1.4);
  inner.fillStyle = "#fff";
  shape(0);
  inner.globalCompositeOperation = "destination-out";
  inner.fillStyle = "#000";
  shape(-1.6);
  context.save();
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.drawImage(layer, 0, 0);
  context.restore();
}

function label(context, view, stroke) {
  const [seconds, hertz] = stroke.shape === "box"
    ? [stroke.seconds[0], stroke.hertz[1]]
    : [stroke.points[0][0], stroke.points[0][1] * 2 ** stroke.radius.octaves];
  const { plot } = view;
  const end = stroke.shape === "box" ? stroke.seconds[1] : stroke.points[0][0] + stroke.radius.seconds;
  const isBeside = end < view.timeline.range[0] || seconds > view.timeline.range[1];
  if (isBeside) return;
  const x = Math.min(Math.max(view.toX(seconds) + (stroke.shape === "box" ? 5 : -10), plot.x + 4),
    plot.x + plot.width - 40);
  const y = Math.min(Math.max(view.toY(hertz) + (stroke.shape === "box" ? 14 : -5), plot.y + 13),
    plot.y + plot.height - 4);
  context.font = "600 11px system-ui, sans-serif";
  context.textAlign = "left";
  context.textBaseline = "alphabetic";
  context.lineWidth = 3;
  context.strokeStyle = "rgb(0 0 0 / .8)";
  context.strokeText(stroke.action, x, y);
  context.fillStyle = "#fff";
  context.fillText(stroke.action, x, y);
}

function drawCrosshair(context, view) {
  const { plot, crosshair } = view;
  const x = Math.round(view.toX(crosshair.seconds)) + 0.5;
  const y = Math.round(view.positionToY(crosshair.position)) + 0.5;
  for (const [width, color] of [[3, "rgb(0 0 0 / .7)"], [1, "#fff"]]) {
    context.lineWidth = width;
    context.strokeStyle = color;
    context.beginPath();
    context.moveTo(x, plot.y);
    context.lineTo(x, y - 5);
    context.moveTo(x, y + 5);
    context.lineTo(x, plot.y + plot.height);
    context.moveTo(plot.x, y);
    context.lineTo(x - 5, y);
    context.moveTo(x + 5, y);
    context.lineTo(plot.x + plot.width, y);
    context.stroke();
  }
}
