// Copies text, also where the page has no clipboard because it was not loaded over TLS.

import { el } from './dom.js';
import { t } from './i18n.js';
import { say } from './undo.js';

export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const field = el('textarea', { class: 'sr-only', 'aria-hidden': 'true' });
    field.value = text;
    document.body.append(field);
    field.select();
    document.execCommand('copy');
    field.remove();
  }
  say(t('copied'));
}
