// Tokens, times and memory of an answer as readable text.

import { el } from './dom.js';
import { counted, decimal, t } from './i18n.js';

// Less than this is not worth a word.
const NOTABLE = 1.05;
const PHASES = ['read', 'preprocess', 'encode', 'prune', 'prefill', 'decode'];

export const millis = (value) => (value >= 1000 ? `${decimal(value / 1000, 2)} s` : `${decimal(value, value < 10 ? 1 : 0)} ms`);
export const percent = (part, whole) => (whole ? `${Math.round((100 * part) / whole)} %` : '–');
export const bytes = (count) => (count >= 2 ** 20 ? `${decimal(count / 2 ** 20)} MiB` : `${Math.round(count / 1024)} KiB`);

let shownAlready;

/** Sets a note that the page shows elsewhere; figures omit it. */
export const known = (note) => {
  shownAlready = note;
};

/** Answer tokens per second after the first one, or 0 if there was only one. */
export const speed = (answer) =>
  answer.completion_tokens > 1 && answer.timings_ms.decode > 0
    ? ((answer.completion_tokens - 1) * 1000) / answer.timings_ms.decode
    : 0;

/**
 * The times of an answer without reuse of earlier work. Otherwise the order of several plans would decide which is
 * fastest.
 */
const asFirst = (times) => {
  const { cached_encode: encode = 0, cached_prefill: prefill = 0 } = times;
  const earlier = encode + prefill;
  return {
    ...times,
    encode: times.encode + encode,
    prefill: times.prefill + prefill,
    first_token: times.first_token + earlier,
    total: times.total + earlier,
  };
};

/** Whether visual tokens, or keys and values of the decoder, came from an earlier question. */
export const isCached = (times) => times.cached_encode > 0 || times.cached_prefill > 0;

/** Milliseconds to the first token, including work of earlier questions. */
export const firstWord = (answer) => asFirst(answer.timings_ms).first_token;

/** A note for answers that reused work of an earlier question. */
export const cachedNote = (times) =>
  times ? t('figures.cachedTime', { time: millis((times.cached_encode ?? 0) + (times.cached_prefill ?? 0)) }) : t('figures.cached');

/**
 * How many times as long the first word would take with all tokens, estimated from the answer's own times: encoding in
 * proportion to the encoded tokens, prefill in proportion to layers times tokens, and no time for choosing tokens.
 */
export function speedup(answer) {
  const { total, encoded, kept } = answer.visual_tokens;
  const times = asFirst(answer.timings_ms);
  const layers = Math.max(...answer.prefill_runs.map((run) => run.end_layer));
  const whole = layers * (answer.prompt_tokens - kept + total);
  // Of a prompt whose beginning was computed before, the runs cover the rest only.
  const done = answer.reused_tokens ? layers * answer.prompt_tokens : answer.prefill_runs.reduce((sum, run) => sum + (run.end_layer - run.first_layer) * run.tokens, 0);
  const encode = encoded ? times.encode * (total / encoded - 1) : 0;
  const prefill = done ? times.prefill * (whole / done - 1) : 0;
  return (times.first_token + encode + prefill - times.prune) / times.first_token;
}

/** Where visual tokens were left out between decoder layers: [layers before, tokens after] of each step, in order. */
const layerSteps = ({ stages }) => stages.filter(({ point }) => point.startsWith('layer')).map(({ point, after }) => [Number(point.slice('layer'.length)), after]);

/** Whether visual tokens were left out between decoder layers. */
export const isLayered = (answer) => layerSteps(answer).length > 0;

/** Visual tokens in a decoder layer, on average. */
export function perLayer(answer) {
  const layers = Math.max(...answer.prefill_runs.map((run) => run.end_layer));
  const steps = [[0, answer.visual_tokens.kept], ...layerSteps(answer), [layers, 0]];
  return steps.slice(1).reduce((sum, [end], i) => sum + (end - steps[i][0]) * steps[i][1], 0) / layers;
}

/** The line under an answer: how many tokens the model attended to, and what that saved. */
export function looked(answer) {
  const { total, kept } = answer.visual_tokens;
  if (!total) {
    return t('looked.nothing');
  }
  const atFirst = kept === total ? t('looked.all', { total }) : t('looked.some', { kept, total });
  const [layers, after] = layerSteps(answer).at(-1) ?? [];
  const tokens = layers ? counted('looked.after', layers, { tokens: atFirst, after }) : atFirst;
  const faster = speedup(answer);
  const ratio = decimal(faster >= 1 ? faster : 1 / faster);
  if (faster > NOTABLE) {
    return t('looked.sooner', { tokens, ratio });
  }
  return faster < 1 / NOTABLE ? t('looked.later', { tokens, ratio }) : t('looked.same', { tokens, time: millis(firstWord(answer)) });
}

/** Tokens, times and memory of an answer. */
export function figures(answer) {
  const { total, kept } = answer.visual_tokens;
  const times = asFirst(answer.timings_ms);
  const sum = PHASES.reduce((all, phase) => all + times[phase], 0) || 1;
  const phases = PHASES.map((phase) => `${t(`phase.${phase}`)} ${millis(times[phase])}`);
  return el(
    'div',
    { class: 'figures' },
    el(
      'dl',
      { class: 'numbers' },
      number(t('figures.tokens'), t('figures.of', { kept, total }), percent(kept, total)),
      ...(answer.clips ?? []).map(({ frames, kept_frames: chosen = frames }) =>
        number(t('figures.frames'), chosen.length === frames.length ? String(frames.length) : t('figures.of', { kept: chosen.length, total: frames.length })),
      ),
      ...answer.stages
        .filter(({ point }) => point.startsWith('layer'))
        .map(({ point, after }) => number(t('figures.from', { point }), String(after), percent(after, total))),
      answer.clips ? number(t('figures.read'), millis(times.read)) : null,
      number(t('figures.first'), millis(times.first_token)),
      number(t('figures.total'), millis(times.total)),
      speed(answer) ? number(t('figures.speed'), t('figures.perSecond', { count: decimal(speed(answer), 0) })) : null,
      number(t('figures.cache'), bytes(answer.kv_bytes)),
    ),
    el(
      'div',
      { class: 'phases', role: 'img', 'aria-label': phases.join(', ') },
      ...PHASES.map((phase) => {
        const bar = el('span', { class: `phase ${phase}` });
        bar.style.flexGrow = String(times[phase] / sum);
        return bar;
      }),
    ),
    el(
      'p',
      { class: 'phase-key', 'aria-hidden': 'true' },
      ...PHASES.map((phase, i) => el('span', {}, el('i', { class: `swatch ${phase}` }), phases[i])),
    ),
    isCached(times) ? el('p', { class: 'hint' }, cachedNote(times)) : null,
    ...answer.notes.filter((note) => note !== shownAlready).map((note) => el('p', { class: 'hint' }, note)),
    kept < total ? el('p', { class: 'hint' }, t('figures.estimate')) : null,
  );
}

function number(name, value, more) {
  return el(
    'div',
    {},
    el('dt', {}, name),
    el('dd', {}, value, more ? el('span', { class: 'hint' }, ` ${more}`) : null),
  );
}
