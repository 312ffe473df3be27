// What the model is for, under its name; answers do not repeat it.

import { byId, el } from './dom.js';
import { known } from './figures.js';

/** Words of commands, which are not broken. */
const OPTION = /(--[\w.-]+(?:[ =]\S+)?)/;

export function wire() {
  byId('open-model-help').addEventListener('click', () => byId('model-help').showModal());
}

export function showNotice({ notice, notice_url: url }) {
  byId('notice').hidden = !notice;
  byId('notice-text').replaceChildren(...(notice ?? '').split(OPTION).map((part, i) => (i % 2 ? option(part) : part)));
  byId('notice-link').hidden = !url;
  if (url) {
    byId('notice-link').href = url;
  }
  known(notice);
}

/** The option itself stays in one piece, and so does its value where there is room. */
function option(text) {
  const [, word, value, end] = /^(\S+?)((?:[ =]\S*?)?)([.,;]?)$/.exec(text);
  return el('span', {}, el('code', { class: 'whole' }, word), value ? el('code', {}, value) : null, end);
}
