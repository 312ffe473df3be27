// Draws a picture and dims the tokens that were merged or dropped.

import { evenly } from './clips.js';
import { el } from './dom.js';
import { eachDifference, fate, into, place, tilesOf } from './tokens.js';

const DIMMING = { kept: 0, merged: 0.45, dropped: 0.8 };
const INK = '15, 17, 22';
// Tokens that only this answer kept, and those that only the other one kept.
const HERE = 'rgba(242, 184, 75, 0.45)';
const THERE = 'rgba(90, 160, 230, 0.45)';
const MOST_ON_A_SHEET = 9;
const GAP = 4;

/**
 * Dims tokens of a picture.
 *
 * @param context of a canvas that has the picture's size times the scale
 * @param picture of the server's map
 * @param options {scale, kept, tiles, global, stage, marked, other}: canvas pixels per picture pixel, whether
 *   to dim, whether to draw tile borders, which view, which stage (default: the last), which token to mark, and
 *   another answer's map of the picture, from which differences are tinted
 */
export function dimTokens(context, picture, { scale = 1, kept = true, tiles = true, global = false, stage, marked = null, other = null }) {
  const shown = tilesOf(picture, global);
  context.save();
  context.scale(scale, scale);
  if (kept && !picture.tiles.length) {
    context.fillStyle = `rgba(${INK}, ${DIMMING.dropped})`;
    context.fillRect(0, 0, picture.width, picture.height);
  }
  if (kept) {
    for (const tile of shown) {
      tile.into.forEach((_, at) => {
        const dimming = DIMMING[fate(tile, at, stage)];
        if (dimming) {
          const { x, y, width, height } = snapped(place(tile, at), scale);
          context.fillStyle = `rgba(${INK}, ${dimming})`;
          context.fillRect(x, y, width, height);
        }
      });
    }
  }
  if (other) {
    eachDifference(picture, other, (tile, at, here) => {
      if (shown.includes(tile)) {
        const { x, y, width, height } = snapped(place(tile, at), scale);
        context.fillStyle = here ? HERE : THERE;
        context.fillRect(x, y, width, height);
      }
    });
  }
  if (tiles) {
    for (const tile of shown) {
      const [left, top, right, bottom] = tile.region;
      stroke(context, left, top, right - left, bottom - top, scale, 'rgba(255, 255, 255, 0.9)', 1.5);
    }
  }
  if (marked) {
    mark(context, marked, scale);
    const token = into(marked.tile, marked.at, stage);
    const target = shown.find((tile) => token >= tile.first && token < tile.first + tile.into.length);
    if (target && token !== marked.tile.first + marked.at) {
      mark(context, { tile: target, at: token - target.first }, scale, [4, 3]);
    }
  }
  context.restore();
}

/** Rounds to whole canvas pixels, so that no gaps are visible between tokens. */
function snapped(box, scale) {
  const [x, y, right, bottom] = [box.x, box.y, box.right, box.bottom].map((edge) => Math.round(edge * scale) / scale);
  return { x, y, width: right - x, height: bottom - y };
}

function mark(context, { tile, at }, scale, dash = []) {
  const { x, y, width, height } = place(tile, at);
  context.setLineDash(dash.map((length) => length / scale));
  stroke(context, x, y, width, height, scale, '#f2b84b', 2.5);
  context.setLineDash([]);
}

function stroke(context, x, y, width, height, scale, colour, thickness) {
  context.lineWidth = (thickness + 2) / scale;
  context.strokeStyle = `rgba(${INK}, 0.55)`;
  context.strokeRect(x, y, width, height);
  context.lineWidth = thickness / scale;
  context.strokeStyle = colour;
  context.strokeRect(x, y, width, height);
}

/**
 * Draws pictures with their dimmed tokens on one canvas, in as many rows as columns; of many, evenly spaced ones.
 *
 * @param mapped of each picture, or nothing
 * @param longest pixels of the sheet's longest edge
 * @param options as of dimTokens, and `others`: the maps of another answer
 */
export async function sheet(pictures, mapped, longest, { others, ...options } = {}) {
  const some = pictures.length <= MOST_ON_A_SHEET ? pictures.map((_, i) => i) : evenly(0, pictures.length - 1, MOST_ON_A_SHEET).map(Math.round);
  if (some.length === 1) {
    return drawn(pictures[0], mapped?.[0], longest, { ...options, other: others?.[0] });
  }
  const columns = Math.ceil(Math.sqrt(some.length));
  const edge = Math.floor(longest / columns);
  const canvases = await Promise.all(some.map((i) => drawn(pictures[i], mapped?.[i], edge - GAP, { ...options, other: others?.[i] })));
  const height = Math.max(...canvases.map((canvas) => canvas.height)) + GAP;
  const all = el('canvas', { width: columns * edge - GAP, height: Math.ceil(some.length / columns) * height - GAP, role: 'img' });
  canvases.forEach((canvas, i) => all.getContext('2d').drawImage(canvas, (i % columns) * edge, Math.floor(i / columns) * height));
  return all;
}

/** A new canvas with a picture and its overlay; its longest edge has `longest` pixels. */
export async function drawn(picture, mapped, longest, options = {}) {
  const bitmap = await createImageBitmap(picture.file);
  // Small pictures are enlarged without blur, so that every token is visible.
  const scale = longest / Math.max(bitmap.width, bitmap.height);
  const canvas = el('canvas', {
    width: Math.round(bitmap.width * scale),
    height: Math.round(bitmap.height * scale),
    role: 'img',
  });
  const context = canvas.getContext('2d');
  context.imageSmoothingEnabled = scale < 1;
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  if (mapped) {
    dimTokens(context, mapped, { scale: canvas.width / mapped.width, ...options });
  }
  return canvas;
}
