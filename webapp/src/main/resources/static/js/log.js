// The log of questions and answers.

import { byId, el } from './dom.js';
import { figures, looked } from './figures.js';
import { t } from './i18n.js';
import { talk } from './talk.js';
import { shownAnswer } from './viewer.js';

/** The element of each drawn turn. */
const drawn = new WeakMap();

/**
 * Draws all turns. A turn that is drawn already keeps its element, with its open details, its open menu and the focus.
 *
 * @param actions {show, again, edit, remove, copy, curl, java, picture, share}, each called with a turn
 */
export function renderLog(actions) {
  const log = byId('log');
  const wanted = talk.turns.map((turn) => {
    if (!drawn.has(turn)) {
      drawn.set(turn, turnElement(turn, actions));
    }
    return drawn.get(turn);
  });
  [...log.children].filter((child) => !wanted.includes(child)).forEach((child) => child.remove());
  wanted.forEach((element, i) => log.children[i] === element || log.insertBefore(element, log.children[i] ?? null));
  markShown();
}

/** Marks the answer whose tokens the picture shows. */
export function markShown() {
  for (const turn of talk.turns) {
    elementOf(turn)?.querySelector('[data-action="show"]')?.setAttribute('aria-current', String(turn.answer === shownAnswer()));
  }
}

/** A question whose answer is in progress: {show(text), wait(text), said()}; said() is the text so far. */
export function liveTurn(question, place) {
  const thinking = el('span', { class: 'thinking' }, t('answer.working'));
  const text = el('p', { class: 'answer-text', 'aria-busy': 'true' }, thinking);
  const element = el('article', { class: 'turn' }, el('p', { class: 'asked' }, question), text);
  if (place) {
    place.replaceWith(element);
  } else {
    byId('log').append(element);
  }
  reveal(element);
  return {
    show(soFar) {
      text.textContent = soFar;
      reveal(element);
    },
    wait: (what) => (thinking.textContent = what),
    said: () => (thinking.isConnected ? '' : text.textContent),
  };
}

const reveal = (element) => element.scrollIntoView({ block: 'nearest' });

/** A turn with its answer. */
function turnElement(turn, actions) {
  const { question, answer, preset, regions, stopped } = turn;
  const region = regions?.length ? el('p', { class: 'about-region hint' }, t(regions.every((each) => each.drop) ? 'regions.without' : 'regions.only')) : null;
  const asked = [el('p', { class: 'asked' }, question), region];
  if (stopped) {
    return el('article', { class: 'turn' }, ...asked, el('p', { class: 'answer-text' }, answer.text, el('span', { class: 'hint' }, ` ${t('answer.stopped')}`)), el('div', { class: 'turn-actions' }, ...buttons(['again', 'edit', 'remove'], turn, actions)));
  }
  return el(
    'article',
    { class: 'turn' },
    ...asked,
    el('p', { class: 'answer-text' }, answer.text || t('answer.empty')),
    el('p', { class: 'looked' }, looked(answer), ' · ', ...planOf(preset, answer)),
    el('details', { class: 'more' }, el('summary', {}, t('answer.details')), figures(answer)),
    el('div', { class: 'turn-actions' }, ...buttons(['show', 'again', 'edit', 'remove'], turn, actions), shareMenu(turn, actions)),
  );
}

/** The exact preset has no plan to name. */
const planOf = (preset, { plan }) => (preset === 'exact' ? [t('preset.exact')] : [preset ? `${t(`preset.${preset}`)} ` : '', el('code', {}, plan)]);

const buttons = (names, turn, actions) => names.map((name) => el('button', { type: 'button', class: 'quiet', 'data-action': name, onclick: () => actions[name](turn) }, t(`turn.${name}`)));

function shareMenu(turn, actions) {
  const list = el('div', { class: 'menu-list' }, ...buttons(['copy', 'curl', 'java', 'picture', 'file'], turn, actions));
  const menu = el('details', { class: 'menu' }, el('summary', {}, t('turn.share')), list);
  menu.addEventListener('focusout', (event) => menu.contains(event.relatedTarget) || event.relatedTarget === null || (menu.open = false));
  menu.addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && menu.open) {
      event.preventDefault();
      menu.open = false;
      menu.querySelector('summary').focus();
    }
  });
  return menu;
}

addEventListener('click', (event) => {
  for (const menu of document.querySelectorAll('.menu[open]')) {
    menu.open = menu.contains(event.target) && !event.target.closest('button');
  }
});

// Opened details are not left under the composer.
addEventListener('toggle', ({ target }) => target.matches('.more[open]') && reveal(target), true);

/** The element of a turn. */
export const elementOf = (turn) => byId('log').children[talk.turns.indexOf(turn)];
