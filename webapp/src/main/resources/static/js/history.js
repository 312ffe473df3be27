// The history, stored in this browser only, and its exports.

import { byId, download, el } from './dom.js';
import { bytes, firstWord, millis } from './figures.js';
import { sheet } from './overlay.js';

const KEY = 'squint.history';
const MOST = 60;
const THUMB_EDGE = 96;

function load() {
  try {
    return JSON.parse(localStorage.getItem(KEY)) ?? [];
  } catch {
    return [];
  }
}

function store(entries) {
  try {
    localStorage.setItem(KEY, JSON.stringify(entries));
  } catch {
    // The storage is full or forbidden. The page works without a history.
  }
}

/** Stores an answer with small copies of its pictures. */
export async function remember(question, answer, pictures) {
  let thumb = '';
  if (pictures.length) {
    thumb = (await sheet(pictures, answer.map?.pictures, THUMB_EDGE, { tiles: false })).toDataURL('image/jpeg', 0.7);
  }
  const { map, ...measured } = answer;
  const entries = [{ when: new Date().toISOString(), question, thumb, answer: measured }, ...load()];
  store(entries.slice(0, MOST));
}

/** Wires the dialog; reuse(question) asks an earlier question again. */
export function wire(reuse) {
  const dialog = byId('history');
  const list = () => {
    const entries = load();
    byId('past').replaceChildren(
      ...entries.map((entry, i) =>
        el(
          'li',
          {},
          entry.thumb ? el('img', { src: entry.thumb, alt: '' }) : el('span', { class: 'no-thumb' }),
          el(
            'div',
            { class: 'past-text' },
            el('p', { class: 'past-question' }, entry.question),
            el('p', {}, entry.answer.text),
            el('p', { class: 'hint' }, `${new Date(entry.when).toLocaleString()} · ${entry.answer.plan} · ${entry.answer.visual_tokens.kept} of ${entry.answer.visual_tokens.total} tokens`),
          ),
          el(
            'div',
            { class: 'past-actions' },
            el('button', { type: 'button', class: 'quiet', onclick: () => (dialog.close(), reuse(entry.question)) }, 'Ask again'),
            el('button', { type: 'button', class: 'quiet', 'aria-label': `Delete: ${entry.question}`, onclick: () => (store(load().filter((_, j) => j !== i)), list()) }, 'Delete'),
          ),
        ),
      ),
    );
    if (!entries.length) {
      byId('past').append(el('li', { class: 'hint' }, 'The history is empty.'));
    }
    byId('export-json').disabled = byId('clear-history').disabled = !entries.length;
  };
  byId('open-history').addEventListener('click', () => {
    list();
    dialog.showModal();
  });
  byId('export-json').addEventListener('click', () =>
    download('squint-history.json', new Blob([JSON.stringify(load(), null, 2)], { type: 'application/json' })),
  );
  byId('clear-history').addEventListener('click', () => {
    store([]);
    list();
  });
}

/** Saves a PNG: pictures with overlay, question, answer and figures. */
export async function savePng(question, answer, pictures) {
  const width = 960;
  const margin = 40;
  const image = pictures.length ? await sheet(pictures, answer.map?.pictures, width - 2 * margin) : null;
  const canvas = el('canvas', { width, height: 0 });
  const context = canvas.getContext('2d');
  const lines = (font, text) => {
    context.font = font;
    return wrapped(context, text, width - 2 * margin);
  };
  const asked = lines('600 26px system-ui, sans-serif', question);
  const said = lines('26px system-ui, sans-serif', answer.text);
  canvas.height = margin * 3 + (image ? image.height + 24 : 0) + 36 * (asked.length + said.length) + 60;
  context.fillStyle = '#fbf9f4';
  context.fillRect(0, 0, width, canvas.height);
  let top = margin;
  if (image) {
    context.drawImage(image, margin, top);
    top += image.height + 24;
  }
  const write = (font, colour, text) => {
    context.font = font;
    context.fillStyle = colour;
    for (const line of text) {
      top += 36;
      context.fillText(line, margin, top);
    }
  };
  write('600 26px system-ui, sans-serif', '#1c2423', asked);
  write('26px system-ui, sans-serif', '#1c2423', said);
  const { kept, total } = answer.visual_tokens;
  write('18px system-ui, sans-serif', '#5b6462', [
    `${answer.plan} · ${kept} of ${total} visual tokens · first token ${millis(firstWord(answer))} · cache ${bytes(answer.kv_bytes)} · Squint`,
  ]);
  canvas.toBlob((blob) => download('squint-answer.png', blob), 'image/png');
}

function wrapped(context, text, width) {
  const lines = [''];
  for (const word of text.split(/\s+/)) {
    const longer = `${lines.at(-1)} ${word}`.trim();
    if (context.measureText(longer).width <= width || !lines.at(-1)) {
      lines[lines.length - 1] = longer;
    } else {
      lines.push(word);
    }
  }
  return lines;
}
