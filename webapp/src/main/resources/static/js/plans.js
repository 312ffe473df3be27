// Choosing a plan: a method, where it acts and how much it keeps, or a whole plan in one line.

import { el } from './dom.js';

let serial = 0;

const PLACES = { frames: 'frames of a video', tiles: 'tiles, before the encoder', patches: 'patches, before the encoder', encoder: 'tokens, after the encoder', decoder: 'tokens, in every decoder layer', cache: 'the cache, while answering' };

/** A point of a plan in words. */
function place(point) {
  const [, kind, layers] = /^([a-z]+)(\d*)$/.exec(point);
  return layers ? `tokens, after ${layers} ${kind === 'layer' ? 'decoder' : 'encoder'} layer${layers === '1' ? '' : 's'}` : PLACES[point];
}

/** The default point of a method: after the encoder, or else a third of the way into its points. */
const usualPoint = ({ works_at: points }) =>
  points.includes('encoder') ? 'encoder' : points[Math.floor(points.length / 3)];

const GROUPS = [
  ['Frames of a video', (point) => point === 'frames'],
  ['Tiles', (point) => point === 'tiles'],
  ['Patches', (point) => point === 'patches'],
  ['Tokens of the encoder', (point) => point.startsWith('encoder')],
  ['Between decoder layers', (point) => point.startsWith('layer')],
  ['In every decoder layer', (point) => point === 'decoder'],
  ['KV cache', (point) => point === 'cache'],
];

/** The methods as options, grouped by their default point; the value is the index in the list. */
function options(methods, start) {
  const home = (method) => (method.works ? usualPoint(method) : method.points.at(-1));
  const option = (method) =>
    el(
      'option',
      { value: methods.indexOf(method), disabled: !method.works, selected: method.name === start },
      method.name === 'none' ? 'all tokens' : method.name + (method.works ? '' : ' (not with this model)'),
    );
  const everything = methods.filter((method) => method.name === 'none');
  return [
    ...everything.map(option),
    ...GROUPS.map(([label, contains]) => {
      const members = methods.filter((method) => method.name !== 'none' && contains(home(method)));
      return members.length ? el('optgroup', { label }, ...members.map(option)) : null;
    }).filter(Boolean),
  ];
}

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
  const select = el(
    'select',
    { id: `${id}-method` },
    ...options(methods, start.method),
  );
  const points = el('select', { id: `${id}-point` });
  const slider = el('input', { id: `${id}-keep`, type: 'range', min: 2, max: 100, step: 1, value: Math.round(start.keep * 100) });
  const shown = el('output', { for: `${id}-keep` });
  const about = el('p', { class: 'about' });
  const written = el('input', { id: `${id}-line`, type: 'text', spellcheck: 'false', autocomplete: 'off', maxlength: 500 });
  const pointField = el('div', { class: 'field' }, el('label', { for: `${id}-point` }, 'Choose from'), points);
  const sliderField = el('div', { class: 'field' }, el('label', { for: `${id}-keep` }, 'Share ', shown), slider);
  let byHand = false;

  const chosen = () => methods[select.value];
  const plan = (share = slider.value / 100) => {
    const method = chosen();
    return method.name === 'none' ? 'none' : `${points.value}:${method.name}${method.needs_budget ? `(keep=${share})` : ''}`;
  };
  const refresh = () => {
    shown.textContent = `${slider.value} %`;
    const method = chosen();
    pointField.hidden = method.name === 'none';
    sliderField.hidden = !keep || method.name === 'none' || !method.needs_budget;
    about.replaceChildren(
      `Keeps ${method.summary}. `,
      el('span', { class: 'hint' }, [method.paper, method.faithfulness].filter(Boolean).join(' · ')),
    );
    if (!byHand) {
      written.value = plan();
    }
  };
  const offerPoints = () => {
    const method = chosen();
    points.replaceChildren(
      ...method.works_at.map((point) => el('option', { value: point, selected: point === usualPoint(method) }, place(point))),
    );
    points.disabled = method.works_at.length < 2;
  };
  const moved = () => {
    byHand = false;
    refresh();
  };
  select.addEventListener('change', () => {
    offerPoints();
    moved();
  });
  points.addEventListener('change', moved);
  slider.addEventListener('input', moved);
  written.addEventListener('input', () => {
    byHand = true;
  });
  offerPoints();
  refresh();

  const element = el(
    'div',
    { class: 'plan' },
    el(
      'div',
      { class: 'plan-row' },
      el('div', { class: 'field' }, el('label', { for: `${id}-method` }, 'Keep'), select),
      pointField,
      sliderField,
    ),
    about,
    line
      ? el(
          'details',
          { class: 'by-hand' },
          el('summary', {}, 'Edit the plan as text'),
          el('label', { class: 'sr-only', for: `${id}-line` }, 'Plan in one line'),
          written,
          el('p', { class: 'hint' }, 'Steps joined by +, each POINT:METHOD(keep=SHARE), such as encoder:divprune(keep=0.5) + layer2:fastv(keep=0.5)'),
        )
      : null,
  );
  return { element, method: () => chosen(), plan: (share) => (share === undefined && byHand ? written.value.trim() : plan(share)) };
}
