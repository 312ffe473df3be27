// The pictures and clips of the conversation, in the order in which the server gets them.

import { announce, byId, complain } from './dom.js';
import { counted, t } from './i18n.js';
import { framesOf, limits, prepare, previewTimes } from './media.js';

/**
 * The files: {id, name, file, turn, ready, clip, animated, views}. `turn` is the question with which a file was sent
 * first, null until then. A file that is still being prepared is not ready and has no views.
 */
export const items = [];

/** All pictures and frames, in the order of the server's map: the views of the items, each with its `item`. */
export const pictures = [];

let shown = 0;
let serial = 0;
let work = Promise.resolve();
let problems = [];
const listeners = [];

/** Registers a listener for added, removed and selected pictures. */
export const onChange = (listener) => listeners.push(listener);

/** The index of the selected picture. */
export const shownIndex = () => shown;

export function show(index) {
  shown = index;
  changed();
}

/** Adds files. Files that are no pictures or clips are reported; the others are added. */
export function add(files, stored = {}) {
  complain('');
  const begun = [];
  for (const file of files) {
    if (items.length >= limits.pictures) {
      complain(t('pictures.tooMany', { most: limits.pictures }));
      break;
    }
    const id = stored.id ?? `${Date.now().toString(36)}-${++serial}`;
    begun.push({ turn: null, name: file.name || t('media.unnamed'), ...stored, id, file, ready: false, clip: null, animated: false, views: [] });
    items.push(begun.at(-1));
  }
  changed();
  work = work.then(() => prepareAll(begun));
  return work;
}

async function prepareAll(begun) {
  const found = [];
  for (const item of begun.filter((each) => items.includes(each))) {
    try {
      const prepared = await prepare(item.file);
      Object.assign(item, prepared, { ready: true });
      gather();
      shown = Math.max(0, pictures.indexOf(item.views[0]));
    } catch (error) {
      found.push(error.message);
      take(item);
    }
    changed();
  }
  problems.push(...found);
  if (found.length) {
    complain(found.join(' '));
  }
  if (begun.some((item) => item.ready)) {
    announce(readiness());
  }
}

/** Whether files are still being prepared. */
export const isPreparing = () => items.some((item) => !item.ready);

/** Waits until all files are prepared; an error if one of them could not be. */
export async function allReady() {
  problems = [];
  for (let last = null; last !== work; ) {
    last = work;
    await last;
  }
  if (problems.length) {
    throw new Error(problems.join(' '));
  }
}

function readiness() {
  const clips = items.filter((item) => item.clip).length;
  const stills = items.length - clips;
  const parts = [stills ? counted('pictures.stills', stills) : '', clips ? counted('pictures.clips', clips) : ''];
  return t('pictures.ready', { what: parts.filter(Boolean).join(t('and')) });
}

function take(item) {
  items.splice(items.indexOf(item), 1);
}

/** Removes a file; the caller offers to undo it. */
export function remove(item) {
  take(item);
  changed();
}

/** Replaces all files, for example by those of another conversation. */
export function replaceAll(others) {
  items.splice(0, items.length, ...others);
  shown = 0;
  changed();
}

/** Shows the frames of an answer, which the server chose. */
export async function showFramesOf(answer, about) {
  const clips = (about ?? []).map((id) => items.find((item) => item.id === id)).filter((item) => !item || item.clip);
  for (const [i, { frames }] of (answer?.clips ?? []).entries()) {
    const item = clips[i];
    if (item) {
      const size = answer.map?.pictures.find((picture) => picture.clip === i);
      await replaceViews(item, frames, size);
    }
  }
}

async function replaceViews(item, times, size) {
  const views = await framesOf(item.clip, item.name, times, size);
  const place = item.views.indexOf(pictures[shown]);
  item.views = views;
  gather();
  if (place >= 0) {
    shown = pictures.indexOf(views[Math.min(place, views.length - 1)]);
  }
}

/** Shows the frames that the sampling asks for. */
export async function preview() {
  for (const item of items.filter(({ clip }) => clip)) {
    await replaceViews(item, previewTimes(item.clip));
  }
  changed();
}

/** Files of later questions follow; of one question, animated pictures come last, as the form has them. */
function gather() {
  const rank = ({ turn, animated }) => [turn ?? Infinity, animated ? 1 : 0];
  items.sort((one, other) => {
    const [a, b] = [rank(one), rank(other)];
    return a[0] === b[0] ? a[1] - b[1] : a[0] - b[0];
  });
  items.forEach((item) => item.views.forEach((view) => (view.item = item)));
  pictures.splice(0, pictures.length, ...items.flatMap((item) => item.views));
  shown = Math.min(shown, Math.max(0, pictures.length - 1));
  byId('clip-tools').hidden = !items.some((item) => item.clip);
}

function changed() {
  gather();
  listeners.forEach((listener) => listener());
}
