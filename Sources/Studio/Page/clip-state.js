import { urlState } from "./state.js";

/** All that is chosen on a clip's page. */
const defaults = {
  model: "", channel: "",
  // The explanation: empty means the model's own method, the best class, the method's own layer, the first domain.
  method: "", target: "", layer: "", domain: "", opacity: 0.85, threshold: 0.05,
  // What is seen: seconds and hertz in view.
  view: "network", x: [], y: [],
  // What is heard: where the cursor stands, what repeats.
  track: "clip", t: 0, loop: [],
  // The brush: its strokes as text (`strokes.js`).
  tool: "look", shape: "box", edit: "",
};

const allowed = {
  view: ["network", "linear", "log"], track: ["clip", "heard", "ignored", "edit"],
  tool: ["look", "mute", "solo", "noise"], shape: ["box", "path"],
};

/** The state of a clip's page, kept in the address. */
export const clipState = (signal) => urlState(defaults, { signal, allowed });
