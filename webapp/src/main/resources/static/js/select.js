// Selecting on the picture with pointer and keys, and what can be done with the selection.

import { byId } from './dom.js';
import { counted, t } from './i18n.js';
import { items } from './pictures.js';
import * as selection from './selection.js';
import { tilesOf, tokenAt } from './tokens.js';
import { isPinching, isZoomed, pan } from './zoom.js';

let active = false;
/** Regions of the next question. */
let pending = [];
let page = null;

/** The regions of the next question. */
export const pendingRegions = () => pending;

/** The regions with the numbers of their pictures among the files of a question. */
export const forFiles = (regions, files) =>
  (regions ?? []).flatMap(({ item, ...region }) => {
    const picture = files.findIndex(({ id }) => id === item);
    return picture < 0 ? [] : [{ picture, ...region }];
  });

export function setPending(regions) {
  pending = regions;
  byId('about-region').hidden = !regions.length;
  if (regions.length) {
    byId('about-region-text').textContent = t(regions.every(({ drop }) => drop) ? 'regions.without' : 'regions.only');
  }
  page?.redraw();
}

/** Parts of pictures can be selected, frames of clips cannot: the model chooses them. */
const isPossible = () => items.length > 0 && items.every((item) => item.ready && !item.clip);

/** Shows whether selecting is possible, and how much is selected. */
export function refresh() {
  const possible = isPossible();
  byId('select').hidden = !possible;
  if (!possible) {
    activate(false);
    selection.clear();
  }
  const { tokens, outlines } = selection.size();
  byId('selection').hidden = selection.isEmpty() && !active;
  byId('selection-actions').hidden = selection.isEmpty();
  byId('selection-text').textContent = selection.isEmpty() ? t(page.current().map ? 'select.hint.tokens' : 'select.hint') : tokens ? counted('select.tokens', tokens) : counted('select.parts', outlines);
}

function activate(yes) {
  active = yes;
  byId('select').setAttribute('aria-pressed', String(yes));
  byId('frame').classList.toggle('selecting', yes);
}

/** Draws the selection, and what the next question is about. */
export function draw(context, view, map, canvas) {
  selection.drawRegions(context, view, pending, canvas);
  selection.draw(context, view, map, canvas);
}

/**
 * Wires the picture.
 *
 * @param ofPage {current(), redraw(), marked(), ask(regions), again(regions)}: current() is {view, map, global};
 *   again() asks the question of the shown answer with these regions
 */
export function wire(ofPage) {
  page = ofPage;
  byId('select').addEventListener('click', () => {
    activate(!active);
    if (!active) {
      selection.clear();
    }
    update();
  });
  byId('selection-clear').addEventListener('click', () => (selection.clear(), update()));
  byId('selection-ask').addEventListener('click', () => use(page.ask, false));
  byId('selection-keep').addEventListener('click', () => use(page.again, false));
  byId('selection-drop').addEventListener('click', () => use(page.again, true));
  byId('whole-picture').addEventListener('click', () => setPending([]));
  wirePointer(byId('overlay'));
}

function use(action, drop) {
  const { map } = page.current();
  const regions = selection.regions(map, drop);
  selection.clear();
  activate(false);
  update();
  action(regions);
}

function update() {
  refresh();
  page.redraw();
}

function wirePointer(canvas) {
  // The primary pointer's last place, while it draws or moves the picture.
  let last = null;
  const forget = () => {
    last = null;
    selection.dropLasso();
    page.redraw();
  };
  canvas.addEventListener('pointerdown', (event) => {
    // The second finger zooms.
    if (event.isPrimary && event.button === 0 && (active || isZoomed())) {
      last = event;
      canvas.setPointerCapture(event.pointerId);
      if (active) {
        selection.beginLasso(page.current().view, shares(event, canvas));
      }
    }
  });
  canvas.addEventListener('pointermove', (event) => {
    if (last && isPinching()) {
      forget();
    } else if (last && active) {
      selection.extendLasso(shares(event, canvas));
      page.redraw();
    } else if (last) {
      pan(event.clientX - last.clientX, event.clientY - last.clientY);
      last = event;
    }
  });
  canvas.addEventListener('pointercancel', forget);
  canvas.addEventListener('pointerup', (event) => {
    if (last && isPinching()) {
      forget();
    } else if (last && active) {
      const { view, map, global } = page.current();
      const tiles = map ? tilesOf(map, global) : [];
      const [x, y] = shares(event, canvas);
      const token = map && tokenAt(tiles, x * map.width, y * map.height);
      if (!selection.endLasso(map, tiles) && token) {
        selection.toggle(view, token);
      }
      update();
    }
    last = null;
  });
  canvas.addEventListener('keydown', (event) => {
    const token = page.marked();
    if ((event.key === ' ' || event.key === 'Enter') && token && isPossible()) {
      event.preventDefault();
      selection.toggle(page.current().view, token);
      activate(true);
      update();
    }
  });
}

/** The place of the pointer as shares of the picture. */
function shares(event, canvas) {
  const box = canvas.getBoundingClientRect();
  return [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
}
