// The history: conversations that are stored in this browser only.

import { byId, download, el } from './dom.js';
import { counted, language, t } from './i18n.js';
import { allTalks, deleteTalk, saveTalk } from './store.js';
import { flush, talk } from './talk.js';
import { offerUndo } from './undo.js';

/** The conversations in which something was asked. */
const askedTalks = async () => (await allTalks()).filter(({ turns }) => turns.length);

/** Wires the dialog; open(talk) shows a stored conversation. */
export function wire(open) {
  const dialog = byId('history');
  const list = async () => {
    const talks = await askedTalks();
    const show = (stored) => {
      dialog.close();
      open(stored);
    };
    byId('past').replaceChildren(...talks.map((stored) => entry(stored, show, list)));
    if (!talks.length) {
      byId('past').append(el('li', { class: 'hint' }, t('history.empty')));
    }
    byId('export-json').disabled = byId('clear-history').disabled = !talks.length;
  };
  const forgetAll = async () => {
    const talks = await askedTalks();
    await Promise.all(talks.map(({ id }) => deleteTalk(id)));
    // The page behind the dialog cannot be reached, so that the offer stands there once it is closed.
    dialog.close();
    offerUndo(counted('history.deleted', talks.length), () => Promise.all(talks.map(saveTalk)));
  };
  byId('open-history').addEventListener('click', async () => {
    await flush();
    await list();
    dialog.showModal();
  });
  byId('export-json').addEventListener('click', async () => download('squint-history.json', new Blob([JSON.stringify((await askedTalks()).map(exported), null, 2)], { type: 'application/json' })));
  byId('clear-history').addEventListener('click', forgetAll);
}

/** Without the pictures and maps, which are large. */
function exported({ when, turns, files }) {
  return {
    when,
    pictures: files.map(({ name }) => name),
    turns: turns.map(({ question, answer: { map, ...answer } }) => ({ question, answer })),
  };
}

function entry(stored, open, list) {
  const { turns, files, when, id } = stored;
  const [first] = turns;
  const title = first.question;
  const { answer } = first;
  const facts = [new Date(when).toLocaleString(language), counted('history.questions', turns.length)];
  const row = el(
    'li',
    {},
    thumb(files[0]),
    el(
      'div',
      { class: 'past-text' },
      el('p', { class: 'past-question' }, title),
      el('p', {}, answer.text),
      el('p', { class: 'hint' }, [...facts, ...(answer.plan && answer.plan !== 'none' ? [answer.plan] : []), ...(id === talk.id ? [t('history.open')] : [])].join(' · ')),
    ),
    el(
      'div',
      { class: 'past-actions' },
      el('button', { type: 'button', class: 'quiet', onclick: () => open(stored) }, t('history.show')),
      el('button', { type: 'button', class: 'quiet', 'aria-label': t('history.deleteOne', { title }), onclick: () => forget(stored, row, title, list) }, t('delete')),
    ),
  );
  return row;
}

/** Deletes a conversation; its row offers to undo it while the dialog is open. */
async function forget(stored, row, title, list) {
  await deleteTalk(stored.id);
  const undo = async () => {
    await saveTalk(stored);
    await list();
  };
  const button = el('button', { type: 'button', class: 'quiet', onclick: undo }, t('undo'));
  row.replaceChildren(el('span', { class: 'hint' }, t('history.deletedOne', { title })), button);
  row.className = 'deleted';
  button.focus();
}

function thumb(stored) {
  if (!stored || stored.file.type.startsWith('video/')) {
    return el('span', { class: 'no-thumb' });
  }
  const image = el('img', { src: URL.createObjectURL(stored.file), alt: '' });
  image.addEventListener('load', () => URL.revokeObjectURL(image.src), { once: true });
  return image;
}
