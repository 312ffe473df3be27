// The page: tabs, keys and what happens on a question.

import { ask, methods as loadMethods, models } from './api.js';
import { wire as wireCamera } from './camera.js';
import { openClip } from './clips.js';
import * as compare from './compare.js';
import { announce, byId, complain, el, paced } from './dom.js';
import { figures, known } from './figures.js';
import * as history from './history.js';
import { add, items, onChange, pictures, removeAll, sampling, setLimits, wire as wirePictures } from './pictures.js';
import { planPicker } from './plans.js';
import * as budgets from './budgets.js';
import { draw, showAnswer, wire as wireViewer } from './viewer.js';

const TABS = ['ask', 'compare', 'budgets'];
const SEND = { ask: 'Ask', compare: 'Compare', budgets: 'Measure' };
// Methods that suit most questions, best first; the first that works with the model is offered.
const FAVOURITES = ['divprune', 'visionzip', 'vispruner', 'uniform-grid'];

/** Questions and answers about the current pictures. */
let turns = [];
let running = null;
let tab = 'ask';
let picker;

const conversation = () =>
  turns.flatMap(({ question, answer }) => [
    { role: 'user', text: question },
    { role: 'assistant', text: answer.text },
  ]);

async function send() {
  const question = byId('question').value.trim();
  if (running) {
    return;
  }
  if (!question) {
    byId('question').focus();
    return;
  }
  if (tab !== 'ask' && !pictures.length) {
    complain('Choose a picture or a clip first. Without one there are no visual tokens to compare.');
    return;
  }
  complain('');
  running = new AbortController();
  busy(true);
  const options = { signal: running.signal, onWait: () => announce('The server is busy. The question waits in the queue.') };
  const about = {
    files: items.map((item) => item.file),
    sampling: items.some((item) => item.clip) ? sampling() : {},
    question,
    plan: picker.plan(),
    maxTokens: byId('longest').value,
  };
  try {
    if (tab === 'ask') {
      await converse(about, options);
    } else {
      const answers = await (tab === 'compare' ? compare : budgets).run(about, options);
      announce(`${answers.length} answers are complete.`);
    }
  } catch (error) {
    const stopped = running.signal.aborted;
    complain(stopped ? '' : error.message);
    announce(stopped ? 'Stopped.' : '');
  } finally {
    running = null;
    busy(false);
  }
}

async function converse(about, options) {
  const text = el('p', { class: 'answer-text', 'aria-busy': 'true' }, el('span', { class: 'thinking' }, 'Working …'));
  let streaming = true;
  const show = paced((soFar) => {
    if (streaming) {
      text.textContent = soFar;
      turn.scrollIntoView({ block: 'nearest' });
    }
  });
  const turn = el('article', { class: 'turn' }, el('p', { class: 'asked' }, about.question), text);
  byId('log').append(turn);
  turn.scrollIntoView({ block: 'nearest' });
  byId('question').value = '';
  try {
    const answer = await ask(
      { ...about, history: conversation() },
      { ...options, onText: show },
    );
    options.signal.throwIfAborted();
    streaming = false;
    text.textContent = answer.text || 'The answer is empty.';
    const entry = { question: about.question, answer };
    turns.push(entry);
    turn.append(figures(answer), actions(entry));
    announce(`Answer: ${answer.text}`);
    await showAnswer(answer);
    await history.remember(about.question, answer, pictures);
  } catch (error) {
    streaming = false;
    if (text.querySelector('.thinking')) {
      turn.remove();
      byId('question').value = about.question;
    } else {
      text.append(el('span', { class: 'hint' }, ' (stopped)'));
    }
    throw error;
  } finally {
    text.removeAttribute('aria-busy');
    turn.scrollIntoView({ block: 'nearest' });
  }
}

function actions(entry) {
  const button = (label, onclick) => el('button', { type: 'button', class: 'quiet', onclick }, label);
  return el(
    'p',
    { class: 'turn-actions' },
    button('Show its tokens', () => showAnswer(entry.answer)),
    button('Copy', () => navigator.clipboard?.writeText(entry.answer.text)),
    button('Save as PNG', async () => {
      await showAnswer(entry.answer);
      await history.savePng(entry.question, entry.answer, pictures);
    }),
  );
}

function busy(yes) {
  byId('stop').hidden = !yes;
  byId('send').disabled = yes;
  document.body.classList.toggle('busy', yes);
  if (yes) {
    byId('stop').focus();
  } else {
    byId('question').focus();
  }
}

function stop() {
  running?.abort(new DOMException('stopped', 'AbortError'));
}

function openTab(name) {
  tab = name;
  for (const other of TABS) {
    const open = other === name;
    byId(`tab-${other}`).setAttribute('aria-selected', String(open));
    byId(`tab-${other}`).tabIndex = open ? 0 : -1;
    byId(`panel-${other}`).hidden = !open;
  }
  byId('send').textContent = SEND[name];
  document.body.dataset.tab = name;
}

