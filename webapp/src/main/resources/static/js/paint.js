// Pictures made in the browser.

import { el } from './dom.js';

const BLANK = '#8b8a86';

/** A JPEG of an element, or a blank one without an element: {file, url, width, height}. */
export async function painted(source, width, height, name) {
  const canvas = el('canvas', { width, height });
  const context = canvas.getContext('2d');
  if (source) {
    context.drawImage(source, 0, 0, width, height);
  } else {
    context.fillStyle = BLANK;
    context.fillRect(0, 0, width, height);
  }
  const blob = await new Promise((resolve) => canvas.toBlob(resolve, 'image/jpeg', 0.92));
  const file = new File([blob], `${(name || 'picture').replace(/\.\w+$/, '')}.jpg`, { type: 'image/jpeg' });
  return { file, url: URL.createObjectURL(file), width, height };
}
