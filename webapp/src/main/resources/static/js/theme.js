// Light and dark colours: those of the system until the user chooses.

import { byId } from './dom.js';
import { t } from './i18n.js';

const KEY = 'squint.theme';

export function wire() {
  const root = document.documentElement;
  const button = byId('theme');
  const system = matchMedia('(prefers-color-scheme: dark)');
  const use = (theme) => {
    root.dataset.theme = theme;
    button.textContent = t(theme === 'dark' ? 'theme.light' : 'theme.dark');
    button.setAttribute('aria-label', t(theme === 'dark' ? 'theme.useLight' : 'theme.useDark'));
  };
  use(localStorage.getItem(KEY) ?? (system.matches ? 'dark' : 'light'));
  button.addEventListener('click', () => {
    const theme = root.dataset.theme === 'dark' ? 'light' : 'dark';
    localStorage.setItem(KEY, theme);
    use(theme);
  });
}
