// Results as files: a comparison as JSON and as a picture, a measurement as CSV and as a drawing.

import { download, el } from './dom.js';
import { firstWord, looked } from './figures.js';

const COLUMN = 420;
const MARGIN = 32;
const LINE = 28;
const FONT = '20px system-ui, sans-serif';
const BOLD = '600 24px system-ui, sans-serif';
const CODE = '16px ui-monospace, monospace';
const DRAWN = ['fill', 'stroke', 'stroke-width', 'font-size', 'font-family', 'text-anchor'];

/** Saves a comparison: the question and each plan with its answer and figures, without the maps. */
export function saveComparison(question, results) {
  const plans = results.map(({ answer: { map, ...answer } }) => answer);
  download('squint-comparison.json', new Blob([JSON.stringify({ question, plans }, null, 2)], { type: 'application/json' }));
}

/** Saves a comparison as a picture: a column for each plan {answer, verdict, canvas}. */
export function saveComparisonPicture(question, results) {
  const canvas = el('canvas', { width: MARGIN + results.length * (COLUMN + MARGIN), height: 10 });
  const context = canvas.getContext('2d');
  const columns = results.map(({ answer, verdict, canvas: map }) => ({
    map,
    height: map ? Math.round((map.height * COLUMN) / map.width) : 0,
    lines: [
      [CODE, wrapped(context, CODE, answer.plan, COLUMN)],
      [BOLD, wrapped(context, BOLD, answer.text, COLUMN)],
      [FONT, wrapped(context, FONT, looked(answer), COLUMN)],
      [FONT, wrapped(context, FONT, verdict ?? '', COLUMN)],
    ],
  }));
  const asked = wrapped(context, BOLD, question, canvas.width - 2 * MARGIN);
  const tallest = Math.max(...columns.map(({ height, lines }) => height + LINE * lines.reduce((sum, [, text]) => sum + text.length, 0)));
  canvas.height = 3 * MARGIN + asked.length * LINE + tallest;
  context.fillStyle = '#fbf9f4';
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.fillStyle = '#1c2423';
  write(context, BOLD, asked, MARGIN, MARGIN);
  columns.forEach(({ map, height, lines }, i) => {
    const left = MARGIN + i * (COLUMN + MARGIN);
    let top = 2 * MARGIN + asked.length * LINE;
    if (map) {
      context.drawImage(map, left, top, COLUMN, height);
      top += height;
    }
    for (const [font, text] of lines) {
      write(context, font, text, left, top);
      top += text.length * LINE;
    }
  });
  canvas.toBlob((blob) => download('squint-comparison.png', blob), 'image/png');
}

function write(context, font, lines, left, top) {
  context.font = font;
  lines.forEach((line, i) => context.fillText(line, left, top + (i + 1) * LINE - 6));
}

/** A text in lines of at most this width. */
export function wrapped(context, font, text, width) {
  context.font = font;
  const lines = [''];
  for (const word of text.split(/\s+/)) {
    const longer = `${lines.at(-1)} ${word}`.trim();
    if (context.measureText(longer).width <= width || !lines.at(-1)) {
      lines[lines.length - 1] = longer;
    } else {
      lines.push(word);
    }
  }
  return lines;
}

/** Saves a measurement, one line for each share; numbers with a point, whatever the language. */
export function saveMeasurement(points) {
  const quoted = (text) => `"${text.replaceAll('"', '""')}"`;
  const rows = points.map(({ share, quality, answer }) => [share, answer.plan, answer.text, quality, answer.visual_tokens.kept, answer.visual_tokens.total, Math.round(100 * firstWord(answer)) / 100].map((cell) => (typeof cell === 'string' ? quoted(cell) : cell)).join(','));
  download('squint-measurement.csv', new Blob([['share,plan,answer,agreement,tokens_kept,tokens_total,first_token_ms', ...rows, ''].join('\r\n')], { type: 'text/csv' }));
}

/** Saves a drawing of the page as it looks now. */
export function saveDrawing(drawing) {
  const copy = drawing.cloneNode(true);
  const elements = [drawing, ...drawing.querySelectorAll('*')];
  [copy, ...copy.querySelectorAll('*')].forEach((element, i) => {
    const style = getComputedStyle(elements[i]);
    DRAWN.forEach((property) => element.setAttribute(property, style.getPropertyValue(property)));
  });
  copy.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  download('squint-measurement.svg', new Blob([new XMLSerializer().serializeToString(copy)], { type: 'image/svg+xml' }));
}
