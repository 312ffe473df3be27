// OpenAI's own client against a server: node client.mjs BASE_URL WORK [PICTURE or CLIP] prints one JSON object.
import OpenAI from 'openai';

const [baseURL, work, picture] = process.argv.slice(2);
const client = new OpenAI({ baseURL, apiKey: 'none', maxRetries: 0 });
const text = (content) => [{ role: 'user', content }];
const look = [
  { type: 'image_url', image_url: { url: picture } },
  { type: 'text', text: 'What is this?' },
];

const works = {
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
    const frame = picture.slice(picture.indexOf(',') + 1);
    const answer = await client.chat.completions.create({
      model: 'tiled',
      max_tokens: 1,
      messages: text([{ type: 'video_url', video_url: { url: `data:video/jpeg;base64,${frame},${frame}` } }, look[1]]),
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

console.log(JSON.stringify(await works[work]()));
