// The examples: each begins another conversation.

import { openClip } from './clips.js';
import { byId, el } from './dom.js';
import { t } from './i18n.js';

const isClipName = (name) => name.endsWith('.mp4');

/** Shows the examples; use(files, question) takes one. */
export async function wire(use) {
  const examples = await (await fetch('examples.json')).json();
  byId('examples').append(
    // The questions are English, as the model is.
    ...examples.map(({ key, file, question }) => {
      const alt = t(`example.${key}`);
      const image = isClipName(file) ? frameOf(file, alt) : el('img', { src: `examples/${file}`, alt, loading: 'lazy' });
      const take = async () => use([await exampleFile(file)], question);
      return el('li', {}, el('button', { type: 'button', class: isClipName(file) ? 'example moves' : 'example', onclick: take }, image, el('span', {}, question)));
    }),
  );
}

async function exampleFile(name) {
  const blob = await (await fetch(`examples/${name}`)).blob();
  return new File([blob], name, { type: blob.type });
}

/** A clip is shown by a frame of its middle; until it is made its place is empty. */
function frameOf(name, alt) {
  const place = el('span', { class: 'picture-place', 'aria-hidden': 'true' });
  drawFrame(name, alt).then((image) => place.replaceWith(image));
  return place;
}

async function drawFrame(name, alt) {
  const clip = await openClip(await exampleFile(name));
  const { url } = await clip.frameAt((clip.seconds ?? 0) / 2);
  return el('img', { src: url, alt });
}
