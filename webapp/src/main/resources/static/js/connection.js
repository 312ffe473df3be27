// Whether the server answers: what the header says, and the wait until it is back.

import { byId, complain } from './dom.js';
import { t } from './i18n.js';
import { say } from './undo.js';

const RETRY_MILLIS = 2000;
let id = '';
let gone = false;

/** The id of the model in use. */
export const modelId = () => id;

/** Shows the model's name. */
export function connected(model) {
  id = model;
  byId('model').textContent = model;
  byId('model').classList.remove('gone');
}

/** Says that the server does not answer, and asks until it does; then calls back(), which may fail. */
export function lost(back) {
  complain(t('connection.lost'));
  byId('model').textContent = t('connection.none');
  byId('model').classList.add('gone');
  if (gone) {
    return;
  }
  gone = true;
  const attempt = async () => {
    try {
      const response = await fetch('health', { cache: 'no-store' });
      if (!response.ok) {
        throw new Error(response.statusText);
      }
      await back();
      gone = false;
      complain('');
      say(t('connection.back'));
    } catch {
      setTimeout(attempt, RETRY_MILLIS);
    }
  };
  setTimeout(attempt, RETRY_MILLIS);
}
