// Calls of the server's API (GET /openapi).

const MOST_TRIES = 6;

/** The loaded models and the methods. */
export const models = () => getJson('api/models');
export const methods = () => getJson('api/methods');

async function getJson(path) {
  const response = await fetch(path);
  if (!response.ok) {
    throw new Error(await detail(response));
  }
  return response.json();
}

/**
 * Asks a question. While the server is busy, waits and retries.
 *
 * @param question {files, sampling, question, plan, history, maxTokens}; sampling {frames, from, to} of clips,
 *   empty for the model's own rule
 * @param onText receives the text so far, after each piece
 * @param signal stops the answer, on the server too
 * @param onWait is called when the server is busy
 * @returns the answer with its figures and map
 */
export async function ask(question, { onText = () => {}, signal, onWait = () => {} } = {}) {
  const form = new FormData();
  question.files.forEach((file, i) => form.append('files', file, file.name || `picture-${i + 1}.png`));
  form.append('question', question.question);
  form.append('plan', question.plan);
  form.append('max_tokens', question.maxTokens);
  form.append('map', 'true');
  for (const [name, value] of Object.entries(question.sampling ?? {})) {
    form.append(name, value);
  }
  if (question.history?.length) {
    form.append('history', JSON.stringify(question.history));
  }
  for (let attempt = 1; ; attempt++) {
    const response = await fetch('api/ask', {
      method: 'POST',
      body: form,
      headers: { Accept: 'text/event-stream' },
      signal,
    });
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

async function readAnswer(body, onText) {
  let text = '';
  let answer = null;
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
  if (answer) {
    return answer;
  }
  throw new Error('The connection ended before the answer was complete.');
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
    return (await response.json()).detail ?? `The server answered with status ${response.status}.`;
  } catch {
    return `The server answered with status ${response.status}.`;
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
