import { svg } from "./dom.js";

/** The page's icons: strokes on a 24 by 24 field, drawn in the text's colour. */
const paths = {
  play: "M7 4.8v14.4L19 12z",
  pause: "M8 5v14M16 5v14",
  stop: "M7 7h10v10H7z",
  loop: "M17 3l3 3-3 3M4 11V9a3 3 0 0 1 3-3h13M7 21l-3-3 3-3M20 13v2a3 3 0 0 1-3 3H4",
  look: "M5 3l14 8-6.2 1.8L10 19z",
  box: "M4 8V4h4M16 4h4v4M20 16v4h-4M8 20H4v-4",
  paint: "M4 20c2.5 0 5-.8 5-3.2A2.8 2.8 0 0 0 6.2 14C3.6 14 5 18 4 20zM8.5 14.5L19 4l1 1L9.5 15.5",
  mute: "M4 9.5v5h3.5L12 19V5L7.5 9.5zM16 9.5l5 5M21 9.5l-5 5",
  solo: "M4 9.5v5h3.5L12 19V5L7.5 9.5zM15.5 9a4 4 0 0 1 0 6M18.3 6.2a8 8 0 0 1 0 11.6",
  noise: "M3 12l2-4 2 9 2-12 2 13 2-10 2 7 2-8 2 9 2-4",
  undo: "M8 5L4 9l4 4M4 9h10a5.5 5.5 0 0 1 0 11h-4",
  redo: "M16 5l4 4-4 4M20 9H10a5.5 5.5 0 0 0 0 11h4",
  trash: "M4 7h16M9 7V4h6v3M6.5 7l1 13h9l1-13",
  keep: "M6 3h12v18l-6-4.5L6 21z",
  download: "M12 4v11M7.5 10.5L12 15l4.5-4.5M4 20h16",
  upload: "M12 16V5M7.5 9.5L12 5l4.5 4.5M4 20h16",
  link: "M10 14a4 4 0 0 0 5.7 0l3.1-3.1a4 4 0 0 0-5.7-5.7L12 6.3M14 10a4 4 0 0 0-5.7 0l-3.1 3.1a4 4 0 0 0 5.7 5.7l1.1-1.1",
  mic: "M12 3a3 3 0 0 0-3 3v5a3 3 0 0 0 6 0V6a3 3 0 0 0-3-3zM5.5 11a6.5 6.5 0 0 0 13 0M12 17.5V21",
  help: "M9 9a3 3 0 1 1 4.2 2.7c-.8.4-1.2 1-1.2 1.8M12 17h0M12 2.8a9.2 9.2 0 1 1 0 18.4 9.2 9.2 0 0 1 0-18.4z",
  close: "M6 6l12 12M18 6L6 18",
  fit: "M3 12h18M7 8l-4 4 4 4M17 8l4 4-4 4",
  plus: "M12 5v14M5 12h14",
  minus: "M5 12h14",
  back: "M15 5l-7 7 7 7",
  layers: "M12 3l9 5-9 5-9-5zM3 12.5l9 5 9-5M3 16.5l9 5 9-5",
  picture: "M4 5h16v14H4zM4 16l5-5 4 4 3-3 4 4M15.5 9h0",
  compare: "M4 5h7v14H4zM13 5h7v14h-7z",
  volume: "M4 9.5v5h3.5L12 19V5L7.5 9.5zM15.5 9a4 4 0 0 1 0 6",
  atlas: "M6 7h0M10 15h0M17 6h0M15 12h0M7 18h0M19 17h0M12 9h0",
  eye: "M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12zM12 9.2a2.8 2.8 0 1 1 0 5.6 2.8 2.8 0 0 1 0-5.6z",
  check: "M5 12.5l4.5 4.5L19 7.5",
};

/** An icon by name, hidden from screen readers: the control around it carries the name. */
export function icon(name, size = 20) {
  return svg("svg", { viewBox: "0 0 24 24", width: size, height: size, class: `icon icon-${name}`,
    "aria-hidden": "true" },
    svg("path", { d: paths[name] ?? paths.help }));
}

/** Otoscope's mark. */
export function mark(size = 24) {
  return svg("svg", { viewBox: "0 0 24 24", width: size, height: size, class: "icon", "aria-hidden": "true" },
    svg("circle", { cx: 12, cy: 12, r: 10 }), svg("path", { d: "M8 12h0M12 7.5v9M16 10v4" }));
}
