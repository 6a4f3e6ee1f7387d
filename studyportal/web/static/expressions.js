/* Walks the tree of a branching condition (`branching` of the study's expressions) over one row of answers.

   A row maps names to answers as they are on the wire; what is not there, or null, is missing. `holds` gives true,
   false, or null for missing. It says exactly what the Python evaluator says: a test holds the two together. */

const DATE = /^[0-9]{4}-[0-9]{2}-[0-9]{2}$/;
const TIME = /^[0-9]{2}:[0-9]{2}$/;
const SORTS = ["number", "string", "boolean"];

const isAlike = (left, right) => SORTS.includes(typeof left) && typeof left === typeof right;

// Numbers, days and times have an order; other texts and yes and no have none.
const FORMS = [
  (value) => typeof value === "number",
  (value) => typeof value === "string" && DATE.test(value),
  (value) => typeof value === "string" && TIME.test(value),
];
const isOrdered = (left, right) => FORMS.some((isForm) => isForm(left) && isForm(right));

const equality = (test) => (left, right) => (isAlike(left, right) ? test(left, right) : null);
const order = (test) => (left, right) => (isOrdered(left, right) ? test(left, right) : null);

// The values of what is joined -> what they are together; one side alone may decide.
const every = (values) => (values.includes(false) ? false : values.every((value) => value === true) ? true : null);
const some = (values) => (values.includes(true) ? true : values.every((value) => value === false) ? false : null);

const contained = (value, among) =>
  Array.isArray(among) && among.length > 0 && among.every((one) => isAlike(one, value)) ? among.includes(value) : null;

const OPERATORS = new Map([
  ["==", equality((left, right) => left === right)],
  ["!=", equality((left, right) => left !== right)],
  ["<", order((left, right) => left < right)],
  ["<=", order((left, right) => left <= right)],
  [">", order((left, right) => left > right)],
  [">=", order((left, right) => left >= right)],
  ["in", contained],
  ["and", (...values) => every(values)],
  ["or", (...values) => some(values)],
  ["not", (value) => (typeof value === "boolean" ? !value : null)],
]);

const answer = (row, name) => (Object.hasOwn(row, name) ? row[name] : null);

function valueOf([kind, ...parts], row) {
  if (kind === "value") return parts[0];
  if (kind === "name") return answer(row, parts[0]);
  return OPERATORS.get(kind)(...parts.map((part) => valueOf(part, row)));
}

export function holds(tree, row) {
  const value = valueOf(tree, row);
  return typeof value === "boolean" ? value : null;
}
