// The small pictures below the large one: pictures, the frames of clips, and files that are being prepared.

import { byId, el } from './dom.js';
import { decimal, t } from './i18n.js';
import { items, pictures, show, shownIndex } from './pictures.js';

let remove = () => {};

/** Sets what removes a file. */
export const wire = (onRemove) => {
  remove = onRemove;
};

/** Draws the strip; isOut(view) says whether the plan dropped a frame. */
export function drawStrip(isOut) {
  const strip = byId('strip');
  const focused = strip.contains(document.activeElement) ? document.activeElement.getAttribute('data-look') : null;
  const scrolled = [...strip.querySelectorAll('.frames')].map((row) => row.scrollLeft);
  strip.replaceChildren(...items.map((item, i) => (!item.ready ? preparing(item) : item.clip ? clipThumbs(item, isOut) : pictureThumb(item, i))));
  strip.querySelectorAll('.frames').forEach((row, i) => (row.scrollLeft = scrolled[i] ?? 0));
  // The strip was rebuilt; keyboard focus returns to where it was.
  strip.querySelector(`[data-look="${focused}"]`)?.focus();
}

const preparing = (item) => el('span', { class: 'preparing', role: 'status' }, el('span', { class: 'thinking' }, t('strip.preparing', { name: item.name })), removeButton(item, t('strip.remove', { name: item.name })));

function pictureThumb(item, i) {
  const [view] = item.views;
  return el(
    'span',
    { class: 'thumb' },
    thumbButton(view, t('strip.show', { number: i + 1, name: view.name }), el('img', { src: view.url, alt: '' })),
    removeButton(item, t('strip.remove', { name: item.name })),
    view.note ? el('span', { class: 'thumb-note' }, view.note) : null,
  );
}

/** The frames of a clip in a row of their own. */
function clipThumbs(item, isOut) {
  const { name, clip } = item;
  const length = clip.seconds ? `${decimal(clip.seconds)} s` : t('strip.unplayable');
  return el(
    'section',
    { class: 'clip', 'aria-label': t('strip.clip', { name }) },
    el(
      'p',
      { class: 'clip-name' },
      el('span', {}, `${name} · ${length}`),
      el('button', { type: 'button', class: 'quiet', 'aria-label': t('strip.remove', { name }), onclick: () => remove(item) }, t('remove')),
    ),
    el('div', { class: 'frames' }, ...item.views.map((view) => frameThumb(view, isOut(view)))),
  );
}

function frameThumb(view, out) {
  return el(
    'span',
    { class: 'thumb' },
    thumbButton(
      view,
      t(out ? 'strip.droppedFrame' : 'strip.frame', { at: view.note }),
      el('img', { src: view.url, alt: '' }),
      el('canvas', { width: view.width, height: view.height, 'data-index': pictures.indexOf(view), 'aria-hidden': 'true' }),
    ),
    el('span', { class: 'thumb-note' }, out ? el('s', {}, view.note) : view.note),
  );
}

function thumbButton(view, label, ...content) {
  const index = pictures.indexOf(view);
  return el(
    'button',
    {
      type: 'button',
      'data-look': index,
      'aria-label': label,
      'aria-pressed': String(index === shownIndex()),
      onclick: () => show(index),
    },
    ...content,
  );
}

function removeButton(item, label) {
  return el('button', { type: 'button', class: 'remove', 'aria-label': label, onclick: () => remove(item) }, '×');
}
