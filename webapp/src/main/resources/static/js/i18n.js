// Texts in the language of the browser, or the one chosen in the settings.

import de from '../texts/de.js';
import en from '../texts/en.js';

const TEXTS = { en, de };
const KEY = 'squint.language';

/** The languages of the page, as {code: name}. */
export const LANGUAGES = { en: 'English', de: 'Deutsch' };

/** The first language of the browser that the page speaks, unless one was chosen. */
function choose() {
  const chosen = localStorage.getItem(KEY);
  return chosen in TEXTS ? chosen : (navigator.languages.map((tag) => tag.slice(0, 2)).find((tag) => tag in TEXTS) ?? 'en');
}

/** The language in use. */
export const language = choose();

/** Remembers another language and starts the page again; the conversation is kept. */
export function useLanguage(code) {
  localStorage.setItem(KEY, code);
  location.reload();
}

/** Whether there is a text with this key. */
export const has = (key) => key in TEXTS[language];

/** A text; {name} in it is replaced by a value. A missing text is an error, in every language. */
export function t(key, values = {}) {
  const text = TEXTS[language][key];
  if (text === undefined) {
    throw new Error(`there is no text '${key}' in ${language}.js`);
  }
  return text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

/** A text that depends on a number: `key.one` or `key.many`, with {count}. */
export const counted = (key, count, values = {}) => t(`${key}.${count === 1 ? 'one' : 'many'}`, { count, ...values });

/** A number as the language writes it. */
export const decimal = (value, digits = 1) =>
  value.toLocaleString(language, { minimumFractionDigits: digits, maximumFractionDigits: digits });

const TARGETS = { t: null, tLabel: 'aria-label', tPlaceholder: 'placeholder', tTitle: 'title' };

/** Fills the elements of the document that name their texts in data-t, data-t-label, data-t-placeholder, data-t-title. */
export function fillTexts(root = document) {
  document.documentElement.lang = language;
  for (const [name, attribute] of Object.entries(TARGETS)) {
    const selector = `data-${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    for (const element of root.querySelectorAll(`[${selector}]`)) {
      const text = t(element.dataset[name]);
      if (attribute) {
        element.setAttribute(attribute, text);
      } else {
        element.textContent = text;
      }
    }
  }
}
