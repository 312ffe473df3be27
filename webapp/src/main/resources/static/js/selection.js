// Parts of the picture that the user selected: tokens by click, any part by a lasso.

import { place } from './tokens.js';

const AMBER = '#f2b84b';
const VEIL = 'rgba(242, 184, 75, 0.3)';
// Corners closer than this, in shares of the picture, are left out of a lasso.
const FINE = 0.008;
// A smaller movement is a click.
const CLICK = 0.02;
// A line whose ends are this far apart, in shares of its length, is the diagonal of a box.
const STRAIGHT = 0.8;

/** The selection: on which picture, the tokens by number, and outlines where no tokens are known. */
const chosen = { view: null, tokens: new Map(), outlines: [], lasso: null };

export const isEmpty = () => !chosen.tokens.size && !chosen.outlines.length;

/** {tokens, outlines}: how much is selected. */
export const size = () => ({ tokens: chosen.tokens.size, outlines: chosen.outlines.length });

export function clear() {
  chosen.view = null;
  chosen.tokens.clear();
  chosen.outlines = [];
  chosen.lasso = null;
}

/** A selection belongs to one picture; on another picture it restarts. */
function on(view) {
  if (chosen.view !== view) {
    clear();
    chosen.view = view;
  }
}

/** Selects a token, or takes it out. */
export function toggle(view, { tile, at }) {
  on(view);
  const number = tile.first + at;
  if (!chosen.tokens.delete(number)) {
    chosen.tokens.set(number, { tile, at });
  }
}

/** Begins a lasso at a place [x, y], as shares of the picture. */
export function beginLasso(view, corner) {
  on(view);
  chosen.lasso = [corner];
}

/** Drops the lasso that is being drawn. */
export function dropLasso() {
  chosen.lasso = null;
}

export function extendLasso([x, y]) {
  const [lastX, lastY] = chosen.lasso.at(-1);
  if (Math.hypot(x - lastX, y - lastY) > FINE) {
    chosen.lasso.push([x, y]);
  }
}

/**
 * Ends a lasso: selects the tokens inside, or the outline where the tokens are not known. A nearly straight line is the
 * diagonal of a box, which selects every token that it touches.
 *
 * @returns false if it was a click
 */
export function endLasso(map, tiles) {
  const lasso = chosen.lasso;
  chosen.lasso = null;
  const [left, top, right, bottom] = extent(lasso);
  if (Math.hypot(right - left, bottom - top) < CLICK) {
    return false;
  }
  if (!map) {
    if (Math.min(right - left, bottom - top) > FINE) {
      chosen.outlines.push(shape(lasso));
    }
    return true;
  }
  const touches = (token) => token.x < right * map.width && token.right > left * map.width && token.y < bottom * map.height && token.bottom > top * map.height;
  const encloses = (token) => contains(lasso, (token.x + token.width / 2) / map.width, (token.y + token.height / 2) / map.height);
  const selects = isDiagonal(lasso) ? touches : encloses;
  for (const tile of tiles) {
    tile.into.forEach((_, at) => {
      if (selects(place(tile, at))) {
        chosen.tokens.set(tile.first + at, { tile, at });
      }
    });
  }
  return true;
}

/** Whether a lasso is so straight that it means a box. */
function isDiagonal(lasso) {
  const length = lasso.slice(1).reduce((sum, [x, y], i) => sum + Math.hypot(x - lasso[i][0], y - lasso[i][1]), 0);
  const [[ax, ay], [bx, by]] = [lasso[0], lasso.at(-1)];
  return Math.hypot(bx - ax, by - ay) > STRAIGHT * length;
}

/** The outline that a lasso means. */
const shape = (lasso) => (isDiagonal(lasso) ? cornersOf(extent(lasso)) : lasso);

/** The box around an outline, [left, top, right, bottom]. */
function extent(outline) {
  const xs = outline.map(([x]) => x);
  const ys = outline.map(([, y]) => y);
  return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
}

function contains(outline, x, y) {
  let inside = false;
  for (let i = 0, j = outline.length - 1; i < outline.length; j = i++) {
    const [ax, ay] = outline[i];
    const [bx, by] = outline[j];
    if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) {
      inside = !inside;
    }
  }
  return inside;
}

const share = (value) => Math.min(1, Math.max(0, Math.round(value * 1e5) / 1e5));

/** The selection as regions {item, box | polygon, drop} of the API; tokens beside each other make one box. */
export function regions(map, drop) {
  const item = chosen.view.item.id;
  const extra = drop ? { drop } : {};
  const outlines = chosen.outlines.map((outline) => ({ item, polygon: thinned(outline).map(([x, y]) => [share(x), share(y)]), ...extra }));
  const boxes = [];
  let last = null;
  for (const [number, { tile, at }] of [...chosen.tokens].sort(([a], [b]) => a - b)) {
    const { x, y, right, bottom } = place(tile, at);
    const box = [share(x / map.width), share(y / map.height), share(right / map.width), share(bottom / map.height)];
    if (last && last.number + 1 === number && last.tile === tile && at % tile.cols) {
      last.box[2] = box[2];
    } else {
      boxes.push({ item, box, ...extra });
    }
    last = { number, tile, box: boxes.at(-1).box };
  }
  return [...boxes, ...outlines];
}

/** As many corners as the API takes. */
const thinned = (outline, most = 200) => outline.filter((_, i) => i % Math.ceil(outline.length / most) === 0);

/** Draws the selection on the overlay. */
export function draw(context, view, map, canvas) {
  if (chosen.view !== view) {
    return;
  }
  const { width } = canvas;
  context.save();
  context.fillStyle = VEIL;
  context.strokeStyle = AMBER;
  context.lineWidth = 2.5;
  for (const { tile, at } of chosen.tokens.values()) {
    const box = place(tile, at);
    const scale = width / map.width;
    context.fillRect(box.x * scale, box.y * scale, box.width * scale, box.height * scale);
    context.strokeRect(box.x * scale + 1, box.y * scale + 1, box.width * scale - 2, box.height * scale - 2);
  }
  for (const outline of [...chosen.outlines, ...(chosen.lasso ? [shape(chosen.lasso)] : [])]) {
    trace(context, outline, canvas);
    context.fill();
    context.stroke();
  }
  context.restore();
}

/** Draws the regions of the next question that are on this picture. */
export function drawRegions(context, view, regions, canvas) {
  context.save();
  context.fillStyle = VEIL;
  for (const { box, polygon } of regions.filter(({ item }) => item === view.item.id)) {
    trace(context, polygon ?? cornersOf(box), canvas);
    context.fill();
  }
  context.restore();
}

const cornersOf = ([left, top, right, bottom]) => [[left, top], [right, top], [right, bottom], [left, bottom]];

function trace(context, outline, { width, height }) {
  context.beginPath();
  outline.forEach(([x, y], i) => context[i ? 'lineTo' : 'moveTo'](x * width, y * height));
  context.closePath();
}
