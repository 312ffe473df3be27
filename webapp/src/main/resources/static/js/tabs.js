// The tabs: ask, compare, accuracy and speed by budget.

import { byId } from './dom.js';
import { t } from './i18n.js';

const TABS = ['ask', 'compare', 'budgets'];
let open = 'ask';

/** The name of the open tab. */
export const openTab = () => open;

export function showTab(name) {
  open = name;
  for (const other of TABS) {
    byId(`tab-${other}`).setAttribute('aria-selected', String(other === name));
    byId(`tab-${other}`).tabIndex = other === name ? 0 : -1;
    byId(`panel-${other}`).hidden = other !== name;
  }
  byId('send').textContent = t(`send.${name}`);
  document.body.dataset.tab = name;
}

export function wire() {
  for (const [i, name] of TABS.entries()) {
    const button = byId(`tab-${name}`);
    button.addEventListener('click', () => showTab(name));
    button.addEventListener('keydown', (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (step) {
        const next = TABS[(i + step + TABS.length) % TABS.length];
        showTab(next);
        byId(`tab-${next}`).focus();
      }
    });
  }
  showTab('ask');
}
