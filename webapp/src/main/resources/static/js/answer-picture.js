// An answer as a picture: the pictures with their overlay, the question, the answer and its figures.

import { download, el } from './dom.js';
import { wrapped } from './exports.js';
import { looked } from './figures.js';
import { sheet } from './overlay.js';
import { mapOf } from './tokens.js';

const WIDTH = 960;
const MARGIN = 40;
const LINE = 36;

/** Saves an answer as a PNG file; `pictures` are those that it is about. */
export async function savePng(turn, pictures) {
  const { question, answer } = turn;
  const image = pictures.length ? await sheet(pictures, pictures.map((view) => mapOf(turn, view)), WIDTH - 2 * MARGIN) : null;
  const canvas = el('canvas', { width: WIDTH, height: 0 });
  const context = canvas.getContext('2d');
  const lines = (font, text) => wrapped(context, font, text, WIDTH - 2 * MARGIN);
  const asked = lines('600 26px system-ui, sans-serif', question);
  const said = lines('26px system-ui, sans-serif', answer.text);
  canvas.height = MARGIN * 3 + (image ? image.height + 24 : 0) + LINE * (asked.length + said.length) + 60;
  context.fillStyle = '#fbf9f4';
  context.fillRect(0, 0, WIDTH, canvas.height);
  let top = MARGIN;
  if (image) {
    context.drawImage(image, MARGIN, top);
    top += image.height + 24;
  }
  const write = (font, colour, text) => {
    context.font = font;
    context.fillStyle = colour;
    for (const line of text) {
      top += LINE;
      context.fillText(line, MARGIN, top);
    }
  };
  write('600 26px system-ui, sans-serif', '#1c2423', asked);
  write('26px system-ui, sans-serif', '#1c2423', said);
  write('18px system-ui, sans-serif', '#5b6462', [`${answer.plan} · ${looked(answer)} · Squint`]);
  canvas.toBlob((blob) => download('squint-answer.png', blob), 'image/png');
}
