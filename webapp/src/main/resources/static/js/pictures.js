// The pictures and clips of the question: from files, the clipboard or the camera.

import { evenly, isClip, openClip } from './clips.js';
import { announce, byId, complain } from './dom.js';
import { painted } from './paint.js';

const PREVIEW_FRAMES = 4;
const LONGEST_EDGE = 2048;
const RESIZE_ABOVE_BYTES = 4_000_000;

/** The files of the question in order: {file, views, clip}; clip is null for pictures. */
export const items = [];

/** All pictures and frames, in the order of the server's map: {file, url, width, height, name, note, item, seconds}. */
export const pictures = [];

let limits = { pictures: 8, frames: 64, clip_bytes: Infinity, clip_seconds: Infinity };
let shown = 0;
const listeners = [];

/** Registers a listener for added, removed and selected pictures. */
export const onChange = (listener) => listeners.push(listener);

/** The index of the selected picture. */
export const shownIndex = () => shown;

export function show(index) {
  shown = index;
  changed(false);
}

/** Adds files. Files that are no pictures or clips are reported; the others are added. */
export async function add(files) {
  const problems = [];
  let newest = null;
  for (const file of files) {
    if (items.length >= limits.pictures) {
      problems.push(`A question can have at most ${limits.pictures} pictures and clips.`);
      break;
    }
    try {
      const item = (await isClip(file)) ? await clipItem(file) : await pictureItem(file);
      items.push(item);
      gather();
      newest = item;
    } catch (error) {
      problems.push(error.message);
    }
  }
  complain(problems.join(' '));
  if (newest) {
    shown = Math.max(0, pictures.indexOf(newest.views[0]));
    announce(readiness());
    changed(true);
  }
}

function readiness() {
  const clips = items.filter((item) => item.clip).length;
  const stills = items.length - clips;
  const counted = (count, word) => (count ? `${count} ${word}${count === 1 ? '' : 's'}` : '');
  return `Ready: ${[counted(stills, 'picture'), counted(clips, 'clip')].filter(Boolean).join(' and ')}.`;
}

async function pictureItem(file) {
  const item = { file, clip: null };
  const view = await prepared(file);
  item.file = view.file;
  item.views = [{ ...view, name: file.name, item }];
  return item;
}

async function clipItem(file) {
  if (file.size > limits.clip_bytes) {
    throw new Error(`${file.name} has ${mebibytes(file.size)} MiB; this server accepts clips of up to ${mebibytes(limits.clip_bytes)} MiB.`);
  }
  const clip = await openClip(file);
  if (clip.seconds > limits.clip_seconds) {
    clip.close();
    throw new Error(`${file.name} is ${Math.round(clip.seconds)} s long; this server accepts clips of up to ${limits.clip_seconds} s.`);
  }
  const item = { file, clip, views: [] };
  item.views = await framesOf(item, previewTimes(clip));
  return item;
}

const mebibytes = (bytes) => (bytes / (1 << 20)).toFixed(1).replace('.0', '');

/** Preview times, until the server reports which frames it chose. */
function previewTimes(clip) {
  if (!clip.playable) {
    return [0];
  }
  const { frames, from, to } = sampling();
  const begin = Math.min(Number(from || 0), clip.seconds);
  const end = Math.max(begin, Math.min(Number(to || Infinity), clip.seconds - 0.05));
  return evenly(begin, end, Math.min(Number(frames) || PREVIEW_FRAMES, limits.frames));
}

async function framesOf(item, times, size) {
  const views = [];
  for (const seconds of times) {
    const frame = await item.clip.frameAt(seconds, size);
    views.push({ ...frame, name: `${item.file.name} at ${stamp(seconds)}`, note: stamp(seconds), seconds, item });
  }
  return views;
}

const stamp = (seconds) => `${seconds.toFixed(seconds < 100 ? 2 : 1)} s`;

/** Shows the frames of an answer, which the server chose. */
export async function showFramesOf(answer) {
  const clips = items.filter((item) => item.clip);
  for (const [i, { frames }] of (answer?.clips ?? []).entries()) {
    const item = clips[i];
    if (!item) {
      return;
    }
    const size = answer.map?.pictures.find((picture) => picture.clip === i);
    const views = await framesOf(item, frames, size);
    if (items.includes(item)) {
      replaceViews(item, views);
    }
  }
}

function replaceViews(item, views) {
  const place = item.views.indexOf(pictures[shown]);
  item.views = views;
  gather();
  if (place >= 0) {
    shown = pictures.indexOf(views[Math.min(place, views.length - 1)]);
  }
  shown = Math.min(shown, pictures.length - 1);
}

/** {frames, from, to} as entered; empty for the model's own rule. */
export function sampling() {
  return { frames: byId('clip-frames').value, from: byId('clip-from').value, to: byId('clip-to').value };
}

/** Sets the server's limits of a question. */
export function setLimits(ofServer) {
  limits = ofServer;
  byId('clip-frames').max = limits.frames;
}

export function remove(item) {
  release(item);
  items.splice(items.indexOf(item), 1);
  gather();
  shown = Math.min(shown, Math.max(0, pictures.length - 1));
  changed(true);
}

export function removeAll() {
  items.forEach(release);
  items.length = 0;
  gather();
  shown = 0;
  for (const id of ['clip-frames', 'clip-from', 'clip-to']) {
    byId(id).value = '';
  }
  changed(true);
}

function release(item) {
  if (item.clip) {
    item.clip.close();
  } else {
    URL.revokeObjectURL(item.views[0].url);
  }
}

function gather() {
  pictures.splice(0, pictures.length, ...items.flatMap((item) => item.views));
  byId('clip-tools').hidden = !items.some((item) => item.clip);
}

function changed(other) {
  listeners.forEach((listener) => listener(other));
}

/** Shrinks large pictures before they are sent; no model uses more pixels. */
async function prepared(file) {
  let bitmap;
  try {
    bitmap = await createImageBitmap(file);
  } catch {
    throw new Error(`${file.name || 'This file'} is not a picture that this browser can open.`);
  }
  const { width, height } = bitmap;
  const longest = Math.max(width, height);
  if (longest <= LONGEST_EDGE && file.size <= RESIZE_ABOVE_BYTES) {
    bitmap.close();
    return { file, url: URL.createObjectURL(file), width, height, note: '' };
  }
  const scale = Math.min(1, LONGEST_EDGE / longest);
  const smaller = await painted(bitmap, Math.round(width * scale), Math.round(height * scale), file.name);
  bitmap.close();
  smaller.note = `shrunk: ${width} × ${height} to ${smaller.width} × ${smaller.height}`;
  return smaller;
}

/** Wires drop, paste and choose. */
export function wire() {
  const file = byId('file');
  byId('choose').addEventListener('click', () => file.click());
  file.addEventListener('change', () => {
    add([...file.files]);
    file.value = '';
  });
  addEventListener('paste', (event) => {
    const files = [...(event.clipboardData?.files ?? [])];
    if (files.length) {
      event.preventDefault();
      add(files);
    }
  });
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
      add([...event.dataTransfer.files]);
    }
  });
  byId('remove-all').addEventListener('click', removeAll);
  for (const id of ['clip-frames', 'clip-from', 'clip-to']) {
    byId(id).addEventListener('change', preview);
  }
}

async function preview() {
  for (const item of items.filter(({ clip }) => clip)) {
    const views = await framesOf(item, previewTimes(item.clip));
    if (items.includes(item)) {
      replaceViews(item, views);
    }
  }
  changed(false);
}
