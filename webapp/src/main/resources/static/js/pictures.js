// The pictures of the question: from files, the clipboard, the camera or the frames of a clip.

import { announce, byId, complain, el } from './dom.js';

const MOST = 8;
const CLIP_FRAMES = 6;
const LONGEST_EDGE = 2048;
const RESIZE_ABOVE_BYTES = 4_000_000;

/** {file, url, width, height, note}, in the order of the question. */
export const pictures = [];

let shown = 0;
const listeners = [];

/** Calls back whenever pictures come, go or are looked at. */
export const onChange = (listener) => listeners.push(listener);

/** Which picture is looked at. */
export const shownIndex = () => shown;

export function show(index) {
  shown = index;
  changed(false);
}

/** Adds files; those that are no pictures are complained of. */
export async function add(files) {
  const problems = [];
  for (const file of files) {
    try {
      const frames = file.type.startsWith('video/') ? await framesOf(file) : [await prepared(file)];
      for (const frame of frames) {
        if (pictures.length === MOST) {
          throw new Error(`A question is about ${MOST} pictures at most.`);
        }
        pictures.push(frame);
      }
    } catch (error) {
      problems.push(error.message);
      break;
    }
  }
  complain(problems.join(' '));
  if (!problems.length) {
    shown = Math.max(0, pictures.length - 1);
    announce(pictures.length === 1 ? 'One picture is ready.' : `${pictures.length} pictures are ready.`);
  }
  changed(true);
}

export function removeAt(index) {
  URL.revokeObjectURL(pictures[index].url);
  pictures.splice(index, 1);
  shown = Math.min(shown, Math.max(0, pictures.length - 1));
  changed(true);
}

export function removeAll() {
  pictures.forEach((picture) => URL.revokeObjectURL(picture.url));
  pictures.length = 0;
  shown = 0;
  changed(true);
}

function changed(other) {
  listeners.forEach((listener) => listener(other));
}

/** Makes large pictures smaller before they travel: no model looks at more. */
async function prepared(file) {
  let bitmap;
  try {
    bitmap = await createImageBitmap(file);
  } catch {
    throw new Error(`${file.name || 'This'} is not a picture that this browser can show.`);
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
  smaller.note = `made smaller: ${width} × ${height} to ${smaller.width} × ${smaller.height}`;
  return smaller;
}

async function painted(source, width, height, name) {
  const canvas = el('canvas', { width, height });
  canvas.getContext('2d').drawImage(source, 0, 0, width, height);
  const blob = await new Promise((resolve) => canvas.toBlob(resolve, 'image/jpeg', 0.92));
  const file = new File([blob], `${(name || 'picture').replace(/\.\w+$/, '')}.jpg`, { type: 'image/jpeg' });
  return { file, url: URL.createObjectURL(file), width, height, note: '' };
}

/** A few frames of a clip, evenly spread; the browser decodes it. */
async function framesOf(file) {
  const video = el('video', { muted: true, preload: 'auto' });
  video.src = URL.createObjectURL(file);
  try {
    await once(video, 'loadeddata', file.name);
    if (!Number.isFinite(video.duration)) {
      // What a browser has recorded does not say how long it is until its end is looked for.
      video.currentTime = Number.MAX_SAFE_INTEGER;
      await once(video, 'seeked', file.name);
    }
    const seconds = Number.isFinite(video.duration) ? video.duration : video.currentTime;
    const count = Math.max(1, Math.min(CLIP_FRAMES, MOST - pictures.length));
    const scale = Math.min(1, LONGEST_EDGE / 2 / Math.max(video.videoWidth, video.videoHeight));
    const frames = [];
    for (let i = 0; i < count; i++) {
      const at = (seconds * (i + 0.5)) / count;
      video.currentTime = at;
      await once(video, 'seeked', file.name);
      const frame = await painted(
        video,
        Math.round(video.videoWidth * scale),
        Math.round(video.videoHeight * scale),
        `${file.name} ${at.toFixed(1)} s`,
      );
      frame.note = `at ${at.toFixed(1)} s`;
      frames.push(frame);
    }
    return frames;
  } finally {
    URL.revokeObjectURL(video.src);
  }
}

function once(video, event, name) {
  return new Promise((resolve, reject) => {
    video.addEventListener(event, resolve, { once: true });
    video.addEventListener('error', () => reject(new Error(`${name} is not a clip that this browser can play.`)), {
      once: true,
    });
  });
}

/** Wires drop, paste, choose and photograph. */
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
  addEventListener('dragover', (event) => {
    event.preventDefault();
    drop.classList.add('over');
  });
  addEventListener('dragleave', (event) => {
    if (!event.relatedTarget) {
      drop.classList.remove('over');
    }
  });
  addEventListener('drop', (event) => {
    event.preventDefault();
    drop.classList.remove('over');
    add([...event.dataTransfer.files]);
  });
  byId('remove-all').addEventListener('click', removeAll);
  wireCamera();
}

function wireCamera() {
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
      complain('No camera could be opened.');
      return;
    }
    complain('');
    dialog.showModal();
    await finder.play();
  });
  byId('shoot').addEventListener('click', async () => {
    const photo = await painted(finder, finder.videoWidth, finder.videoHeight, 'photograph');
    dialog.close();
    await add([photo.file]);
    URL.revokeObjectURL(photo.url);
  });
  dialog.addEventListener('close', () => {
    finder.srcObject?.getTracks().forEach((track) => track.stop());
    finder.srcObject = null;
  });
}
