/** The keys of the clip's page, for `bindKeys`. */
export function clipKeys(view) {
  const { brush, transport, timeline, state } = view;
  const sound = (keys, does, run) => ({ group: "Sound", keys, does, run });
  const edit = (keys, does, run, shown) => ({ group: "Brush", keys, does, run, shown });
  const picture = (keys, does, run, shown) => ({ group: "Picture", keys, does, run, shown });
  const nextOf = (options, value) => options[(options.indexOf(value) + 1) % options.length];
  return [
    sound(["Space"], "Play, pause", () => view.player.toggle()),
    sound(["1"], "Hear the clip", () => view.hear("clip")),
    sound(["2"], "Hear what was heard", () => view.hear("heard")),
    sound(["3"], "Hear what was ignored", () => view.hear("ignored")),
    sound(["4"], "Hear the edit", () => view.hear("edit")),
    sound(["l"], "Loop what is in view; end the loop", () => transport.toggleLoop()),
    sound(["i"], "Loop from the cursor", () => timeline.setSelection([timeline.cursor,
      timeline.selection?.[1] ?? timeline.seconds])),
    sound(["o"], "Loop to the cursor", () => timeline.setSelection([timeline.selection?.[0] ?? 0, timeline.cursor])),
    sound(["Home"], "To the start", () => transport.seek(0)),
    sound([","], "Back a tenth of a second", () => transport.seek(timeline.cursor - 0.1)),
    sound(["."], "On a tenth of a second", () => transport.seek(timeline.cursor + 0.1)),
    picture(["f"], "To the picture, to explore it with the keys below", () => view.spectrogram.surface.focus()),
    picture(["Arrows"], "Move the crosshair; with Shift ten bins", null, "← / → / ↑ / ↓"),
    picture(["Enter"], "Seek to the crosshair; with a brush, set a corner", null, "Enter"),
    picture(["+", "-"], "Zoom; with Alt frequencies", null, "+ / −"),
    picture(["PageUp", "PageDown"], "Pan", null, "Page ↑ / Page ↓"),
    picture(["0"], "Show all", () => view.spectrogram.showAll()),
    picture(["w"], "Next view", () => state.set({ view: nextOf(["network", "linear", "log"], state.value.view) })),
    picture(["x"], "Explanation on, off", () => view.explanation.flip()),
    picture(["]"], "A deeper layer, for methods that take one", () => view.explanation.deepen(1)),
    picture(["["], "A less deep layer", () => view.explanation.deepen(-1)),
    edit(["v"], "Look", () => brush.use("look")),
    edit(["m"], "Mute", () => brush.use("mute")),
    edit(["s"], "Solo", () => brush.use("solo")),
    edit(["n"], "Noise floor", () => brush.use("noise")),
    edit(["b"], "Box", () => brush.setShape("box")),
    edit(["p"], "Paint", () => brush.setShape("path")),
    edit(["Ctrl+z"], "Undo", () => brush.undo(), "Ctrl Z"),
    edit(["Ctrl+Shift+z", "Ctrl+y"], "Redo", () => brush.redo(), "Ctrl Shift Z"),
    edit(["c"], "Clear the edit", () => brush.clear()),
  ];
}
