// The large picture with the overlay of the chosen answer, and a description of the token under the pointer.

import { byId, el } from './dom.js';
import { dimTokens } from './overlay.js';
import { items, pictures, remove, show, showFramesOf, shownIndex } from './pictures.js';
import { isCut, sentence, tilesOf, tokenAt } from './tokens.js';

const state = { answer: null, global: false, stage: undefined, marked: null };

/** Shows the overlay and the frames of this answer; without an answer, the pictures alone. */
export async function showAnswer(answer) {
  state.answer = answer;
  state.stage = undefined;
  state.marked = null;
  offerStages(answer?.stages ?? []);
  await showFramesOf(answer);
  draw();
}

/** Redraws everything. */
export function draw() {
  const picture = pictures[shownIndex()];
  byId('empty').hidden = Boolean(picture);
  byId('view').hidden = !picture;
  byId('remove-all').hidden = !picture;
  drawStrip();
  if (!picture) {
    byId('view-tools').hidden = true;
    note('');
    return;
  }
  const image = byId('picture');
  if (image.src !== picture.url) {
    image.src = picture.url;
  }
  image.classList.toggle('small', picture.width < 480);
  byId('view').classList.toggle('tall', picture.height > picture.width);
  drawOverlay();
}

/** The map of a picture; undefined while the shown frames are not those of the answer. */
function mapped(index = shownIndex()) {
  const map = state.answer?.map?.pictures;
  const same = map?.length === pictures.length && map.every((each, i) => (each.seconds ?? null) === (pictures[i].seconds ?? null));
  return same ? map[index] : undefined;
}

const isDropped = (map) => map && !map.tiles.length;

function drawOverlay() {
  const image = byId('picture');
  const canvas = byId('overlay');
  const map = mapped();
  byId('view-tools').hidden = !map;
  const box = image.getBoundingClientRect();
  const sharpness = devicePixelRatio || 1;
  canvas.width = Math.round(box.width * sharpness);
  canvas.height = Math.round(box.height * sharpness);
  const { name } = pictures[shownIndex()];
  canvas.setAttribute('aria-label', map ? `${name}: ${isDropped(map) ? 'dropped by the plan' : 'tokens that the model kept'}` : name);
  if (!map) {
    return;
  }
  byId('layers').hidden = !isCut(map);
  dimTokens(canvas.getContext('2d'), map, {
    scale: canvas.width / map.width,
    kept: byId('show-kept').checked,
    tiles: byId('show-tiles').checked,
    global: state.global,
    stage: state.stage,
    marked: state.marked,
  });
  drawThumbs();
}

/** Draws the overlay on the frames of the strip too. */
function drawThumbs() {
  for (const canvas of byId('strip').querySelectorAll('canvas')) {
    const map = mapped(Number(canvas.dataset.index));
    const context = canvas.getContext('2d');
    context.clearRect(0, 0, canvas.width, canvas.height);
    if (map && byId('show-kept').checked) {
      dimTokens(context, map, { scale: canvas.width / map.width, tiles: false, global: true, stage: state.stage });
    }
  }
}

function drawStrip() {
  const strip = byId('strip');
  const focused = strip.contains(document.activeElement) ? document.activeElement.getAttribute('data-look') : null;
  const scrolled = [...strip.querySelectorAll('.frames')].map((row) => row.scrollLeft);
  strip.replaceChildren(...items.map((item, i) => (item.clip ? clipThumbs(item) : pictureThumb(item, i))));
  strip.querySelectorAll('.frames').forEach((row, i) => (row.scrollLeft = scrolled[i] ?? 0));
  // The strip was rebuilt; keyboard focus returns to where it was.
  strip.querySelector(`[data-look="${focused}"]`)?.focus();
}

function pictureThumb(item, i) {
  const [view] = item.views;
  return el(
    'span',
    { class: 'thumb' },
    thumbButton(view, `Show picture ${i + 1}: ${view.name}`, el('img', { src: view.url, alt: '' })),
    removeButton(item, `Remove picture ${i + 1}`),
    view.note ? el('span', { class: 'thumb-note' }, view.note) : null,
  );
}

