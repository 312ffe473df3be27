// The ways in which files come: dropped, pasted, chosen.

import { byId, complain } from './dom.js';
import { t } from './i18n.js';

const ADDRESS = /^(https?:\/\/\S+|data:(image|video)\/[^\s]+)$/;

/** Wires drop, paste and choose; `take(files)` gets all files of one action. */
export function wire(take) {
  const chooser = byId('file');
  for (const id of ['choose', 'attach']) {
    byId(id).addEventListener('click', () => chooser.click());
  }
  byId('drop').addEventListener('click', () => byId('empty').hidden || chooser.click());
  chooser.addEventListener('change', () => {
    take([...chooser.files]);
    chooser.value = '';
  });
  wirePaste(take);
  wireDrop(take);
}

function wirePaste(take) {
  addEventListener('paste', async (event) => {
    const files = [...(event.clipboardData?.files ?? [])];
    if (files.length) {
      event.preventDefault();
      take(files);
      return;
    }
    const text = event.clipboardData?.getData('text/plain').trim() ?? '';
    const typing = event.target.matches?.('input, textarea');
    if (typing ? !text.startsWith('data:') : !ADDRESS.test(text)) {
      return;
    }
    const file = fileOf(text);
    if (file) {
      event.preventDefault();
      take([file]);
    } else if (!typing) {
      complain(t('intake.address'));
    }
  });
}

/** The file in a data URL, or null. */
function fileOf(address) {
  const [, type, data] = /^data:((?:image|video)\/[\w.+-]+);base64,(.+)$/s.exec(address) ?? [];
  if (!type) {
    return null;
  }
  try {
    const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
    return new File([bytes], t('media.unnamed'), { type });
  } catch {
    return null;
  }
}

function wireDrop(take) {
  const drop = byId('drop');
  // A drop without files, such as text, is left to the browser.
  const bringsFiles = (event) => event.dataTransfer?.types.includes('Files');
  addEventListener('dragover', (event) => {
    if (bringsFiles(event)) {
      event.preventDefault();
      drop.classList.add('over');
    }
  });
  addEventListener('dragleave', (event) => {
    if (!event.relatedTarget) {
      drop.classList.remove('over');
    }
  });
  addEventListener('drop', (event) => {
    drop.classList.remove('over');
    if (bringsFiles(event)) {
      event.preventDefault();
      take([...event.dataTransfer.files]);
    }
  });
}