function wireTabs() {
  for (const [i, name] of TABS.entries()) {
    const button = byId(`tab-${name}`);
    button.addEventListener('click', () => openTab(name));
    button.addEventListener('keydown', (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (step) {
        const next = TABS[(i + step + TABS.length) % TABS.length];
        openTab(next);
        byId(`tab-${next}`).focus();
      }
    });
  }
}

function wireKeys() {
  addEventListener('keydown', (event) => {
    const typing = event.target.matches?.('input:not([type=range], [type=checkbox], [type=radio]), textarea, select');
    const dialogOpen = document.querySelector('dialog[open]');
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey) && !dialogOpen) {
      event.preventDefault();
      send();
    } else if (event.key === 'Escape' && !dialogOpen) {
      stop();
    } else if (event.key === '/' && !typing && !dialogOpen) {
      event.preventDefault();
      byId('question').focus();
    } else if (event.key === '?' && !typing && !dialogOpen) {
      byId('keys').showModal();
    }
  });
  byId('open-keys').addEventListener('click', () => byId('keys').showModal());
}

function wireTheme() {
  const root = document.documentElement;
  const button = byId('theme');
  const system = matchMedia('(prefers-color-scheme: dark)');
  const chosen = localStorage.getItem('squint.theme');
  const use = (theme) => {
    root.dataset.theme = theme;
    button.textContent = theme === 'dark' ? 'Light' : 'Dark';
    button.setAttribute('aria-label', `Use ${theme === 'dark' ? 'light' : 'dark'} colours`);
  };
  use(chosen ?? (system.matches ? 'dark' : 'light'));
  button.addEventListener('click', () => {
    const theme = root.dataset.theme === 'dark' ? 'light' : 'dark';
    localStorage.setItem('squint.theme', theme);
    use(theme);
  });
}

/** Shows what the model is for under its name; answers do not repeat it. */
function showNotice({ notice, notice_url: url }) {
  byId('notice').hidden = !notice;
  byId('notice-text').textContent = notice ?? '';
  byId('notice-link').hidden = !url;
  if (url) {
    byId('notice-link').href = url;
  }
  known(notice);
  byId('open-model-help').addEventListener('click', () => byId('model-help').showModal());
}

async function wireExamples() {
  const examples = await (await fetch('examples.json')).json();
  byId('examples').append(
    ...examples.map((example) => {
      const image = el('img', { alt: example.alt, loading: 'lazy' });
      const kind = isClipName(example.files[0]) ? 'example moves' : 'example';
      showExample(image, example.files[0]);
      return el(
        'li',
        {},
        el('button', { type: 'button', class: kind, onclick: () => useExample(example) }, image, el('span', {}, example.question)),
      );
    }),
  );
}

const isClipName = (name) => name.endsWith('.mp4');

async function exampleFile(name) {
  const blob = await (await fetch(`examples/${name}`)).blob();
  return new File([blob], name, { type: blob.type });
}

/** A clip is shown by a frame of its middle. */
async function showExample(image, name) {
  if (!isClipName(name)) {
    image.src = `examples/${name}`;
    return;
  }
  const clip = await openClip(await exampleFile(name));
  image.src = (await clip.frameAt((clip.seconds ?? 0) / 2)).url;
}

async function useExample(example) {
  removeAll();
  await add(await Promise.all(example.files.map(exampleFile)));
  byId('question').value = example.question;
  byId('question').focus();
}

function newPictures(other) {
  if (other) {
    // An answer about other pictures would stand in the history of questions about these.
    stop();
    turns = [];
    byId('log').replaceChildren();
    byId('compare-results').replaceChildren();
    byId('budgets-result').replaceChildren();
    showAnswer(null);
  } else {
    draw();
  }
}

async function start() {
  wireTheme();
  wirePictures();
  wireCamera();
  wireViewer();
  wireTabs();
  wireKeys();
  onChange(newPictures);
  history.wire((question) => {
    byId('question').value = question;
    byId('question').focus();
  });
  byId('form').addEventListener('submit', (event) => {
    event.preventDefault();
    send();
  });
  byId('stop').addEventListener('click', stop);
  openTab('ask');
  try {
    const [loaded, methods] = await Promise.all([models(), loadMethods()]);
    byId('model').textContent = loaded[0].id;
    showNotice(loaded[0]);
    setLimits(loaded[0].limits);
    byId('longest').max = loaded[0].limits.tokens;
    byId('longest').value = Math.min(256, loaded[0].limits.tokens);
    const favourite = FAVOURITES.find((name) => methods.some((method) => method.name === name && method.works)) ?? 'uniform-grid';
    picker = planPicker(methods, { method: 'none', keep: 0.25 });
    byId('ask-plan').append(picker.element);
    compare.wire(methods, favourite);
    budgets.wire(methods, favourite);
    await wireExamples();
    document.body.dataset.ready = 'true';
  } catch (error) {
    byId('model').textContent = 'not connected';
    complain(`The server cannot be reached: ${error.message}`);
  }
}

start();
