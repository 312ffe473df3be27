// What became of the visual tokens of one picture, as the server's map tells it.

/** What happened to a token: 'kept', 'merged' or 'dropped'. */
export function fate(tile, at) {
  const into = tile.into[at];
  return into < 0 ? 'dropped' : into === tile.first + at ? 'kept' : 'merged';
}

/** The tiles to show: all crops, or the global view where that is wanted or all there is. */
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

/** How many tokens of these tiles had each fate. */
export function counts(tiles) {
  const sum = { kept: 0, merged: 0, dropped: 0 };
  for (const tile of tiles) {
    tile.into.forEach((_, at) => sum[fate(tile, at)]++);
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

/** What a person is told of a token. */
export function sentence({ tile, at }, stages, plan) {
  const where = tile.crop
    ? `Tile ${tile.crop.row + 1}/${tile.crop.grid_rows} down, ${tile.crop.col + 1}/${tile.crop.grid_cols} across`
    : 'Whole view';
  const token = `row ${Math.floor(at / tile.cols) + 1}, column ${(at % tile.cols) + 1}`;
  const what = {
    kept: 'kept to the end',
    merged: `merged into token ${tile.into[at]} ${leaving(stages, plan)}`,
    dropped: `left ${leaving(stages, plan)}`,
  }[fate(tile, at)];
  return `${where} · ${token} · token ${tile.first + at}: ${what}`;
}

function leaving(stages, plan) {
  const points = stages.map((stage) => stage.point);
  return points.length ? `at ${points.join(' or ')} (${plan})` : '';
}
