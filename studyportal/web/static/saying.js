/* Words of scripts in the language of the page. They are written in English; the page brings what its language says
   instead, in <meta name="words">, a text as a string and a counted one as its forms. */
const language = document.documentElement.lang || "en";
const spoken = JSON.parse(document.querySelector("meta[name=words]")?.content ?? "{}");

// The order in which catalogues keep the forms of a counted text.
const ORDER = ["zero", "one", "two", "few", "many", "other"];
const rules = new Intl.PluralRules(language);
const forms = ORDER.filter((form) => rules.resolvedOptions().pluralCategories.includes(form));

const filled = (text, values) => text.replace(/%\((\w+)\)[sd]/g, (_, name) => values[name]);

export const said = (text, values = {}) => filled(spoken[text] ?? text, values);

// Why the study did not take an entry; its own sentence, if it gave one.
export const refusalIn = ({ refusal }) => refusal || said("The study could not take this entry.");

export function saidOf(number, one, many, values = {}) {
  const found = spoken[one]?.[forms.indexOf(rules.select(number))] ?? (number === 1 ? one : many);
  return filled(found, { num: number, ...values });
}
