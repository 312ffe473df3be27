// Choosing a method: a list with search and groups, and what the chosen one does.

import { sectionOf, written } from './documentation.js';
import { byId, el } from './dom.js';
import { t } from './i18n.js';
import { GROUPS, groupOf, matches, paperLink, parsed, placeName, sentenceOf, stepOf, usualPoint } from './methods.js';

const DEFAULT_KEEP = 0.25;

let methods = [];
let chosen = null;
let byHand = false;
let done = () => {};

/** Sets the methods of the server. */
export function setMethods(known) {
  methods = known;
}

/**
 * Asks for a plan.
 *
 * @param plan the plan to begin with
 * @param accepts whether a method is offered
 * @param keeps whether the share is asked for too
 * @returns the plan as text, or null if the dialog was closed
 */
export function choosePlan(plan, { accepts = () => true, keeps = true } = {}) {
  const start = parsed(plan, methods);
  byId('method-search').value = '';
  byId('plan-keep').value = Math.round(100 * (start?.keep ?? DEFAULT_KEEP));
  byId('method-keep').dataset.wanted = String(keeps);
  byId('plan-by-hand').hidden = !keeps;
  list(accepts);
  select(start?.method ?? methods.find((method) => method.works && accepts(method)), start?.point);
  byHand = !start;
  if (byHand) {
    byId('plan-text').value = plan;
    byId('plan-by-hand').open = true;
  }
  byId('methods').showModal();
  showChosen();
  return new Promise((resolve) => (done = resolve));
}

/** Wires the dialog. */
export function wire() {
  const dialog = byId('methods');
  byId('method-search').addEventListener('input', filter);
  byId('method-search').addEventListener('keydown', takeFound);
  byId('plan-point').addEventListener('change', refresh);
  byId('plan-keep').addEventListener('input', refresh);
  byId('plan-text').addEventListener('input', () => (byHand = true));
  byId('methods-form').addEventListener('submit', (event) => {
    event.preventDefault();
    dialog.close('use');
  });
  byId('cancel-plan').addEventListener('click', () => dialog.close());
  dialog.addEventListener('close', () => {
    done(dialog.returnValue === 'use' ? byId('plan-text').value.trim() || 'none' : null);
    dialog.returnValue = '';
  });
}

function list(accepts) {
  const groups = [['all', (method) => method.name === 'none'], ...GROUPS.map(([name]) => [name, (method) => method.name !== 'none' && groupOf(method) === name])];
  byId('method-list').replaceChildren(
    ...groups.flatMap(([name, contains]) => {
      const members = methods.filter((method) => contains(method) && accepts(method));
      const heading = el('h3', {}, t(`group.${name}`));
      return members.length ? [el('div', { class: 'method-group', role: 'group', 'aria-label': heading.textContent }, heading, ...members.map(row))] : [];
    }),
    el('p', { class: 'hint', id: 'no-method', hidden: true }, t('methods.none')),
  );
}

function row(method) {
  return el(
    'label',
    { class: `method${method.works ? '' : ' off'}`, 'data-method': methods.indexOf(method) },
    el('input', { type: 'radio', name: 'method', value: method.name, disabled: !method.works, onchange: () => select(method) }),
    el('span', { class: 'method-name' }, method.name === 'none' ? t('methods.all') : method.name),
    el('span', { class: 'hint' }, method.works ? sentenceOf(method) : t('methods.notHere', { why: method.why ?? '' })),
  );
}

function filter() {
  const search = byId('method-search').value.trim();
  for (const row of byId('method-list').querySelectorAll('.method')) {
    row.hidden = !matches(methods[row.dataset.method], search);
  }
  for (const group of byId('method-list').querySelectorAll('.method-group')) {
    group.hidden = !group.querySelector('.method:not([hidden])');
  }
  byId('no-method').hidden = Boolean(byId('method-list').querySelector('.method:not([hidden])'));
}

/** Enter in the search chooses what was found; once that is chosen, it uses the plan as elsewhere in the dialog. */
function takeFound(event) {
  const search = event.target.value.trim().toLowerCase();
  if (event.key !== 'Enter' || !search) {
    return;
  }
  const found = [...byId('method-list').querySelectorAll('.method:not([hidden]):not(.off)')].map((row) => methods[row.dataset.method]);
  const named = found.filter(({ name }) => name === search);
  const best = named.length ? named : found;
  if (!best.includes(chosen)) {
    event.preventDefault();
    if (best.length) {
      select(best[0]);
    }
  }
}

function select(method, point = usualPoint(method)) {
  chosen = method;
  const row = byId('method-list').querySelector(`[data-method="${methods.indexOf(method)}"] input`);
  if (row) {
    row.checked = true;
  }
  byId('plan-point').replaceChildren(...method.works_at.map((each) => el('option', { value: each, selected: each === point }, placeName(each))));
  byId('plan-point').disabled = method.works_at.length < 2;
  byId('method-point').hidden = method.name === 'none';
  byId('method-keep').hidden = !method.needs_budget || method.name === 'none' || byId('method-keep').dataset.wanted !== 'true';
  refresh();
}

/** Scrolls the list to the chosen method. */
function showChosen() {
  const all = byId('method-list');
  const row = all.querySelector('.method:has(:checked)');
  all.scrollTop = row ? row.offsetTop - all.clientHeight / 2 : 0;
}

/** Shows the plan and what is known of its method. */
function refresh() {
  byHand = false;
  const keep = Number(byId('plan-keep').value);
  byId('plan-share').textContent = `${keep} %`;
  byId('plan-text').value = stepOf(chosen, byId('plan-point').value, keep / 100);
  byId('method-title').textContent = chosen.name === 'none' ? t('methods.all') : chosen.name;
  byId('method-sentence').textContent = t('methods.keeps', { what: sentenceOf(chosen) });
  const link = paperLink(chosen);
  byId('method-paper').replaceChildren(...[chosen.paper, chosen.faithfulness].filter(Boolean).flatMap((text, i) => [i ? ' · ' : '', i === 0 && link ? el('a', { href: link, rel: 'noreferrer', target: '_blank' }, text) : text]));
  describe(chosen, byId('plan-point').value || 'encoder');
}

async function describe(method, point) {
  const section = await sectionOf(method.name, point);
  if (method !== chosen) {
    return;
  }
  const picture = byId('method-picture');
  picture.hidden = !section?.picture;
  if (section?.picture) {
    picture.src = section.picture;
    picture.alt = t('methods.picture', { name: method.name });
  }
  byId('method-docs').hidden = !section;
  byId('method-docs-text').replaceChildren(...(section ? written(section.text) : []));
}