/** The frames of a clip in a row of their own. */
function clipThumbs(item) {
  const { name } = item.file;
  const length = item.clip.seconds ? ` · ${item.clip.seconds.toFixed(1)} s` : ' · this browser cannot play it';
  return el(
    'section',
    { class: 'clip', 'aria-label': `Clip ${name}` },
    el(
      'p',
      { class: 'clip-name' },
      el('span', {}, `${name}${length}`),
      el('button', { type: 'button', class: 'quiet', 'aria-label': `Remove ${name}`, onclick: () => remove(item) }, 'Remove'),
    ),
    el('div', { class: 'frames' }, ...item.views.map(frameThumb)),
  );
}

function frameThumb(view) {
  const index = pictures.indexOf(view);
  const out = isDropped(mapped(index));
  return el(
    'span',
    { class: 'thumb' },
    thumbButton(
      view,
      `Show the frame at ${view.note}${out ? ', dropped by the plan' : ''}`,
      el('img', { src: view.url, alt: '' }),
      el('canvas', { width: view.width, height: view.height, 'data-index': index, 'aria-hidden': 'true' }),
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

function note(text) {
  const line = byId('token-note');
  line.textContent = text;
  line.hidden = !text;
}

function mark(token) {
  state.marked = token;
  const tiles = state.answer?.map?.pictures.flatMap((picture) => picture.tiles);
  note(token ? sentence(token, tiles, state.answer.stages) : '');
  drawOverlay();
}

function walk(event) {
  const steps = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  const step = steps[event.key];
  const map = mapped();
  if (!step || !map) {
    return;
  }
  event.preventDefault();
  const tiles = tilesOf(map, state.global);
  if (!tiles.length) {
    return;
  }
  if (!state.marked) {
    mark({ tile: tiles[0], at: 0 });
    return;
  }
  const { tile, at } = state.marked;
  const [left, top, right, bottom] = tile.region;
  const x = left + (((at % tile.cols) + 0.5 + step[0]) * (right - left)) / tile.cols;
  const y = top + ((Math.floor(at / tile.cols) + 0.5 + step[1]) * (bottom - top)) / tile.rows;
  mark(tokenAt(tiles, x, y) ?? state.marked);
}

/** Wires the picture and its tools. */
export function wire() {
  const canvas = byId('overlay');
  canvas.addEventListener('pointermove', (event) => {
    const map = mapped();
    if (map) {
      const box = canvas.getBoundingClientRect();
      const x = ((event.clientX - box.left) / box.width) * map.width;
      const y = ((event.clientY - box.top) / box.height) * map.height;
      mark(tokenAt(tilesOf(map, state.global), x, y));
    }
  });
  canvas.addEventListener('pointerleave', () => mapped() && mark(null));
  canvas.addEventListener('blur', () => mapped() && mark(null));
  canvas.addEventListener('keydown', walk);
  byId('show-kept').addEventListener('change', drawOverlay);
  byId('show-tiles').addEventListener('change', drawOverlay);
  byId('layers').append(
    ...[
      ['Crops', false],
      ['Whole view', true],
    ].map(([label, global]) => segment('layer', label, global === state.global, () => (state.global = global))),
  );
  byId('picture').addEventListener('load', drawOverlay);
  new ResizeObserver(() => pictures.length && drawOverlay()).observe(byId('picture'));
}

/** One view for each stage of the answer; the last is the final state. */
function offerStages(stages) {
  byId('stages').hidden = stages.length < 2;
  byId('stages').replaceChildren(
    ...stages.map(({ point, after }, stage) =>
      segment('stage', `${point}: ${after}`, stage === stages.length - 1, () => (state.stage = stage)),
    ),
  );
}

function segment(name, label, checked, choose) {
  return el(
    'label',
    { class: 'segment' },
    el('input', {
      type: 'radio',
      name,
      checked,
      onchange: () => {
        choose();
        mark(null);
      },
    }),
    el('span', {}, label),
  );
}
