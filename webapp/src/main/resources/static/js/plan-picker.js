// The plan of an answer: a preset, or a method that was chosen.

import { el } from './dom.js';
import { decimal, t } from './i18n.js';
import { choosePlan } from './method-dialog.js';

let presets = [{ name: 'exact', plan: 'none' }];
let serial = 0;

/** Sets the presets of the model: {name, plan, measured}. */
export function setPresets(known) {
  presets = known;
}

/** The plan of a preset, or that of the exact one if the model has no such preset. */
export const planOf = (name) => (presets.find((preset) => preset.name === name) ?? presets[0]).plan;

/**
 * Makes a picker.
 *
 * @param start the name of a preset
 * @returns {element, plan(), preset()}; preset() is null for a chosen method
 */
export function planPicker(start) {
  const id = `plan-${++serial}`;
  const words = el('p', { class: 'hint plan-words' });
  const own = option(id, 'own', () => use('own'));
  const options = presets.map(({ name }) => option(id, name, () => use(name)));
  let ownPlan = null;
  let name = presets.some((preset) => preset.name === start) ? start : 'exact';

  const plan = () => (name === 'own' ? ownPlan : planOf(name));
  const use = (chosen) => {
    name = chosen;
    own.hidden = !ownPlan;
    for (const each of [...options, own]) {
      each.querySelector('input').checked = each.dataset.name === name;
    }
    words.replaceChildren(...inWords(name, plan()));
  };
  const choose = async () => {
    const chosen = await choosePlan(plan());
    if (chosen !== null) {
      ownPlan = chosen;
      use(chosen === 'none' ? 'exact' : 'own');
    }
  };
  const element = el(
    'div',
    { class: 'plan-picker' },
    el(
      'div',
      { class: 'plan-line-row' },
      el('span', { class: 'segments', role: 'radiogroup', 'aria-label': t('plan') }, ...options, own),
      el('button', { type: 'button', class: 'quiet choose-method', onclick: choose }, t('methods.choose')),
    ),
    words,
  );
  use(name);
  return { element, plan, preset: () => (name === 'own' ? null : name) };
}

function option(id, name, choose) {
  return el('label', { class: 'segment', 'data-name': name }, el('input', { type: 'radio', name: id, value: name, onchange: choose }), el('span', {}, t(`preset.${name}`)));
}

/** What a plan costs and gains, where it was measured. */
function inWords(name, plan) {
  const code = el('code', {}, plan);
  const { measured } = presets.find((preset) => preset.name === name) ?? {};
  if (plan === 'none') {
    return [t('preset.exact.words')];
  }
  if (!measured) {
    return [code, name === 'own' ? '' : ` · ${t('preset.unmeasured')}`];
  }
  const { questions, accuracy, accuracy_all: all, agreement, sooner, layer_share: share } = measured;
  const loss = accuracy === undefined ? t('preset.agreement', { agreement: decimal(agreement), questions }) : t('preset.accuracy', { accuracy: decimal(accuracy), all: decimal(all), questions });
  const gain = sooner === undefined ? t('preset.share', { share: decimal(100 * share, 0) }) : t('preset.sooner', { ratio: decimal(sooner) });
  return [`${loss}, ${gain} · `, code];
}
