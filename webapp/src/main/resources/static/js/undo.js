// What was deleted can be restored for a while.

import { announce, byId, el } from './dom.js';
import { t } from './i18n.js';

const OFFERED_MILLIS = 20_000;
let open = null;

/**
 * Says what was done and offers to undo it.
 *
 * @param undo restores the state before
 * @param settled called once the offer has ended without undo, to free what was kept for it
 */
export function offerUndo(text, undo, settled = () => {}) {
  close();
  const button = el('button', { type: 'button', class: 'quiet' }, t('undo'));
  const toast = el('div', { class: 'toast' }, el('span', {}, text), button);
  const offer = { toast, settled, timer: null };
  button.addEventListener('click', () => {
    offer.settled = () => {};
    close();
    undo();
    announce(t('undo.done'));
  });
  const wait = () => (offer.timer = setTimeout(() => open === offer && close(), OFFERED_MILLIS));
  const hold = () => clearTimeout(offer.timer);
  toast.addEventListener('pointerenter', hold);
  toast.addEventListener('pointerleave', wait);
  toast.addEventListener('focusin', hold);
  toast.addEventListener('focusout', wait);
  wait();
  open = offer;
  byId('toasts').replaceChildren(toast);
  announce(`${text} ${t('undo.offered')}`);
}

/** Says something for a moment. */
export function say(text) {
  close();
  const toast = el('div', { class: 'toast' }, el('span', {}, text));
  const offer = { toast, settled: () => {}, timer: setTimeout(() => open === offer && close(), 4000) };
  open = offer;
  byId('toasts').replaceChildren(toast);
  announce(text);
}

/** Ends the present offer. */
export function close() {
  if (open) {
    clearTimeout(open.timer);
    open.toast.remove();
    const { settled } = open;
    open = null;
    settled();
  }
}
