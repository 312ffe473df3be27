// Keys: Enter sends, Shift and Enter breaks the line, Esc stops.

import { byId } from './dom.js';

const TYPED = 'input:not([type=range], [type=checkbox], [type=radio]), textarea, select, [contenteditable]';

export function wire({ send, stop }) {
  byId('question').addEventListener('keydown', (event) => {
    // While an input method composes a word, Enter ends the word.
    if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      send();
    }
  });
  addEventListener('keydown', (event) => {
    const typing = event.target.matches?.(TYPED);
    if (document.querySelector('dialog[open]') || event.defaultPrevented) {
      return;
    }
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      send();
    } else if (event.key === 'Escape') {
      stop();
    } else if (event.key === '/' && !typing) {
      event.preventDefault();
      byId('question').focus();
    } else if (event.key === '?' && !typing) {
      byId('keys').showModal();
    }
  });
  byId('open-keys').addEventListener('click', () => byId('keys').showModal());
}
