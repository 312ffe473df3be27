// Clients against servers. Each line of the standard input is {"baseURL", "work", "picture"}, with a picture or clip
// where the work needs one; a line {"seen"} or {"failed"} answers it.
import { createInterface } from 'node:readline';
import Anthropic from '@anthropic-ai/sdk';
import { Ollama } from 'ollama';
import OpenAI from 'openai';

let client;
let anthropic;
let ollama;
let picture;
let base64;
let look;
const text = (content) => [{ role: 'user', content }];

function use(baseURL, given) {
  client = new OpenAI({ baseURL, apiKey: 'none', maxRetries: 0 });
  const root = baseURL.replace(/\/v1$/, '');
  anthropic = new Anthropic({ baseURL: root, apiKey: 'none', maxRetries: 0 });
  ollama = new Ollama({ host: root });
  picture = given;
  base64 = picture?.slice(picture.indexOf(',') + 1);
  look = [
    { type: 'image_url', image_url: { url: picture } },
    { type: 'text', text: 'What is this?' },
  ];
}

const works = {
  responses: async () => {
    const input = [
      { role: 'user', content: [{ type: 'input_image', image_url: picture }, { type: 'input_text', text: 'What is this?' }] },
    ];
    const whole = await client.responses.create({ model: 'tiled', max_output_tokens: 4, input, instructions: 'Be short.' });
    const seen = { types: [], text: '' };
    for await (const event of await client.responses.create({ model: 'tiled', max_output_tokens: 4, input, stream: true })) {
      seen.types.push(event.type);
      seen.text += event.type === 'response.output_text.delta' ? event.delta : '';
      seen.usage = event.response?.usage ?? seen.usage;
    }
    return { text: whole.output_text, status: whole.status, tokens: whole.squint.visual_tokens.total, streamed: seen };
  },
  messages: async () => {
    const request = {
      model: 'tiled',
      max_tokens: 4,
      system: 'Be short.',
      messages: [
        {
          role: 'user',
          content: [
            { type: 'image', source: { type: 'base64', media_type: 'image/png', data: base64 } },
            { type: 'text', text: 'What is this?' },
          ],
        },
      ],
    };
    const whole = await anthropic.messages.create(request);
    const stream = anthropic.messages.stream(request);
    const pieces = [];
    stream.on('text', (text) => pieces.push(text));
    const last = await stream.finalMessage();
    let failed;
    try {
      await anthropic.messages.create({ ...request, model: 'other' });
    } catch (error) {
      failed = { status: error.status, type: error.error?.error?.type };
    }
    return {
      text: whole.content[0].text,
      reason: whole.stop_reason,
      output: whole.usage.output_tokens,
      tokens: whole.squint.visual_tokens.total,
      streamed: { text: pieces.join(''), whole: last.content[0].text, reason: last.stop_reason, output: last.usage.output_tokens },
      failed,
    };
  },
  ollama: async () => {
    const options = { num_predict: 4, temperature: 0 };
    const messages = [{ role: 'user', content: 'What is this?', images: [base64] }];
    const whole = await ollama.chat({ model: 'tiled', messages, options });
    let text = '';
    let last;
    for await (const part of await ollama.chat({ model: 'tiled', messages, options, stream: true })) {
      text += part.message.content;
      last = part;
    }
    const generated = await ollama.generate({ model: 'tiled', prompt: 'What is this?', images: [base64], options });
    let failed;
    try {
      await ollama.generate({ model: 'other', prompt: 'What?' });
    } catch (error) {
      failed = { status: error.status_code, message: error.message };
    }
    return {
      text: whole.message.content,
      tokens: whole.squint.visual_tokens.total,
      streamed: { text, done: last.done, reason: last.done_reason, count: last.eval_count },
      generated: generated.response,
      tags: (await ollama.list()).models.map(({ name }) => name),
      show: (await ollama.show({ model: 'tiled' })).capabilities,
      failed,
    };
  },
  plain: async () => {
    const answer = await client.chat.completions.create({ model: 'tiled', max_tokens: 4, messages: text('Hello') });
    return { text: answer.choices[0].message.content, reason: answer.choices[0].finish_reason, usage: answer.usage };
  },
  streaming: async () => {
    const chunks = await client.chat.completions.create({
      model: 'tiled',
      max_tokens: 4,
      messages: text('Hello'),
      stream: true,
      stream_options: { include_usage: true },
    });
    const seen = { text: '', usage: null };
    for await (const chunk of chunks) {
      seen.text += chunk.choices[0]?.delta?.content ?? '';
      seen.usage = chunk.usage ?? seen.usage;
    }
    return seen;
  },
  picture: async () => {
    const answer = await client.chat.completions.create({
      model: 'tiled',
      max_tokens: 1,
      messages: text(look),
      visual_pruning: { method: 'uniform-grid', keep_ratio: 0.5 },
    });
    return answer.squint.visual_tokens;
  },
  frames: async () => {
    const answer = await client.chat.completions.create({
      model: 'tiled',
      max_tokens: 1,
      messages: text([{ type: 'video_url', video_url: { url: `data:video/jpeg;base64,${base64},${base64}` } }, look[1]]),
    });
    return answer.squint;
  },
  video: async () => {
    const answer = await client.chat.completions.create({
      messages: text([
        { type: 'video_url', video_url: { url: picture } },
        { type: 'text', text: 'Which way does the circle move?' },
      ]),
    });
    return { text: answer.choices[0].message.content, ...answer.squint };
  },
  busy: async () => {
    try {
      await client.chat.completions.create({ messages: text('Hello') });
    } catch (error) {
      return { kind: error.constructor.name, status: error.status, after: error.headers.get('retry-after') };
    }
    return {};
  },
  cancel: async () => {
    const chunks = await client.chat.completions.create({ max_tokens: 100000, messages: text('Go on.'), stream: true });
    let pieces = 0;
    for await (const chunk of chunks) {
      if (chunk.choices[0]?.delta?.content && ++pieces === 3) {
        chunks.controller.abort();
      }
    }
    return { pieces };
  },
  errors: async () => {
    const failures = [];
    const requests = [
      { model: 'other', messages: text('Hello') },
      { messages: [] },
      { messages: text('x'.repeat(20000)) },
    ];
    for (const request of requests) {
      try {
        await client.chat.completions.create(request);
      } catch (error) {
        failures.push({ kind: error.constructor.name, status: error.status, code: error.code, param: error.param });
      }
    }
    return failures;
  },
  models: async () => {
    const ids = [];
    for await (const model of client.models.list()) {
      ids.push(model.id);
    }
    return ids;
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line);
  use(request.baseURL, request.picture);
  try {
    console.log(JSON.stringify({ seen: await works[request.work]() }));
  } catch (error) {
    console.log(JSON.stringify({ failed: String(error.stack) }));
  }
}
