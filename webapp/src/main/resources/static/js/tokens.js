// The reduction of the visual tokens of one picture, from the server's map.

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

/** The rectangle of a token on its picture, {x, y, width, height}. */
export function place(tile, at) {
  const [left, top, right, bottom] = tile.region;
  const width = (right - left) / tile.cols;
  const height = (bottom - top) / tile.rows;
  return { x: left + (at % tile.cols) * width, y: top + Math.floor(at / tile.cols) * height, width, height };
}

/** The number of tokens of these tiles in each state. */
export function counts(tiles, stage) {
  const sum = { kept: 0, merged: 0, dropped: 0 };
  for (const tile of tiles) {
    tile.into.forEach((_, at) => sum[fate(tile, at, stage)]++);
  }
  return sum;
}

/** The token at a place of the picture, {tile, at}, or null. */
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

/** Describes a token in one sentence; `tiles` are those of all pictures, among which it was ranked. */
export function sentence({ tile, at }, tiles, stages) {
  const where = tile.crop
    ? `Tile ${tile.crop.row + 1}/${tile.crop.grid_rows} down, ${tile.crop.col + 1}/${tile.crop.grid_cols} across`
    : 'Whole view';
  const token = `row ${Math.floor(at / tile.cols) + 1}, column ${(at % tile.cols) + 1}`;
  const left = leftAt(tile, at);
  const point = stages[left]?.point;
  const what = {
    kept: 'kept to the end',
    merged: `merged into token ${into(tile, at, left)} at ${point}`,
    dropped: `dropped at ${point}`,
  }[left < 0 ? 'kept' : fate(tile, at, left)];
  const scored = scoreAt(tiles, { tile, at }, left < 0 ? stages.length - 1 : left);
  const score = scored ? `, score ${scored.score.toPrecision(3)}, place ${scored.rank} of ${scored.of}` : stages.length ? ', no score' : '';
  return `${where} · ${token} · token ${tile.first + at}: ${what}${score}`;
}
