// Choosing a plan: a method and how much it keeps, or a whole plan in one line.

import { el } from './dom.js';

let serial = 0;

/**
 * Makes a picker.
 *
 * @param methods of GET /api/methods
 * @param start {method, keep}
 * @param options {line: whether a plan can be written by hand, keep: whether to offer the slider}
 * @returns {element, plan(keep), method()}
 */
export function planPicker(methods, start, { line = true, keep = true } = {}) {
  const id = `plan-${++serial}`;
  const state = { method: start.method, keep: start.keep };
  const select = el(
    'select',
    { id: `${id}-method` },
    ...methods.map((method) =>
      el(
        'option',
        { value: method.name, disabled: !method.works, selected: method.name === start.method },
        method.name === 'none' ? 'every token' : method.name + (method.works ? '' : ' (not with this model)'),
      ),
    ),
  );
  const slider = el('input', { id: `${id}-keep`, type: 'range', min: 2, max: 100, step: 1, value: Math.round(start.keep * 100) });
  const shown = el('output', { for: `${id}-keep` });
  const about = el('p', { class: 'about' });
  const written = el('input', { id: `${id}-line`, type: 'text', spellcheck: 'false', autocomplete: 'off', maxlength: 500 });
  const sliderField = el('div', { class: 'field' }, el('label', { for: `${id}-keep` }, 'Keep ', shown), slider);
  let byHand = false;

  const chosen = () => methods.find((method) => method.name === select.value);
  const plan = (share = state.keep) => {
    const method = chosen();
    return method.name === 'none'
      ? 'none'
      : method.needs_budget
        ? `encoder:${method.name}(keep=${share})`
        : `encoder:${method.name}`;
  };
  const refresh = () => {
    state.keep = slider.value / 100;
    shown.textContent = `${slider.value} %`;
    const method = chosen();
    sliderField.hidden = !keep || !method.needs_budget;
    about.replaceChildren(
      `Keeps ${method.summary}. `,
      el('span', { class: 'hint' }, [method.paper, method.faithfulness].filter(Boolean).join(' · ')),
    );
    if (!byHand) {
      written.value = plan();
    }
  };
  const moved = () => {
    byHand = false;
    refresh();
  };
  select.addEventListener('change', moved);
  slider.addEventListener('input', moved);
  written.addEventListener('input', () => {
    byHand = true;
  });
  refresh();

  const element = el(
    'div',
    { class: 'plan' },
    el(
      'div',
      { class: 'plan-row' },
      el('div', { class: 'field' }, el('label', { for: `${id}-method` }, 'Look at'), select),
      sliderField,
    ),
    about,
    line
      ? el(
          'details',
          { class: 'by-hand' },
          el('summary', {}, 'Write the plan'),
          el('label', { class: 'sr-only', for: `${id}-line` }, 'Plan in one line'),
          written,
          el('p', { class: 'hint' }, 'Steps joined by +, each POINT:METHOD(keep=SHARE), such as encoder:divprune(keep=0.25)'),
        )
      : null,
  );
  return { element, method: () => chosen(), plan: (share) => (share === undefined && byHand ? written.value.trim() : plan(share)) };
}
