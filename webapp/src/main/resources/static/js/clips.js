// Clips: recognised by content; the browser draws their frames from its own copy of the file.

import { el } from './dom.js';
import { painted } from './paint.js';

const LONGEST_EDGE = 1024;
const PATIENCE_MILLIS = 10_000;
// A frame is shown from its time on; a seek to exactly that time may still show the one before.
const AFTER_SECONDS = 0.002;

/** Whether a file is a video, by its type or its first bytes. Animated pictures are pictures. */
export async function isClip(file) {
  if (file.type.startsWith('video/')) {
    return true;
  }
  const start = new Uint8Array(await file.slice(0, 12).arrayBuffer());
  const text = String.fromCharCode(...start);
  return (
    (text.slice(4, 8) === 'ftyp' && !/avif|heic|mif1/.test(text.slice(8, 12))) ||
    text.startsWith('\x1aE\xdf\xa3') ||
    (text.startsWith('RIFF') && text.slice(8, 12) === 'AVI ') ||
    /^(OggS|FLV|\0\0\x01\xba)/.test(text)
  );
}

/**
 * Opens a clip. If the browser cannot play it, its frames are blank; the server may still read it.
 *
 * @returns {seconds, playable, frameAt(seconds, size), close()}; seconds is null if not playable
 */
export async function openClip(file) {
  const video = el('video', { muted: true, preload: 'auto', playsinline: true });
  const address = URL.createObjectURL(file);
  const frames = new Map();
  let seconds = null;
  let work = Promise.resolve();
  video.src = address;
  try {
    await once(video, 'loadeddata');
    if (!Number.isFinite(video.duration)) {
      // Recordings of browsers have no duration until their end was sought.
      video.currentTime = Number.MAX_SAFE_INTEGER;
      await once(video, 'seeked');
    }
    seconds = Number.isFinite(video.duration) ? video.duration : video.currentTime;
  } catch {
    // The frames are blank.
  }
  const playable = seconds !== null && video.videoWidth > 0;

  const draw = async (at, blank) => {
    if (!playable) {
      return painted(null, blank.width, blank.height, file.name);
    }
    video.currentTime = Math.min(at + AFTER_SECONDS, seconds);
    try {
      await once(video, 'seeked');
    } catch {
      return painted(null, blank.width, blank.height, file.name);
    }
    const scale = Math.min(1, LONGEST_EDGE / Math.max(video.videoWidth, video.videoHeight));
    return painted(video, Math.round(video.videoWidth * scale), Math.round(video.videoHeight * scale), file.name);
  };

  return {
    seconds: playable ? seconds : null,
    playable,
    /** The frame that is shown at a time, {file, url, width, height}; blank ones have the given size. */
    frameAt(at, size = { width: 320, height: 180 }) {
      const key = `${at.toFixed(3)} ${playable ? '' : size.width}`;
      if (!frames.has(key)) {
        // One seek at a time, because the element has a single position.
        work = work.then(() => draw(at, size));
        frames.set(key, work);
      }
      return frames.get(key);
    },
    async close() {
      URL.revokeObjectURL(address);
      video.removeAttribute('src');
      for (const frame of frames.values()) {
        URL.revokeObjectURL((await frame).url);
      }
    },
  };
}

/** Evenly spaced times from one to another. */
export function evenly(from, to, count) {
  return Array.from({ length: count }, (_, i) => (count === 1 ? from : from + ((to - from) * i) / (count - 1)));
}

function once(video, event) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => end(reject, new Error('the browser did not load the clip in time')), PATIENCE_MILLIS);
    const done = () => end(resolve);
    const failed = () => end(reject, video.error);
    const end = (settle, value) => {
      clearTimeout(timer);
      video.removeEventListener(event, done);
      video.removeEventListener('error', failed);
      settle(value);
    };
    video.addEventListener(event, done);
    video.addEventListener('error', failed);
  });
}
