// The pruning methods in words: groups, points, sentences, links.

import { counted, has, t } from './i18n.js';

/** The groups in the order of the pipeline, each with the points that belong to it. */
export const GROUPS = [
  ['frames', (point) => point === 'frames'],
  ['tiles', (point) => point === 'tiles'],
  ['patches', (point) => point === 'patches'],
  ['encoder', (point) => point.startsWith('encoder')],
  ['layers', (point) => point.startsWith('layer')],
  ['decoder', (point) => point === 'decoder'],
  ['cache', (point) => point === 'cache'],
];

/** A point of a plan in words. */
export function placeName(point) {
  const [, kind, layers] = /^([a-z]+)(\d*)$/.exec(point);
  return layers ? counted(kind === 'layer' ? 'point.layer' : 'point.encoderLayer', Number(layers)) : t(`point.${kind}`);
}

/** The default point of a method: after the encoder, or else a third of the way into its points. */
export const usualPoint = ({ works_at: points }) => (points.includes('encoder') ? 'encoder' : points[Math.floor(points.length / 3)]);

/** The name of the group that a method stands in. */
export function groupOf(method) {
  const home = method.works ? usualPoint(method) : method.points.at(-1);
  return GROUPS.find(([, contains]) => contains(home))[0];
}

/** What a method keeps, in a few words; the server says it in English. */
export function sentenceOf({ name, summary, points }) {
  const key = `method.${points[0].replace(/K$/, '')}.${name}`;
  return has(key) ? t(key) : summary;
}

/** The paper's page on arXiv, or null. */
export function paperLink({ paper }) {
  const [, id] = /arXiv:?\s*(\d{4}\.\d{4,5})/.exec(paper ?? '') ?? [];
  return id ? `https://arxiv.org/abs/${id}` : null;
}

/** Whether a method matches all words of a search. */
export function matches(method, search) {
  const text = [method.name, method.summary, sentenceOf(method), method.paper ?? '', ...method.works_at].join(' ').toLowerCase();
  return search.toLowerCase().split(/\s+/).every((word) => text.includes(word));
}

/** A plan of one step as text. */
export const stepOf = (method, point, keep) => (method.name === 'none' ? 'none' : `${point}:${method.name}${method.needs_budget ? `(keep=${keep})` : ''}`);

/** {method, point, keep} of a plan of one step, or null. */
export function parsed(plan, methods) {
  if (plan === 'none') {
    return { method: methods.find(({ name }) => name === 'none'), point: null, keep: null };
  }
  const [, point, name, keep] = /^(\w+):([\w-]+)(?:\(keep=([\d.]+)\))?$/.exec(plan) ?? [];
  const method = methods.find((each) => each.name === name && each.works_at.includes(point));
  return method ? { method, point, keep: keep ? Number(keep) : null } : null;
}
