// Calls of the server's API (GET /openapi).

import { t } from './i18n.js';
import { forFiles } from './select.js';

const MOST_TRIES = 6;

/** The loaded models and the methods. */
export const models = () => getJson('api/models');
export const methods = () => getJson('api/methods');

async function getJson(path) {
  const response = await reached(fetch(path));
  if (!response.ok) {
    throw new Error(await detail(response));
  }
  return response.json();
}

/** The server does not answer at all. */
export class Unreachable extends Error {}

/**
 * Asks a question. While the server is busy, waits and retries.
 *
 * @param question {files, sampling, question, plan, regions, history, options}: items with their files in order, and
 *   sampling {frames, from, to} of clips, empty for the model's own rule
 * @param onText receives the text so far, after each piece
 * @param signal stops the answer, on the server too
 * @param onWait is called when the server is busy
 * @returns the answer with its figures and map
 */
export async function ask(question, { onText = () => {}, signal, onWait = () => {} } = {}) {
  const form = formOf(question);
  for (let attempt = 1; ; attempt++) {
    const response = await reached(fetch('api/ask', { method: 'POST', body: form, headers: { Accept: 'text/event-stream' }, signal }), signal);
    if (response.status === 429 && attempt < MOST_TRIES) {
      onWait();
      await pause(1000 * (Number(response.headers.get('Retry-After')) || 1), signal);
      continue;
    }
    if (!response.ok) {
      throw new Error(await detail(response));
    }
    return readAnswer(response.body, onText);
  }
}

function formOf({ files, question, plan, sampling = {}, regions = [], history = [], options }) {
  const form = new FormData();
  for (const { file, name, animated } of files) {
    form.append(animated ? 'clips' : 'files', file, name);
  }
  const fields = { question, plan, map: 'true', ...options, ...sampling };
  for (const [name, value] of Object.entries(fields)) {
    form.append(name, value);
  }
  for (const [name, list] of Object.entries({ regions: forFiles(regions, files), history })) {
    if (list.length) {
      form.append(name, JSON.stringify(list));
    }
  }
  return form;
}

/** The response, or an error that says that the server does not answer. */
async function reached(response, signal) {
  try {
    return await response;
  } catch (error) {
    throw signal?.aborted ? error : new Unreachable(t('connection.lost'));
  }
}

async function readAnswer(body, onText) {
  let text = '';
  let answer = null;
  try {
    // The stream is read to its end: a browser reports a response that is left early as aborted.
    for await (const { name, data } of events(body)) {
      if (name === 'text') {
        text += data.text;
        onText(text);
      } else if (name === 'answer') {
        answer = data;
      } else if (name === 'error') {
        throw new Error(data.detail);
      }
    }
  } catch (error) {
    throw error instanceof TypeError ? new Unreachable(t('connection.cut')) : error;
  }
  if (answer) {
    return answer;
  }
  throw new Unreachable(t('connection.cut'));
}

/** The events of a stream, without its heartbeat comments. */
export async function* events(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (;;) {
    const { value, done } = await reader.read();
    if (done) {
      return;
    }
    const blocks = (rest + value).split('\n\n');
    rest = blocks.pop();
    for (const block of blocks) {
      const event = { name: 'message', data: '' };
      for (const line of block.split('\n')) {
        const colon = line.indexOf(':');
        const field = line.slice(0, colon);
        const content = line.slice(colon + 1).replace(/^ /, '');
        if (field === 'event') {
          event.name = content;
        } else if (field === 'data') {
          event.data += content;
        }
      }
      if (event.data) {
        yield { name: event.name, data: JSON.parse(event.data) };
      }
    }
  }
}

async function detail(response) {
  try {
    return (await response.json()).detail ?? t('connection.status', { status: response.status });
  } catch {
    return t('connection.status', { status: response.status });
  }
}

function pause(millis, signal) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, millis);
    signal?.addEventListener('abort', () => {
      clearTimeout(timer);
      reject(signal.reason);
    });
  });
}
