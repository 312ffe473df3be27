// A conversation as a file that opens on any page of Squint.

import { download } from './dom.js';
import { t } from './i18n.js';
import { items } from './pictures.js';
import { sampling } from './media.js';
import { talk } from './talk.js';

const FORMAT = 'squint-conversation';
const VERSION = 1;
const MOST_TURNS = 64;

/** Saves the conversation with its pictures. */
export async function shareFile() {
  const files = await Promise.all(
    items.filter((item) => item.ready).map(async ({ id, name, turn, file }) => ({ id, name, turn, type: file.type, data: await base64(file) })),
  );
  const document = { format: FORMAT, version: VERSION, when: talk.when, turns: talk.turns, sampling: sampling(), files };
  download('conversation.squint.json', new Blob([JSON.stringify(document)], { type: 'application/json' }));
}

function base64(file) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result.slice(reader.result.indexOf(',') + 1));
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(file);
  });
}

/** Whether a file may be a shared conversation. */
export const isShared = (file) => file.type === 'application/json' || file.name.endsWith('.json');

/**
 * Reads a shared conversation, as it is stored.
 *
 * @throws Error if the file is something else
 */
export async function readShared(file) {
  let shared;
  try {
    shared = JSON.parse(await file.text());
  } catch {
    shared = null;
  }
  if (shared?.format !== FORMAT) {
    throw new Error(t('share.other', { name: file.name }));
  }
  if (shared.version !== VERSION) {
    throw new Error(t('share.version', { name: file.name, version: shared.version }));
  }
  try {
    return {
      id: `${Date.now().toString(36)}-shared`,
      when: new Date().toISOString(),
      textOnly: false,
      sampling: shared.sampling,
      turns: shared.turns.slice(0, MOST_TURNS).map(checked),
      files: shared.files.map(({ id, name, turn, type, data }) => ({ id: String(id), name: String(name), turn, file: fileOf(String(name), type, data) })),
    };
  } catch {
    throw new Error(t('share.broken', { name: file.name }));
  }
}

/** A turn of the file; figures are needed to show it. */
function checked(turn) {
  const { question, plan, answer, about, stopped } = turn;
  if (stopped && typeof question === 'string' && typeof answer.text === 'string') {
    return turn;
  }
  const known =
    typeof question === 'string' &&
    typeof plan === 'string' &&
    typeof answer.text === 'string' &&
    typeof answer.plan === 'string' &&
    [answer.stages, answer.notes, answer.prefill_runs, about].every(Array.isArray) &&
    Number.isFinite(answer.visual_tokens.total + answer.timings_ms.first_token);
  if (!known) {
    throw new TypeError('not a turn');
  }
  return turn;
}

function fileOf(name, type, data) {
  const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
  return new File([bytes], name, { type });
}
