// What an answer took, for people.

import { el } from './dom.js';

const PHASES = ['read', 'preprocess', 'encode', 'prune', 'prefill', 'decode'];

export const millis = (value) => (value >= 1000 ? `${(value / 1000).toFixed(2)} s` : `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`);
export const percent = (part, whole) => (whole ? `${Math.round((100 * part) / whole)} %` : '–');
export const bytes = (count) => (count >= 1e6 ? `${(count / 1e6).toFixed(1)} MB` : `${Math.round(count / 1000)} kB`);

/** Answer tokens per second after the first one, or 0 if there was only one. */
export const speed = (answer) =>
  answer.completion_tokens > 1 && answer.timings_ms.decode > 0
    ? ((answer.completion_tokens - 1) * 1000) / answer.timings_ms.decode
    : 0;

/**
 * The times of an answer as if its visual tokens had been encoded for it: which of several plans is asked first must
 * not decide which is quick.
 */
const asEncoded = (times) => {
  const earlier = times.cached_encode ?? 0;
  return { ...times, encode: times.encode + earlier, first_token: times.first_token + earlier, total: times.total + earlier };
};

/** Milliseconds to the first word, encoding included even where it was done for an earlier question. */
export const firstWord = (answer) => asEncoded(answer.timings_ms).first_token;

/** What is said wherever tokens came from the cache. */
export const cachedNote = (times) =>
  `Visual tokens of an earlier question were used again; what encoding them took then${times ? `, ${millis(times.cached_encode)},` : ''} is counted here.`;

/** Tokens, times and memory of an answer. */
export function figures(answer) {
  const { total, kept } = answer.visual_tokens;
  const times = asEncoded(answer.timings_ms);
  const sum = PHASES.reduce((all, phase) => all + times[phase], 0) || 1;
  return el(
    'div',
    { class: 'figures' },
    el(
      'dl',
      { class: 'numbers' },
      number('Visual tokens', `${kept} of ${total}`, percent(kept, total)),
      ...(answer.clips ?? []).map(({ frames, looked_at: lookedAt }) =>
        number('Frames', lookedAt.length === frames.length ? String(frames.length) : `${lookedAt.length} of ${frames.length}`),
      ),
      ...answer.stages
        .filter(({ point }) => point.startsWith('layer'))
        .map(({ point, after }) => number(`From ${point}`, String(after), percent(after, total))),
      answer.clips ? number('Clip read in', millis(times.read)) : null,
      number('First word after', millis(times.first_token)),
      number('Whole answer', millis(times.total)),
      speed(answer) ? number('Speed', `${speed(answer).toFixed(0)} tokens/s`) : null,
      number('Cache', bytes(answer.kv_bytes)),
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
    times.cached_encode > 0 ? el('p', { class: 'hint' }, cachedNote(times)) : null,
    ...answer.notes.map((note) => el('p', { class: 'hint' }, note)),
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
