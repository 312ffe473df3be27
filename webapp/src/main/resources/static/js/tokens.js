// The reduction of the visual tokens of one picture, from the server's map.

import { t } from './i18n.js';

/** The token that represents this one after a stage (default: the last): its own number, another one's, or -1. */
export const into = (tile, at, stage = tile.stages.length - 1) => (tile.stages[stage] ?? tile).into[at];

/** The state of a token: 'kept', 'merged' or 'dropped'. */
export function fate(tile, at, stage) {
  const token = into(tile, at, stage);
  return token < 0 ? 'dropped' : token === tile.first + at ? 'kept' : 'merged';
}

/** The stage at which a token was dropped or merged, or -1 if it was kept to the end. */
export const leftAt = (tile, at) => tile.stages.findIndex((_, stage) => fate(tile, at, stage) !== 'kept');

/** {score, rank, of} of a token at a stage among the tokens of these tiles, or null if it was not scored there. */
export function scoreAt(tiles, { tile, at }, stage) {
  const score = tile.stages[stage]?.scores?.[at] ?? null;
  if (score === null) {
    return null;
  }
  const all = tiles.flatMap((each) => each.stages[stage].scores.filter((other) => other !== null));
  return { score, rank: 1 + all.filter((other) => other > score).length, of: all.length };
}

/** The tiles to show: all crops, or the global view if it is requested or the only tile. */
export function tilesOf(picture, globalView) {
  const crops = picture.tiles.filter((tile) => tile.crop);
  return crops.length && !globalView ? crops : picture.tiles.filter((tile) => !tile.crop);
}

/** Whether a picture was cut, so that there are two views of it. */
export const isCut = (picture) => picture.tiles.some((tile) => tile.crop) && picture.tiles.some((tile) => !tile.crop);

/** The rectangle of a token on its picture, {x, y, right, bottom, width, height}; neighbours have exactly the same edge. */
export function place(tile, at) {
  const [left, top, end, foot] = tile.region;
  const across = (col) => left + (col * (end - left)) / tile.cols;
  const down = (row) => top + (row * (foot - top)) / tile.rows;
  const [col, row] = [at % tile.cols, Math.floor(at / tile.cols)];
  const [x, y, right, bottom] = [across(col), down(row), across(col + 1), down(row + 1)];
  return { x, y, right, bottom, width: right - x, height: bottom - y };
}

/** The number of tokens of these tiles in each state. */
export function counts(tiles, stage) {
  const sum = { kept: 0, merged: 0, dropped: 0 };
  for (const tile of tiles) {
    tile.into.forEach((_, at) => sum[fate(tile, at, stage)]++);
  }
  return sum;
}

/** The token at a point of the picture, {tile, at}, or null. */
export function tokenAt(tiles, x, y) {
  for (const tile of tiles) {
    const [left, top, right, bottom] = tile.region;
    if (x >= left && x < right && y >= top && y < bottom) {
      const col = Math.floor(((x - left) / (right - left)) * tile.cols);
      const row = Math.floor(((y - top) / (bottom - top)) * tile.rows);
      return { tile, at: row * tile.cols + col };
    }
  }
  return null;
}

/**
 * The entry of a picture or frame in the map of an answer; undefined if the answer is not about it.
 *
 * @param turn {answer, about}: the answer, and the ids of the files it is about, in order
 * @param view a picture or frame with its item
 */
export function mapOf({ answer, about }, view) {
  const maps = answer?.map?.pictures ?? [];
  let at = 0;
  for (const id of about) {
    let end = at + 1;
    while (maps[at]?.clip !== undefined && maps[end]?.clip === maps[at].clip) {
      end++;
    }
    if (id === view.item.id) {
      return maps.slice(at, end).find((map) => (map.seconds ?? null) === view.seconds);
    }
    at = end;
  }
  return undefined;
}

/** The index of a map's entry among those of its answer, by which regions name a picture. */
export const indexOfMap = (answer, map) => answer.map.pictures.indexOf(map);

/** Calls back with the tokens that only one of two maps of a picture keeps: (tile, at, here). */
export function eachDifference(map, other, callback) {
  map.tiles.forEach((tile, i) => {
    const before = other.tiles[i];
    if (before?.into.length === tile.into.length) {
      tile.into.forEach((_, at) => {
        const here = fate(tile, at) === 'kept';
        if (here !== (fate(before, at) === 'kept')) {
          callback(tile, at, here);
        }
      });
    }
  });
}

/** Describes a token in one sentence; `tiles` are those of all pictures, among which it was ranked. */
export function sentence({ tile, at }, tiles, stages) {
  const where = tile.crop
    ? t('token.tile', { row: tile.crop.row + 1, rows: tile.crop.grid_rows, col: tile.crop.col + 1, cols: tile.crop.grid_cols })
    : t('token.whole');
  const left = leftAt(tile, at);
  const state = left < 0 ? 'kept' : fate(tile, at, left);
  const what = t(`token.${state}`, { point: stages[left]?.point, target: into(tile, at, left) });
  const scored = scoreAt(tiles, { tile, at }, left < 0 ? stages.length - 1 : left);
  const score = scored ? t('token.score', { score: scored.score.toPrecision(3), rank: scored.rank, of: scored.of }) : stages.length ? t('token.noScore') : '';
  return t('token.sentence', { where, row: Math.floor(at / tile.cols) + 1, col: (at % tile.cols) + 1, token: tile.first + at, what, score });
}
