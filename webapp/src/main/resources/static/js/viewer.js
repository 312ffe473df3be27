// The large picture: the veil of the chosen answer over it, and what is known of the token under the pointer.

import { byId, el } from './dom.js';
import { drawVeil } from './overlay.js';
import { pictures, removeAt, show, shownIndex } from './pictures.js';
import { isCut, sentence, tilesOf, tokenAt } from './tokens.js';

const state = { answer: null, global: false, stage: undefined, marked: null };

/** Shows what became of the tokens in this answer, or just the pictures. */
export function showAnswer(answer) {
  state.answer = answer;
  state.stage = undefined;
  state.marked = null;
  offerStages(answer?.stages ?? []);
  draw();
}

/** Draws everything anew. */
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

const mapped = () => state.answer?.map?.pictures[shownIndex()];

function drawOverlay() {
  const image = byId('picture');
  const canvas = byId('overlay');
  const map = mapped();
  byId('view-tools').hidden = !map;
  const box = image.getBoundingClientRect();
  const sharpness = devicePixelRatio || 1;
  canvas.width = Math.round(box.width * sharpness);
  canvas.height = Math.round(box.height * sharpness);
  const name = pictures[shownIndex()].file.name;
  canvas.setAttribute('aria-label', map ? `${name}: what the model looked at` : name);
  if (!map) {
    return;
  }
  byId('layers').hidden = !isCut(map);
  drawVeil(canvas.getContext('2d'), map, {
    scale: canvas.width / map.width,
    kept: byId('show-kept').checked,
    tiles: byId('show-tiles').checked,
    global: state.global,
    stage: state.stage,
    marked: state.marked,
  });
}

function drawStrip() {
  byId('strip').replaceChildren(
    ...pictures.map((picture, i) =>
      el(
        'span',
        { class: 'thumb' },
        el(
          'button',
          {
            type: 'button',
            'aria-label': `Look at picture ${i + 1}: ${picture.file.name}`,
            'aria-pressed': String(i === shownIndex()),
            onclick: () => show(i),
          },
          el('img', { src: picture.url, alt: '' }),
        ),
        el('button', { type: 'button', class: 'remove', 'aria-label': `Remove picture ${i + 1}`, onclick: () => removeAt(i) }, '×'),
        picture.note ? el('span', { class: 'thumb-note' }, picture.note) : null,
      ),
    ),
  );
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

/** One view for each stage of the answer; the last is what the model saw in the end. */
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
