/**
 * The names of classes from a file as people have them: a line each, a table with a column of names, or JSON.
 *
 * Nothing leaves the page: the text becomes a list of names, and what was understood is said in words.
 */

/**
 * @param {string} text the file's content
 * @param {string} name the file's name, which tells its kind
 * @param {number} classes how many names the network needs; 0 where that is unknown. It decides whether a first line is a heading.
 * @returns {{labels: string[], how: string}} the names, and how the file was read
 * @throws {Error} with a message for people
 */
export function readLabels(text, name, classes = 0) {
  const clean = text.replace(/^\uFEFF/, "");
  const found = /\.json$/i.test(name) || /^\s*[[{]/.test(clean) ? fromJSON(clean)
    : /\.(csv|tsv)$/i.test(name) ? fromTable(clean, /\.tsv$/i.test(name) ? "\t" : ",", classes)
    : { labels: lines(clean), how: "one name a line" };
  found.labels = found.labels.map((label) => label.trim());
  if (!found.labels.some((label) => label)) throw new Error(`'${name}' holds no names. Give a name a line, or a column of names.`);
  return found;
}

function lines(text) {
  const all = text.split(/\r\n|\r|\n/);
  while (all.length && !all[all.length - 1].trim()) all.pop();
  return all;
}

function fromJSON(text) {
  let value;
  try { value = JSON.parse(text); } catch { throw new Error("The file is no valid JSON. Check its quotes, commas and brackets."); }
  if (!Array.isArray(value) && value && Array.isArray(value.labels)) value = value.labels;
  if (Array.isArray(value)) return { labels: value.map(nameOf), how: "a JSON list" };
  if (!value || typeof value !== "object") throw new Error("The JSON holds no list of names.");
  const keys = Object.keys(value);
  // {"0": "dog"} as id2label, or {"dog": 0} as label2id.
  if (keys.length && keys.every((key) => /^\d+$/.test(key))) {
    return { labels: placed(keys.map((key) => [Number(key), nameOf(value[key])])), how: "JSON by the number of the class" };
  }
  const nested = value.id2label ?? value.label2id;
  if (nested) return fromJSON(JSON.stringify(nested));
  if (keys.length && keys.every((key) => Number.isInteger(value[key]))) {
    return { labels: placed(keys.map((key) => [value[key], key])), how: "JSON from names to numbers" };
  }
  throw new Error("The JSON holds no list of names. Give [\"dog\", \"cat\"] or {\"0\": \"dog\", \"1\": \"cat\"}.");
}

function nameOf(value) {
  return typeof value === "string" ? value : String(value?.name ?? value?.label ?? value?.display_name ?? value);
}

/** Names at their places; a place without a name is empty. */
function placed(pairs) {
  const most = Math.max(...pairs.map(([place]) => place));
  if (most > 1e6) throw new Error(`A class has the number ${most}; numbers of classes begin at 0.`);
  const labels = new Array(most + 1).fill("");
  for (const [place, label] of pairs) labels[place] = label;
  return labels;
}

function fromTable(text, comma, classes) {
  const rows = tableRows(text, comma);
  if (!rows.length) return { labels: [], how: "" };
  const width = Math.max(...rows.map((row) => row.length));
  if (width === 1) return { labels: withoutHeading(rows, classes).map((row) => row[0]), how: "one name a line" };
  const heading = rows[0].map((cell) => cell.trim().toLowerCase());
  const words = ["display_name", "label", "name", "class", "class_name", "common_name", "species"];
  let column = words.map((word) => heading.indexOf(word)).find((place) => place >= 0) ?? -1;
  const isHeaded = column >= 0 || !rows[0].some((cell) => /^\d+$/.test(cell.trim()));
  const body = isHeaded && rows.length !== classes ? rows.slice(1) : rows;
  // Without a telling heading, the last column whose cells are words.
  if (column < 0) {
    for (let c = width - 1; c >= 0 && column < 0; c--) if (body.some((row) => /\D/.test(row[c] ?? ""))) column = c;
  }
  if (column < 0) throw new Error("No column of the table holds names.");
  const place = heading.findIndex((cell) => cell === "index" || cell === "id" || cell === "mid_index");
  if (place >= 0 && place !== column && body.every((row) => /^\d+$/.test((row[place] ?? "").trim()))) {
    const labels = placed(body.map((row) => [Number(row[place]), row[column] ?? ""]));
    return { labels, how: `column '${rows[0][column].trim()}', placed by '${rows[0][place].trim()}'` };
  }
  return {
    labels: body.map((row) => row[column] ?? ""),
    how: isHeaded ? `column '${rows[0][column].trim()}'` : `column ${column + 1}`,
  };
}

function withoutHeading(rows, classes) {
  return rows.length === classes + 1 && classes > 0 ? rows.slice(1) : rows;
}

/** Cells of a table as RFC 4180 has them: quotes may hold commas, line ends and doubled quotes. */
export function tableRows(text, comma = ",") {
  const rows = [];
  let [row, cell, isQuoted] = [[], "", false];
  for (let i = 0; i < text.length; i++) {
    const c = text[i];
    if (isQuoted) {
      if (c !== '"') cell += c;
      else if (text[i + 1] === '"') { cell += c; i++; } else isQuoted = false;
    } else if (c === '"' && !cell) isQuoted = true;
    else if (c === comma) { row.push(cell); cell = ""; }
    else if (c === "\n" || c === "\r") {
      if (c === "\r" && text[i + 1] === "\n") i++;
      row.push(cell);
      if (row.some((value) => value.trim())) rows.push(row);
      [row, cell] = [[], ""];
    } else cell += c;
  }
  row.push(cell);
  if (row.some((value) => value.trim())) rows.push(row);
  return rows;
}
