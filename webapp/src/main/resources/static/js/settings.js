// Settings of answers, kept in this browser.

import { byId, el } from './dom.js';
import { LANGUAGES, language, useLanguage } from './i18n.js';

const KEY = 'squint.settings';
const FIELDS = ['temperature', 'seed', 'system', 'longest'];
const DEFAULT_TOKENS = 256;

const load = () => {
  try {
    return JSON.parse(localStorage.getItem(KEY)) ?? {};
  } catch {
    return {};
  }
};

/** The settings as fields of a request; what is empty is left out. */
export function options() {
  const { temperature, seed, system, longest } = values();
  return {
    max_tokens: longest || String(DEFAULT_TOKENS),
    ...(temperature && Number(temperature) > 0 ? { temperature } : {}),
    ...(seed && Number(temperature) > 0 ? { seed } : {}),
    ...(system.trim() ? { system: system.trim() } : {}),
  };
}

const values = () => Object.fromEntries(FIELDS.map((name) => [name, byId(name).value]));

/** Shows whether answers are asked for with other than the usual settings. */
function mark() {
  const { temperature, system } = values();
  byId('open-settings').classList.toggle('changed', Number(temperature) > 0 || system.trim() !== '');
  byId('seed').disabled = !(Number(temperature) > 0);
}

/** Wires the dialog. */
export function wire() {
  const stored = load();
  for (const name of FIELDS) {
    byId(name).value = stored[name] ?? byId(name).value;
    byId(name).addEventListener('input', () => {
      localStorage.setItem(KEY, JSON.stringify(values()));
      mark();
    });
  }
  byId('language').append(...Object.entries(LANGUAGES).map(([code, name]) => el('option', { value: code, selected: code === language }, name)));
  byId('language').addEventListener('change', () => useLanguage(byId('language').value));
  byId('open-settings').addEventListener('click', () => byId('settings').showModal());
  byId('reset-settings').addEventListener('click', () => {
    localStorage.removeItem(KEY);
    FIELDS.forEach((name) => (byId(name).value = byId(name).defaultValue));
    mark();
  });
  mark();
}

/** Sets the server's longest answer. */
export function setMost(tokens) {
  const field = byId('longest');
  field.max = tokens;
  field.defaultValue = Math.min(DEFAULT_TOKENS, tokens);
  if (!field.value || Number(field.value) > tokens) {
    field.value = field.defaultValue;
  }
}
