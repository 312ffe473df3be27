// Compares the answers to one question with several plans.

import { ask } from './api.js';
import { byId, el } from './dom.js';
import { saveComparison, saveComparisonPicture } from './exports.js';
import { figures, firstWord, isLayered, millis, perLayer } from './figures.js';
import { sheet } from './overlay.js';
import { t } from './i18n.js';
import { pictures, showFramesOf } from './pictures.js';
import { planPicker } from './plan-picker.js';
import { difference } from './text-diff.js';
import { eachDifference, mapOf } from './tokens.js';
import { offerUndo } from './undo.js';

const MOST = 4;
const PICTURE_EDGE = 320;
const STARTS = ['exact', 'balanced', 'fast'];
const pickers = [];
/** The last complete comparison: {question, results}. */
let done = null;

/** Starts with two plans: all tokens, and fewer of them. */
export function wire() {
  addPlan('exact');
  addPlan('balanced');
  byId('add-plan').addEventListener('click', () => addPlan(STARTS[pickers.length] ?? 'fast'));
  byId('compare-json').addEventListener('click', () => saveComparison(done.question, done.results));
  byId('compare-picture').addEventListener('click', () => saveComparisonPicture(done.question, done.results));
}

function addPlan(start) {
  const picker = planPicker(start);
  const card = el('div', { class: 'plan-card' }, el('h3', {}, ''), picker.element);
  if (pickers.length >= 2) {
    card.append(el('button', { type: 'button', class: 'quiet', onclick: () => removePlan(picker, card) }, t('compare.remove')));
  }
  pickers.push(picker);
  byId('compare-plans').append(card);
  number();
}

function removePlan(picker, card) {
  const at = pickers.indexOf(picker);
  pickers.splice(at, 1);
  const next = card.nextSibling;
  card.remove();
  number();
  offerUndo(t('compare.removed'), () => {
    pickers.splice(at, 0, picker);
    byId('compare-plans').insertBefore(card, next);
    number();
  });
}

function number() {
  [...byId('compare-plans').children].forEach((card, i) => {
    card.querySelector('h3').textContent = t('compare.plan', { number: i + 1 });
  });
  byId('add-plan').hidden = pickers.length >= MOST;
}

/** Asks with each plan, one after the other so that their times are comparable. */
export async function run(question, options) {
  const columns = byId('compare-results');
  columns.replaceChildren();
  byId('compare-exports').hidden = true;
  const about = question.files.map((item) => item.id);
  const results = [];
  for (const [i, picker] of pickers.entries()) {
    const text = el('p', { class: 'answer-text', 'aria-busy': 'true' }, '…');
    const name = t('compare.plan', { number: i + 1 });
    const column = el('article', { class: 'column', 'aria-label': name }, el('h3', {}, name), el('code', { class: 'plan-line' }, picker.plan()), text);
    columns.append(column);
    column.scrollIntoView({ block: 'nearest' });
    const answer = await answered({ ...question, plan: picker.plan() }, options, text);
    const first = results[0]?.answer;
    text.replaceChildren(...(first ? marked(first.text, answer.text) : [answer.text || t('answer.empty')]));
    const result = { answer, verdict: first ? verdict(first, answer) : null, canvas: null };
    results.push(result);
    if (first) {
      column.append(el('p', { class: 'verdict' }, result.verdict));
    }
    if (answer.map?.pictures.length) {
      await showFramesOf(answer, about);
      result.canvas = await map(answer, first, about, name);
      column.append(result.canvas);
      if (isReduced(first)) {
        column.append(el('p', { class: 'hint difference' }, inTokens(answer, first)));
      }
    }
    column.append(el('details', { class: 'more' }, el('summary', {}, t('answer.details')), figures(answer)));
  }
  done = { question: question.question, results };
  byId('compare-exports').hidden = false;
  return results.map(({ answer }) => answer);
}

/** The pictures with the tokens that were kept, and what differs from the first answer. */
async function map(answer, first, about, name) {
  const mapsOf = (each) => pictures.map((view) => mapOf({ answer: each, about }, view));
  const canvas = await sheet(pictures, mapsOf(answer), PICTURE_EDGE, { others: isReduced(first) && mapsOf(first) });
  canvas.setAttribute('aria-label', t('compare.map', { name }));
  return canvas;
}

// Beside an answer about all tokens, what was dropped is dimmed already.
const isReduced = (answer) => answer && (answer.visual_tokens.kept < answer.visual_tokens.total || isLayered(answer));

/** How many tokens only one of two answers kept. */
function inTokens(answer, first) {
  let here = 0;
  let there = 0;
  answer.map.pictures.forEach((picture, i) => first.map.pictures[i] && eachDifference(picture, first.map.pictures[i], (tile, at, isHere) => (isHere ? here++ : there++)));
  return here || there ? t('compare.tokens', { here, there }) : t('compare.sameTokens');
}

/** Asks and shows the text while it arrives; an incomplete answer is marked as stopped. */
async function answered(question, options, text) {
  let begun = '';
  try {
    return await ask(question, { ...options, onText: (soFar) => (text.textContent = begun = soFar) });
  } catch (error) {
    text.replaceChildren(begun, el('span', { class: 'hint' }, ` ${t('answer.stopped')}`));
    throw error;
  } finally {
    text.removeAttribute('aria-busy');
  }
}

function marked(before, after) {
  return difference(before, after).flatMap(({ kind, text }) => [
    kind === 'same' ? text : el(kind === 'gone' ? 'del' : 'ins', {}, text),
    ' ',
  ]);
}

function verdict(first, other) {
  const same = t(first.text === other.text ? 'compare.same' : 'compare.different');
  const before = perLayer(first);
  const share = before ? 1 - perLayer(other) / before : 0;
  const average = isLayered(first) || isLayered(other) ? '.layers' : '';
  const tokens = t(`${share >= 0 ? 'compare.fewer' : 'compare.more'}${average}`, { percent: Math.round(100 * Math.abs(share)) });
  return t('compare.verdict', { same, tokens, time: millis(firstWord(other)), before: millis(firstWord(first)) });
}
