// Compares the answers to one question with several plans.

import { ask } from './api.js';
import { byId, el } from './dom.js';
import { figures, firstWord, millis } from './figures.js';
import { sheet } from './overlay.js';
import { pictures, showFramesOf } from './pictures.js';
import { planPicker } from './plans.js';
import { difference } from './text-diff.js';

const MOST = 4;
const PICTURE_EDGE = 320;
const pickers = [];
let methods = [];

/** Starts with two plans: all tokens, and a quarter of them. */
export function wire(known, favourite) {
  methods = known;
  addPlan({ method: 'none', keep: 1 });
  addPlan({ method: favourite, keep: 0.25 });
  byId('add-plan').addEventListener('click', () => addPlan({ method: favourite, keep: 0.1 }));
}

function addPlan(start) {
  const picker = planPicker(methods, start);
  const card = el('div', { class: 'plan-card' }, el('h3', {}, ''), picker.element);
  if (pickers.length >= 2) {
    card.append(
      el('button', { type: 'button', class: 'quiet', onclick: () => removePlan(picker, card) }, 'Remove plan'),
    );
  }
  pickers.push(picker);
  byId('compare-plans').append(card);
  number();
}

function removePlan(picker, card) {
  pickers.splice(pickers.indexOf(picker), 1);
  card.remove();
  number();
}

function number() {
  [...byId('compare-plans').children].forEach((card, i) => {
    card.querySelector('h3').textContent = `Plan ${i + 1}`;
  });
  byId('add-plan').hidden = pickers.length >= MOST;
}

/** Asks with each plan, one after the other so that their times are comparable. */
export async function run(question, options) {
  const results = byId('compare-results');
  results.replaceChildren();
  const answers = [];
  for (const [i, picker] of pickers.entries()) {
    const text = el('p', { class: 'answer-text', 'aria-busy': 'true' }, '…');
    const column = el(
      'article',
      { class: 'column', 'aria-label': `Plan ${i + 1}` },
      el('h3', {}, `Plan ${i + 1}`),
      el('code', { class: 'plan-line' }, picker.plan()),
      text,
    );
    results.append(column);
    const answer = await answered({ ...question, plan: picker.plan() }, options, text);
    answers.push(answer);
    text.replaceChildren(...(i ? marked(answers[0].text, answer.text) : [answer.text || 'empty']));
    if (i) {
      column.append(el('p', { class: 'verdict' }, verdict(answers[0], answer)));
    }
    if (answer.map?.pictures.length) {
      await showFramesOf(answer);
      const canvas = await sheet(pictures, answer.map.pictures, PICTURE_EDGE);
      canvas.setAttribute('aria-label', `Tokens that plan ${i + 1} kept`);
      column.append(canvas);
    }
    column.append(figures(answer));
  }
  return answers;
}

/** Asks and shows the text while it arrives; an incomplete answer is marked as stopped. */
async function answered(question, options, text) {
  let begun = '';
  try {
    return await ask(question, { ...options, onText: (soFar) => (text.textContent = begun = soFar) });
  } catch (error) {
    text.replaceChildren(begun, el('span', { class: 'hint' }, ' (stopped)'));
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
  const same = first.text === other.text ? 'Same answer' : 'Different answer';
  const share = first.visual_tokens.kept ? 1 - other.visual_tokens.kept / first.visual_tokens.kept : 0;
  const tokens = share >= 0 ? `${Math.round(100 * share)} % fewer visual tokens` : `${Math.round(-100 * share)} % more visual tokens`;
  return `${same}, ${tokens}, first token after ${millis(firstWord(other))} instead of ${millis(firstWord(first))}.`;
}
