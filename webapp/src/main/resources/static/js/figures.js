// Tokens, times and memory of an answer, for people.

import { el } from './dom.js';

const PHASES = ['read', 'preprocess', 'encode', 'prune', 'prefill', 'decode'];

export const millis = (value) => (value >= 1000 ? `${(value / 1000).toFixed(2)} s` : `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`);
export const percent = (part, whole) => (whole ? `${Math.round((100 * part) / whole)} %` : '–');
export const bytes = (count) => (count >= 2 ** 20 ? `${(count / 2 ** 20).toFixed(1)} MiB` : `${Math.round(count / 1024)} KiB`);

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
  `Work of an earlier question was reused. Its time${times ? ` (${millis((times.cached_encode ?? 0) + (times.cached_prefill ?? 0))})` : ''} is included here.`;

/** Tokens, times and memory of an answer. */
export function figures(answer) {
  const { total, kept } = answer.visual_tokens;
  const times = asFirst(answer.timings_ms);
  const sum = PHASES.reduce((all, phase) => all + times[phase], 0) || 1;
  return el(
    'div',
    { class: 'figures' },
    el(
      'dl',
      { class: 'numbers' },
      number('Visual tokens', `${kept} of ${total}`, percent(kept, total)),
      ...(answer.clips ?? []).map(({ frames, kept_frames: chosen = frames }) =>
        number('Frames', chosen.length === frames.length ? String(frames.length) : `${chosen.length} of ${frames.length}`),
      ),
      ...answer.stages
        .filter(({ point }) => point.startsWith('layer'))
        .map(({ point, after }) => number(`From ${point}`, String(after), percent(after, total))),
      answer.clips ? number('Reading the clip', millis(times.read)) : null,
      number('First token after', millis(times.first_token)),
      number('Total time', millis(times.total)),
      speed(answer) ? number('Speed', `${speed(answer).toFixed(0)} tokens/s`) : null,
      number('KV cache', bytes(answer.kv_bytes)),
    ),
    el(
      'div',
      { class: 'phases', role: 'img', 'aria-label': PHASES.map((phase) => `${phase} ${millis(times[phase])}`).join(', ') },
      ...PHASES.map((phase) => {
        const bar = el('span', { class: `phase ${phase}` });
        bar.style.flexGrow = String(times[phase] / sum);
        return bar;
      }),
    ),
    el(
      'p',
      { class: 'phase-key', 'aria-hidden': 'true' },
      ...PHASES.map((phase) => el('span', {}, el('i', { class: `swatch ${phase}` }), `${phase} ${millis(times[phase])}`)),
    ),
    isCached(times) ? el('p', { class: 'hint' }, cachedNote(times)) : null,
    ...answer.notes.filter((note) => note !== shownAlready).map((note) => el('p', { class: 'hint' }, note)),
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
