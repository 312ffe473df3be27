// The large picture with the overlay of the chosen answer, and a description of the token under the pointer.

import { byId, el } from './dom.js';
import { t } from './i18n.js';
import { dimTokens } from './overlay.js';
import { pictures, showFramesOf, shownIndex } from './pictures.js';
import * as select from './select.js';
import { drawStrip } from './strip.js';
import { isCut, mapOf, sentence, tilesOf, tokenAt } from './tokens.js';
import * as zoom from './zoom.js';

// A zoomed overlay need not have more pixels than this on an edge.
const LARGEST_CANVAS = 4096;

const state = { turn: { answer: null, about: [] }, global: false, stage: undefined, marked: null };

const listeners = [];
/** Registers a listener for another answer whose overlay is shown. */
export const onShown = (listener) => listeners.push(listener);

/**
 * Shows the overlay and the frames of an answer; without one, the pictures alone.
 *
 * @param about ids of the files that it is about
 */
export async function showAnswer(answer, about = []) {
  state.turn = { answer, about };
  state.stage = undefined;
  state.marked = null;
  offerStages(answer?.stages ?? []);
  listeners.forEach((listener) => listener());
  await showFramesOf(answer, about);
  draw();
}

/** Redraws everything. */
export function draw() {
  const picture = pictures[shownIndex()];
  byId('empty').hidden = Boolean(picture);
  byId('view').hidden = !picture;
  byId('remove-all').hidden = !picture;
  drawStrip((view) => Boolean(isDropped(mapOf(state.turn, view))));
  select.refresh();
  byId('view-bar').hidden = !picture;
  if (!picture) {
    byId('view-tools').hidden = true;
    note('');
    return;
  }
  const image = byId('picture');
  if (image.src !== picture.url) {
    image.src = picture.url;
    zoom.reset();
  }
  image.classList.toggle('small', picture.width < 480);
  byId('view').classList.toggle('tall', picture.height > picture.width);
  drawOverlay();
}

/** The map of a picture; undefined if the answer is not about it, or about other frames. */
const mapped = (index = shownIndex()) => pictures[index] && mapOf(state.turn, pictures[index]);

const isDropped = (map) => map && !map.tiles.length;

function drawOverlay() {
  const image = byId('picture');
  const canvas = byId('overlay');
  const map = mapped();
  byId('view-tools').hidden = !map;
  const box = image.getBoundingClientRect();
  const sharpness = Math.min(devicePixelRatio || 1, LARGEST_CANVAS / Math.max(box.width, box.height, 1));
  canvas.width = Math.round(box.width * sharpness);
  canvas.height = Math.round(box.height * sharpness);
  const { name } = pictures[shownIndex()];
  canvas.setAttribute('aria-label', map ? t(isDropped(map) ? 'viewer.dropped' : 'viewer.kept', { name }) : name);
  if (!map) {
    select.draw(canvas.getContext('2d'), pictures[shownIndex()], null, canvas);
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
  select.draw(canvas.getContext('2d'), pictures[shownIndex()], map, canvas);
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

function note(text) {
  const line = byId('token-note');
  line.textContent = text;
  line.hidden = !text;
}

function mark(token) {
  state.marked = token;
  const tiles = state.turn.answer?.map?.pictures.flatMap((picture) => picture.tiles);
  note(token ? sentence(token, tiles, state.turn.answer.stages) : '');
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

/** The shown picture, its map if the answer is about it, and whether the global view is shown. */
const current = () => ({ view: pictures[shownIndex()], map: mapped(), global: state.global });

/** The answer whose overlay is shown. */
export const shownAnswer = () => state.turn.answer;

/**
 * Wires the picture and its tools.
 *
 * @param actions {ask(regions), again(regions)} of a selection
 */
export function wire(actions) {
  const redraw = () => pictures.length && drawOverlay();
  zoom.wire(redraw);
  select.wire({ ...actions, current, redraw, marked: () => state.marked });
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
      [t('viewer.crops'), false],
      [t('viewer.whole'), true],
    ].map(([label, global]) => segment('layer', label, global === state.global, () => (state.global = global))),
  );
  byId('picture').addEventListener('load', drawOverlay);
  new ResizeObserver(redraw).observe(byId('picture'));
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
