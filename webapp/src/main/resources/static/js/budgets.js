// Accuracy and speed by budget: one question with smaller and smaller shares of the tokens.

import { ask } from './api.js';
import { byId, el, svg } from './dom.js';
import { saveDrawing, saveMeasurement } from './exports.js';
import { cachedNote, firstWord, isCached, millis } from './figures.js';
import { t } from './i18n.js';
import { choosePlan } from './method-dialog.js';
import { planOf } from './plan-picker.js';
import { agreement } from './text-diff.js';

const SHARES = [1, 0.75, 0.5, 0.35, 0.25, 0.15, 0.1, 0.05];
const WIDTH = 560;
const HEIGHT = 220;
const EDGE = { left: 52, right: 26, top: 14, bottom: 34 };
let plan = null;

/** Starts with the method of the fast preset. */
export function wire() {
  use(planOf('fast'));
  byId('budgets-choose').addEventListener('click', async () => {
    const chosen = await choosePlan(plan, { keeps: false, accepts: (method) => method.needs_budget && method.points[0] !== 'cache' });
    use(chosen ?? plan);
  });
}

function use(chosen) {
  plan = /\(keep=/.test(chosen) ? chosen : 'encoder:uniform-grid(keep=0.25)';
  byId('budgets-method').textContent = methodName();
}

const methodName = () => plan.replace(/\(.*/, '');
const planWith = (share) => (share === 1 ? 'none' : `${methodName()}(keep=${share})`);

/** Asks once for each share, the largest first. */
export async function run(question, options) {
  const expected = byId('expected').value.trim();
  const points = [];
  for (const share of SHARES) {
    const answer = await ask({ ...question, plan: planWith(share) }, options);
    points.push({ share, answer });
    const measure = expected || points[0].answer.text;
    points.forEach((point) => (point.quality = agreement(measure, point.answer.text)));
    byId('budgets-result').replaceChildren(curve(points, methodName(), expected), table(points), ...notes(points));
    byId('budgets-result').scrollIntoView({ block: 'nearest' });
  }
  byId('budgets-result').append(
    el(
      'p',
      { class: 'exports' },
      el('button', { type: 'button', class: 'quiet', onclick: () => saveMeasurement(points) }, t('export.csv')),
      el('button', { type: 'button', class: 'quiet', onclick: () => saveDrawing(byId('budgets-result').querySelector('svg')) }, t('export.svg')),
    ),
  );
  return points.map((point) => point.answer);
}

const notes = (points) =>
  points.some(({ answer }) => isCached(answer.timings_ms)) ? [el('p', { class: 'hint' }, cachedNote())] : [];

// A logarithmic axis, because the small shares matter most.
const x = (share) =>
  EDGE.left + ((WIDTH - EDGE.left - EDGE.right) * Math.log(share / SHARES.at(-1))) / Math.log(1 / SHARES.at(-1));
const y = (quality) => EDGE.top + (HEIGHT - EDGE.top - EDGE.bottom) * (1 - quality);

function curve(points, method, expected) {
  const line = points.map(({ share, quality }) => `${x(share).toFixed(1)},${y(quality).toFixed(1)}`).join(' ');
  const title = t(expected ? 'budgets.title.expected' : 'budgets.title', { method });
  return el(
    'figure',
    { class: 'curve' },
    svg(
      'svg',
      { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: 'img', 'aria-label': title },
      ...[0, 0.5, 1].flatMap((quality) => [
        svg('line', { class: 'grid', x1: EDGE.left, x2: WIDTH - EDGE.right, y1: y(quality), y2: y(quality) }),
        svg('text', { class: 'tick', x: EDGE.left - 8, y: y(quality) + 4, 'text-anchor': 'end' }, `${quality * 100} %`),
      ]),
      ...SHARES.map((share) =>
        svg('text', { class: 'tick', x: x(share), y: HEIGHT - 12, 'text-anchor': 'middle' }, `${Math.round(share * 100)} %`),
      ),
      svg('polyline', { class: 'line', points: line }),
      ...points.map(({ share, quality, answer }) =>
        svg('circle', { class: 'dot', cx: x(share), cy: y(quality), r: 5 }, svg('title', {}, `${Math.round(share * 100)} %: ${answer.text}`)),
      ),
    ),
    el('figcaption', { class: 'hint' }, title),
  );
}

function table(points) {
  const row = (cell, cells) => el('tr', {}, ...cells.map((content, i) => el(i ? cell : 'th', cell === 'th' ? { scope: 'col' } : i ? {} : { scope: 'row' }, content)));
  return el(
    'table',
    { class: 'budgets' },
    el('thead', {}, row('th', ['kept', 'answer', 'agreement', 'tokens', 'first'].map((name) => t(`budgets.${name}`)))),
    el(
      'tbody',
      {},
      ...points.map(({ share, answer, quality }) =>
        row('td', [
          `${Math.round(share * 100)} %`,
          answer.text || t('answer.empty'),
          `${Math.round(quality * 100)} %`,
          String(answer.visual_tokens.kept),
          millis(firstWord(answer)),
        ]),
      ),
    ),
  );
}
