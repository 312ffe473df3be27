// Pictures with several frames: GIF, APNG and animated WebP. They are asked about as clips.

import { painted } from './paint.js';

const MOST_FRAMES = 1000;
const DEFAULT_FRAME_SECONDS = 0.1;

const text = (bytes, from, to) => String.fromCharCode(...bytes.slice(from, to));

/** The type of a picture file with several frames, by its structure; null for still pictures and other files. */
export async function animationType(file) {
  const head = new Uint8Array(await file.slice(0, 21).arrayBuffer());
  if (text(head, 0, 4) === 'RIFF' && text(head, 8, 16) === 'WEBPVP8X') {
    return head[20] & 2 ? 'image/webp' : null;
  }
  if (text(head, 1, 4) === 'PNG') {
    return hasAnimationChunk(new DataView(await file.arrayBuffer())) ? 'image/png' : null;
  }
  const isGif = text(head, 0, 4) === 'GIF8' && framesOfGif(new Uint8Array(await file.arrayBuffer())) > 1;
  return isGif ? 'image/gif' : null;
}

/** APNG: a chunk acTL before the first IDAT. */
function hasAnimationChunk(view) {
  for (let at = 8; at + 8 <= view.byteLength; at += 12 + view.getUint32(at)) {
    const kind = view.getUint32(at + 4);
    if (kind === 0x6163544c || kind === 0x49444154) {
      return kind === 0x6163544c;
    }
  }
  return false;
}

/** Counts the images of a GIF, two at most. */
function framesOfGif(bytes) {
  const table = (flags) => (flags & 0x80 ? 3 << ((flags & 7) + 1) : 0);
  let at = 13 + table(bytes[10]);
  let frames = 0;
  while (at < bytes.length && frames < 2) {
    const kind = bytes[at];
    if (kind === 0x2c) {
      frames++;
      at += 11 + table(bytes[at + 9]);
    } else if (kind === 0x21) {
      at += 2;
    } else {
      break;
    }
    while (at < bytes.length && bytes[at]) {
      at += bytes[at] + 1;
    }
    at++;
  }
  return frames;
}

/** Opens an animation as `openClip` opens a clip. Without a decoder in the browser, its first frame stands for all. */
export async function openAnimation(file, type) {
  const decoder = 'ImageDecoder' in globalThis ? new ImageDecoder({ data: await file.arrayBuffer(), type }) : null;
  const starts = decoder ? await frameStarts(decoder) : null;
  const drawn = new Map();
  const draw = async (index) => {
    const image = decoder ? (await decoder.decode({ frameIndex: index })).image : await createImageBitmap(file);
    const frame = await painted(image, image.displayWidth ?? image.width, image.displayHeight ?? image.height, file.name);
    image.close();
    return frame;
  };
  return {
    seconds: starts ? starts.at(-1) : null,
    playable: Boolean(starts),
    frameAt(at) {
      const index = starts ? Math.max(0, starts.slice(0, -1).findLastIndex((start) => start <= at + 0.002)) : 0;
      if (!drawn.has(index)) {
        drawn.set(index, draw(index));
      }
      return drawn.get(index);
    },
    async close() {
      decoder?.close();
      for (const frame of drawn.values()) {
        URL.revokeObjectURL((await frame).url);
      }
    },
  };
}

/** The start of each frame in seconds, and the end of the last. */
async function frameStarts(decoder) {
  await decoder.tracks.ready;
  await decoder.completed;
  const count = Math.min(decoder.tracks.selectedTrack.frameCount, MOST_FRAMES);
  const starts = [0];
  for (let index = 0; index < count; index++) {
    const { image } = await decoder.decode({ frameIndex: index });
    starts.push(starts.at(-1) + (image.duration ? image.duration / 1e6 : DEFAULT_FRAME_SECONDS));
    image.close();
  }
  return starts;
}
