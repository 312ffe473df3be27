// Prepares one file for a question: recognised by its content, shrunk as a picture, opened as a clip.

import { animationType, openAnimation } from './animations.js';
import { evenly, isClip, openClip } from './clips.js';
import { byId } from './dom.js';
import { decimal, t } from './i18n.js';
import { painted } from './paint.js';

const PREVIEW_FRAMES = 4;
const LONGEST_EDGE = 2048;
const RESIZE_ABOVE_BYTES = 4_000_000;

/** The server's limits of a question. */
export let limits = { pictures: 8, frames: 64, clip_bytes: Infinity, clip_seconds: Infinity };

export function setLimits(ofServer) {
  limits = ofServer;
  byId('clip-frames').max = limits.frames;
}

/**
 * Prepares a file.
 *
 * @returns {file, clip, animated, views}: the file to send, its clip or null, whether it is an animated picture, and
 *   its pictures {file, url, width, height, name, note, seconds}
 */
export async function prepare(file) {
  const animation = await animationType(file);
  if (!animation && !(await isClip(file))) {
    return pictureOf(file);
  }
  checkSize(file);
  const clip = animation ? await openAnimation(file, animation) : await openClip(file);
  if (clip.seconds > limits.clip_seconds) {
    clip.close();
    throw new Error(t('media.tooLong', { name: file.name, seconds: Math.round(clip.seconds), most: limits.clip_seconds }));
  }
  return { file, clip, animated: Boolean(animation), views: await framesOf(clip, file.name, previewTimes(clip)) };
}

function checkSize(file) {
  if (file.size > limits.clip_bytes) {
    throw new Error(t('media.tooLarge', { name: file.name, size: mebibytes(file.size), most: mebibytes(limits.clip_bytes) }));
  }
}

const mebibytes = (bytes) => decimal(bytes / (1 << 20), bytes % (1 << 20) ? 1 : 0);

/** {frames, from, to} as entered; empty for the model's own rule. */
export function sampling() {
  return { frames: byId('clip-frames').value, from: byId('clip-from').value, to: byId('clip-to').value };
}

export function setSampling({ frames = '', from = '', to = '' } = {}) {
  byId('clip-frames').value = frames;
  byId('clip-from').value = from;
  byId('clip-to').value = to;
}

/** Preview times, until the server reports which frames it chose. */
export function previewTimes(clip) {
  if (!clip.playable) {
    return [0];
  }
  const { frames, from, to } = sampling();
  const begin = Math.min(Number(from || 0), clip.seconds);
  const end = Math.max(begin, Math.min(Number(to || Infinity), clip.seconds - 0.05));
  return evenly(begin, end, Math.min(Number(frames) || PREVIEW_FRAMES, limits.frames));
}

/** The frames of a clip at these times; `size` is that of blank ones. */
export async function framesOf(clip, name, times, size) {
  const views = [];
  for (const seconds of times) {
    const frame = await clip.frameAt(seconds, size);
    const note = stamp(seconds);
    views.push({ ...frame, name: t('media.frame', { name, at: note }), note, seconds });
  }
  return views;
}

const stamp = (seconds) => `${decimal(seconds, seconds < 100 ? 2 : 1)} s`;

/** Shrinks large pictures before they are sent; no model uses more pixels. */
async function pictureOf(file) {
  let bitmap;
  try {
    bitmap = await createImageBitmap(file);
  } catch {
    throw new Error(t('media.noPicture', { name: file.name || t('media.thisFile') }));
  }
  const { width, height } = bitmap;
  const longest = Math.max(width, height);
  let view = { file, width, height, note: '' };
  if (longest > LONGEST_EDGE || file.size > RESIZE_ABOVE_BYTES) {
    const scale = Math.min(1, LONGEST_EDGE / longest);
    view = await painted(bitmap, Math.round(width * scale), Math.round(height * scale), file.name);
    view.note = t('media.shrunk', { from: `${width} × ${height}`, to: `${view.width} × ${view.height}` });
  } else {
    view.url = URL.createObjectURL(file);
  }
  bitmap.close();
  return { file: view.file, clip: null, animated: false, views: [{ ...view, name: file.name, seconds: null }] };
}

/** Frees what a prepared file holds. */
export function release({ clip, views }) {
  if (clip) {
    clip.close();
  } else {
    views.forEach(({ url }) => URL.revokeObjectURL(url));
  }
}
