// Takes a picture with the camera and adds it to the question.

import { byId, complain } from './dom.js';
import { t } from './i18n.js';
import { painted } from './paint.js';
import { add } from './pictures.js';

/** Wires the camera. */
export function wire() {
  const button = byId('photograph');
  const dialog = byId('camera');
  const finder = byId('finder');
  if (!navigator.mediaDevices?.getUserMedia) {
    button.hidden = true;
    return;
  }
  button.addEventListener('click', async () => {
    try {
      finder.srcObject = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' } });
    } catch {
      complain(t('camera.none'));
      return;
    }
    complain('');
    dialog.showModal();
    await finder.play();
  });
  byId('shoot').addEventListener('click', async () => {
    const photo = await painted(finder, finder.videoWidth, finder.videoHeight, t('camera.name'));
    dialog.close();
    await add([photo.file]);
    URL.revokeObjectURL(photo.url);
  });
  dialog.addEventListener('close', () => {
    finder.srcObject?.getTracks().forEach((track) => track.stop());
    finder.srcObject = null;
  });
}
