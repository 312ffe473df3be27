// The conversation: its questions and answers, stored in this browser with its pictures.

import { release, sampling, setSampling } from './media.js';
import { add, allReady, items, replaceAll, show } from './pictures.js';
import { loadTalk, saveTalk } from './store.js';
import { offerUndo } from './undo.js';

const CURRENT = 'squint.talk';
const SAVE_AFTER_MILLIS = 150;

const fresh = () => ({ id: `${Date.now().toString(36)}-${Math.random().toString(36).slice(2, 8)}`, when: new Date().toISOString(), turns: [], textOnly: false });

/**
 * The conversation: {id, when, turns, textOnly}. A turn is {question, plan, preset, regions, options, answer, about,
 * stopped}: what was asked and how, the answer with its map, and the ids of the files that were sent. The answer of a
 * turn that was stopped has its text only.
 */
export let talk = fresh();

const listeners = [];
/** Registers a listener for another conversation, and for turns that were restored or deleted. */
export const onTurns = (listener) => listeners.push(listener);
const changed = () => listeners.forEach((listener) => listener());

/**
 * What was said before a turn, with the number of files of each question. A question that was stopped is left out; its
 * files stand with the question that follows.
 */
export function historyBefore(end = talk.turns.length) {
  let files = 0;
  let clips = 0;
  return talk.turns.slice(0, end).flatMap(({ question, answer, stopped }, i) => {
    const sent = items.filter((item) => item.turn === i);
    clips += sent.filter((item) => item.animated).length;
    files += sent.filter((item) => !item.animated).length;
    if (stopped) {
      return [];
    }
    const asked = { role: 'user', text: question, files, clips };
    files = clips = 0;
    return [asked, { role: 'assistant', text: answer.text }];
  });
}

/** Files that a question at this place is about: all that were sent before, and its own. */
export const filesFor = (turn) => items.filter((item) => item.turn === null || item.turn <= turn);

/** Appends a turn, or replaces one. */
export function setTurn(index, turn) {
  talk.turns[index] = turn;
  talk.when = new Date().toISOString();
  save();
}

/** Everything that an undo restores. */
export function snapshot() {
  return { talk: { ...talk, turns: [...talk.turns] }, items: [...items], turns: items.map((item) => item.turn), sampling: sampling() };
}

function restore(before) {
  flush();
  talk = before.talk;
  before.items.forEach((item, i) => (item.turn = before.turns[i]));
  setSampling(before.sampling);
  replaceAll(before.items);
  remember();
  changed();
  save();
}

/** Changes the conversation and offers to undo it. Files that are gone are freed when the offer ends. */
export async function undoable(text, change, before = snapshot()) {
  await change();
  changed();
  save();
  offerUndo(text, () => restore(before), () => before.items.filter((item) => !items.includes(item)).forEach(release));
}

/** Deletes the turns from one place to another; their files stay with the question that follows. */
export function cut(from, to = from + 1) {
  talk.turns.splice(from, to - from);
  for (const item of items) {
    if (item.turn !== null && item.turn >= from) {
      const moved = Math.max(from, item.turn - (to - from));
      item.turn = moved < talk.turns.length ? moved : null;
    }
  }
}

/** Begins another conversation; the present one is stored. */
export function begin() {
  flush();
  talk = fresh();
  setSampling();
  replaceAll([]);
  remember();
}

const remember = () => sessionStorage.setItem(CURRENT, talk.id);

let timer = null;

/** Stores the conversation soon. */
export function save() {
  clearTimeout(timer);
  timer = setTimeout(store, SAVE_AFTER_MILLIS);
}

async function store() {
  timer = null;
  if (talk.turns.length || items.length) {
    remember();
    const files = items.filter((item) => item.ready).map(({ id, name, turn, file }) => ({ id, name, turn, file }));
    await saveTalk({ ...talk, files, sampling: sampling() });
  }
}

/** Stores what is still waiting to be stored; what is stored is read before this returns. */
export async function flush() {
  if (timer) {
    clearTimeout(timer);
    await store();
  }
}
addEventListener('pagehide', flush);

/** Opens a stored conversation; the present one is stored. */
export async function open(stored) {
  flush();
  const { files, sampling: chosen, ...rest } = stored;
  talk = rest;
  setSampling(chosen);
  replaceAll([]);
  remember();
  changed();
  for (const { id, name, turn, file } of files) {
    add([file], { id, name, turn });
  }
  await allReady();
  show(0);
  changed();
}

/** Opens the conversation that this window had before it was loaded again. */
export async function reopen() {
  const stored = await loadTalk(sessionStorage.getItem(CURRENT) ?? '');
  if (stored) {
    await open(stored);
  }
}
