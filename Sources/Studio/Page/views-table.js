/**
 * A table of numbers that sorts by its columns.
 */
import { h } from "./dom.js";
import { compact } from "./format.js";

/**
 * @param {object[]} rows
 * @param {{key: string, title: string, better?: "low"|"high", format?: (value, row) => any, hint?: string}[]} columns
 * @param {{sort: string, onsort: (key: string) => void, caption: string, test?: string}} options `sort` is a column's key; a minus
 *   before it turns
 *   the order round. The first press on a column puts the best on top.
 */
export function sortedTable(rows, columns, { sort, onsort, caption, test }) {
  const best = Object.fromEntries(columns.filter((column) => column.better).map((column) => {
    // What failed a check, and controls, are no best ones.
    const values = rows.filter((row) => !row.failed).map((row) => row[column.key]).filter(Number.isFinite);
    return [column.key, column.better === "low" ? Math.min(...values) : Math.max(...values)];
  }));
  return h("div", { class: "v-scroll", tabindex: 0, role: "region", "aria-label": caption },
    h("table", { class: "v-table", "data-test": test },
    h("caption", { class: "unseen" }, caption),
    h("thead", {}, h("tr", {}, columns.map((column) => {
      const isSorted = sort === column.key || sort === `-${column.key}`;
      const isNumeric = rows.some((row) => typeof row[column.key] === "number");
      return h("th", { scope: "col", class: isNumeric ? "number" : null,
        "aria-sort": isSorted ? (isRising(sort, column) ? "ascending" : "descending") : "none", title: column.hint },
        h("button", { type: "button", "data-test": `sort-${column.key}`,
          onclick: () => onsort(sort === column.key ? `-${column.key}` : column.key) },
          column.title, column.better && h("span", { class: "v-hint" }, column.better === "low" ? "low is good" : "high is good"),
          h("span", { "aria-hidden": "true" }, isSorted ? (isRising(sort, column) ? " ↑" : " ↓") : "")));
    }))),
    h("tbody", {}, sorted(rows, columns, sort).map((row) => h("tr", { "data-row": row.method ?? row.name }, columns.map((column, k) => {
      const value = row[column.key];
      const content = value === null || value === undefined ? "–" : column.format ? column.format(value, row)
        : typeof value === "number" ? compact(value) : value ?? "–";
      const isNumber = typeof value === "number";
      return h(k === 0 ? "th" : "td", { scope: k === 0 ? "row" : null,
        class: `${isNumber ? "number" : ""}${isNumber && !row.failed && value === best[column.key] ? " best" : ""}` }, content);
    }))))));
}

const isRising = (sort, column) => (column.better === "high") === sort.startsWith("-");

/** Rows in the order that `sort` names; those without a value come last. */
export function sorted(rows, columns, sort) {
  const column = columns.find((each) => each.key === sort.replace(/^-/, ""));
  if (!column) return rows;
  const sign = isRising(sort, column) ? 1 : -1;
  return [...rows].sort((a, b) => {
    const [x, y] = [a[column.key], b[column.key]];
    if (x === y) return 0;
    if (x === null || x === undefined) return 1;
    if (y === null || y === undefined) return -1;
    return (typeof x === "number" && typeof y === "number" ? x - y : String(x).localeCompare(String(y), "en", { numeric: true })) * sign;
  });
}
