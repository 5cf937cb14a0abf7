import { h } from "./dom.js";

export async function mount(root) {
  root.append(h("div", { class: "page" }));
}
