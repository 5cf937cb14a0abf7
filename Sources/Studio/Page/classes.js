import { h, fill } from "./dom.js";
import { freshId } from "./controls.js";
import { decimal, score as scoreText } from "./format.js";

/**
 * The classes a sound was given, ranked, each a button that asks for its explanation; after an edit with the score
 * before it.
 *
 * Options: `onClass(label, index)`. `element` goes into the page.
 */
export class Classes {
  #scores = [];
  #edited = null;
  #chosen = null;
  #wanted = null;
  #items = new Map();

  constructor(options) {
    this.options = options;
    this.isProbability = true;
    const list = freshId("labels");
    this.list = h("ol", { class: "ranked", "data-test": "classes", "aria-label": "Classes, best first" });
    this.remark = h("p", { class: "remark", hidden: true });
    this.labels = h("datalist", { id: list });
    this.search = h("input", {
      type: "search", list, placeholder: "Explain another class …", "aria-label": "Explain another class",
        "data-test": "target",
      autocomplete: "off", spellcheck: "false",
      onchange: () => this.#searched(), onkeydown: (event) => event.key === "Enter" && this.#searched(),
    });
    this.element = h("div", { class: "classes" }, this.list, this.remark, this.search, this.labels);
  }

  /** All the model's labels, for the search. */
  setLabels(labels) {
    this.all = labels;
    fill(this.labels, labels.map((label) => h("option", { value: label })));
  }

  #searched() {
    const text = this.search.value.trim().toLowerCase();
    if (!text) return;
    const index = this.all?.findIndex((label) => label.toLowerCase() === text) ?? -1;
    const near = index >= 0 ? index : this.all?.findIndex((label) => label.toLowerCase().includes(text)) ?? -1;
    if (near < 0) {
      this.search.setCustomValidity("The model has no such class.");
      this.search.reportValidity();
      this.search.setCustomValidity("");
      return;
    }
    this.search.value = "";
    this.search.blur();
    this.options.onClass(this.all[near], near);
  }

  /** `classes` `[{index, label, score}]`, top first. */
  setScores(classes, { isProbability = true, remark = null } = {}) {
    this.#scores = classes;
    this.isProbability = isProbability;
    fill(this.remark, remark);
    this.remark.hidden = !remark;
    this.#show();
  }

  /** The scores of an edit, `[{index, label, score, before}]`; null for none. */
  setEdited(classes) {
    this.#edited = classes;
    this.#show();
  }

  /** The class that is explained; one that is not among the ranked ones is added to them. */
  setChosen(target) {
    this.#chosen = target;
    this.#wanted = null;
    this.#show();
  }

  /** The class whose explanation is under way: it stands out at once, by its label. */
  setWanted(label) {
    this.#wanted = label;
    this.#show();
  }

  /** The indices on show: what an edit must score. */
  get indices() { return this.#shown().map((each) => each.index); }

  #shown() {
    const byIndex = new Map(this.#scores.map((each) => [each.index, each]));
    if (this.#chosen && !byIndex.has(this.#chosen.index)
      && Number.isFinite(this.#chosen.score)) byIndex.set(this.#chosen.index, this.#chosen);
    // Classes that an edit brings forward come with it.
    for (const each of this.#edited ?? []) {
      if (!byIndex.has(each.index) && each.score > 0.1) byIndex.set(each.index, { ...each, score: each.before });
    }
    return [...byIndex.values()];
  }

  #show() {
    const edited = new Map((this.#edited ?? []).map((each) => [each.index, each]));
    const shown = this.#shown();
    const values = shown.flatMap(({ index, score }) => [score, edited.get(index)?.score ?? score]);
    const [low, high] = this.isProbability ? [0, 1] : [Math.min(0, ...values), Math.max(...values, 1e-9)];
    const share = (value) => `${Math.max(0, Math.min(1, (value - low) / (high - low))) * 100}%`;
    // Elements are kept from one time to the next, so that bars grow and shrink instead of being replaced.
    const wanted = new Set(shown.map(({ index }) => index));
    for (const [index, item] of this.#items) {
      if (wanted.has(index)) continue;
      item.element.remove();
      this.#items.delete(index);
    }
    shown.forEach(({ index, label, score }, place) => {
      const item = this.#items.get(index) ?? this.#make(index, label);
      const after = edited.get(index)?.score;
      const isChosen = this.#wanted === null ? this.#chosen?.index === index : this.#wanted === label;
      item.now.style.width = share(after ?? score);
      item.before.hidden = after === undefined;
      item.before.firstChild.style.width = share(score);
      item.value.textContent = scoreText(after ?? score, this.isProbability);
      item.change.textContent = after === undefined ? "" : changeText(after - score, this.isProbability);
      item.change.dataset.sign = after === undefined || Math.abs(after - score) < 0.0005 ? "" : after > score ? "up"
        : "down";
      item.button.setAttribute("aria-pressed", String(isChosen));
      item.button.dataset.score = String(after ?? score);
      if (after !== undefined) item.button.dataset.before = String(score);
      else delete item.button.dataset.before;
      item.button.setAttribute("aria-label", `${label}, ${scoreText(after ?? score, this.isProbability)}${
        after === undefined ? "" : `, before the edit ${scoreText(score, this.isProbability)}`}${isChosen
          ? ", explained" : ""}`);
      if (this.list.children[place] !== item.element) this.list.insertBefore(item.element,
        this.list.children[place] ?? null);
    });
    this.list.classList.toggle("edited", this.#edited !== null);
  }

  #make(index, label) {
    const now = h("i");
    const before = h("span", { class: "track before", hidden: true }, h("i"));
    const value = h("span", { class: "value" });
    const change = h("span", { class: "change" });
    const element = h("li", {}, h("button", {
      type: "button", "data-class": label, "data-index": index, title: `Explain ‘${label}’`,
      onclick: () => this.options.onClass(label, index),
    }, h("span", { class: "name" }, label), change, value, h("span", { class: "tracks" }, before,
      h("span", { class: "track" }, now))));
    const item = { element, button: element.firstChild, now, before, value, change };
    this.#items.set(index, item);
    return item;
  }
}

function changeText(change, isProbability) {
  const value = isProbability ? change * 100 : change;
  if (Math.abs(value) < 0.05) return "±0";
  return `${value > 0 ? "+" : "−"}${decimal(Math.abs(value), Math.abs(value) < 9.95 ? 1 : 0)}`;
}
