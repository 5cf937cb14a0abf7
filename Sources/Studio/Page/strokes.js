/**
 * Strokes of the brush as text for the address, and back.
 *
 * A box: `mb0.512,1.2,200,4000` (action, shape, seconds, hertz). A painted line: `np0.08,0.35;0.5,440;0.6,452`
 * (radius in seconds and octaves, then points). Strokes are joined with `~`. Milliseconds and whole hertz are finer
 * than any bin.
 */
const actions = { m: "mute", s: "solo", n: "noise" };
const letterOf = Object.fromEntries(Object.entries(actions).map(([letter, action]) => [action, letter]));

export function strokesToText(strokes) {
  return strokes.map((stroke) => {
    const letter = letterOf[stroke.action];
    if (stroke.shape === "box") return `${letter}b${[...stroke.seconds.map(fine), ...stroke.hertz.map(Math.round)].join(",")}`;
    const { seconds, octaves } = stroke.radius;
    return `${letter}p${fine(seconds)},${fine(octaves)};${stroke.points.map(([at, hertz]) => `${fine(at)},${Math.round(hertz)}`).join(";")}`;
  }).join("~");
}

/** Strokes from text; what cannot be read is left out. */
export function strokesFromText(text) {
  if (!text) return [];
  return text.split("~").flatMap((part) => {
    const action = actions[part[0]];
    const groups = part.slice(2).split(";").map((group) => group.split(",").map(Number));
    if (!action || !groups.flat().every(Number.isFinite)) return [];
    if (part[1] === "b" && groups.length === 1 && groups[0].length === 4) {
      const [from, to, low, high] = groups[0];
      return [{ action, shape: "box", seconds: [from, to], hertz: [low, high] }];
    }
    const [radius, ...points] = groups;
    if (part[1] !== "p" || radius.length !== 2 || points.length === 0
      || points.some((point) => point.length !== 2)) return [];
    return [{ action, shape: "path", points, radius: { seconds: radius[0], octaves: radius[1] } }];
  });
}

/**
 * A painted line with fewer points: those that lie within `tolerance` radii of the line between their neighbours go
 * (Ramer, Douglas and Peucker). What is painted stays the same to the eye, the address stays short.
 */
export function simplified(stroke, tolerance = 0.12) {
  if (stroke.shape !== "path" || stroke.points.length < 3) return stroke;
  const { seconds, octaves } = stroke.radius;
  const places = stroke.points.map(([at, hertz]) => [at / seconds, Math.log2(hertz) / octaves]);
  const keep = new Set([0, places.length - 1]);
  const walk = (first, last) => {
    let [worst, index] = [tolerance, -1];
    for (let each = first + 1; each < last; each += 1) {
      const distance = distanceToLine(places[each], places[first], places[last]);
      if (distance > worst) [worst, index] = [distance, each];
    }
    if (index < 0) return;
    keep.add(index);
    walk(first, index);
    walk(index, last);
  };
  walk(0, places.length - 1);
  return { ...stroke, points: stroke.points.filter((_, index) => keep.has(index)) };
}

function distanceToLine([x, y], [x0, y0], [x1, y1]) {
  const [dx, dy] = [x1 - x0, y1 - y0];
  const length = dx * dx + dy * dy;
  const share = length === 0 ? 0 : Math.min(Math.max(((x - x0) * dx + (y - y0) * dy) / length, 0), 1);
  return Math.hypot(x - x0 - share * dx, y - y0 - share * dy);
}

const fine = (value) => Number(value.toFixed(3));
