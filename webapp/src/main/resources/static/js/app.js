// The page: starts its parts and connects them.

import { methods as loadMethods, models, Unreachable } from './api.js';
import { composing, converse, fieldsOf, picturesReady } from './asking.js';
import { savePng } from './answer-picture.js';
import * as budgets from './budgets.js';
import * as camera from './camera.js';
import { copy } from './clipboard.js';
import * as compare from './compare.js';
import { connected, lost, modelId } from './connection.js';
import { announce, byId, complain } from './dom.js';
import * as examples from './examples.js';
import * as history from './history.js';
import { counted, fillTexts, t } from './i18n.js';
import * as intake from './intake.js';
import * as keys from './keys.js';
import { markShown, renderLog } from './log.js';
import { setLimits } from './media.js';
import * as methodDialog from './method-dialog.js';
import * as notice from './notice.js';
import { add, isPreparing, items, onChange, pictures, preview, remove, replaceAll } from './pictures.js';
import * as planChoice from './plan-choice.js';
import { options, setMost, wire as wireSettings } from './settings.js';
import { pendingRegions, setPending } from './select.js';
import { isShared, readShared, shareFile } from './share.js';
import { asCurl, asJava } from './snippets.js';
import * as strip from './strip.js';
import { openTab, wire as wireTabs } from './tabs.js';
import { begin, cut, onTurns, open, reopen, save, snapshot, talk, undoable } from './talk.js';
import * as theme from './theme.js';
import { draw, onShown, showAnswer, shownAnswer, wire as wireViewer } from './viewer.js';

let running = null;
/** The turn that is being edited, or null. */
let edited = null;

const actions = {
  show: (turn) => showAnswer(turn.answer, turn.about),
  again: (turn) => run((request) => replaceAnswer(turn, { question: turn.question, regions: turn.regions, ...settings() }, request, t('undo.again'))),
  edit: (turn) => editing(turn),
  remove: (turn) => undoable(t('undo.turn'), () => cut(talk.turns.indexOf(turn))),
  copy: (turn) => copy(turn.answer.text),
  curl: (turn) => copy(asCurl(turn)),
  java: (turn) => copy(asJava(turn, modelId())),
  file: shareFile,
  async picture(turn) {
    await actions.show(turn);
    await savePng(turn, pictures.filter(({ item }) => turn.about.includes(item.id)));
  },
};

/** The plan and the settings for the next answer. */
const settings = () => ({ ...planChoice.current(), options: options() });

async function send() {
  const question = byId('question').value.trim();
  // Before the methods are loaded there is no plan to ask with; the header says that it connects.
  const ready = document.body.dataset.ready === 'true';
  if (running || !question || !ready) {
    byId('question').focus();
    return;
  }
  if (!items.length && !(openTab() === 'ask' && talk.textOnly)) {
    askWithoutPicture();
    return;
  }
  byId('no-picture').hidden = true;
  await run(openTab() === 'ask' ? (request) => sendTurn(question, request) : (request) => measure(question, request));
}

/** Asks the question of the composer; an edited one takes the place of its turn and of those after it. */
async function sendTurn(question, request) {
  const restore = composing(question);
  const asked = { question, ...settings(), regions: pendingRegions() };
  setPending([]);
  const from = edited;
  const index = talk.turns.indexOf(from);
  editing(null);
  try {
    if (from) {
      await replaceAnswer(from, asked, request, t(index + 1 < talk.turns.length ? 'undo.edit' : 'undo.again'), () => cut(index + 1, talk.turns.length));
    } else {
      await converse(asked, actions, request);
    }
  } catch (error) {
    restore(error);
    if (error.unanswered) {
      setPending(asked.regions);
    }
    throw error;
  }
}

/** Asks again in the place of a turn; once it is answered, the state before can be restored. */
async function replaceAnswer(turn, asked, request, text, then = () => {}) {
  const before = snapshot();
  const index = talk.turns.indexOf(turn);
  const replaced = await converse(asked, actions, request, turn);
  if (talk.turns[index] === replaced) {
    await undoable(text, then, before);
  }
}

async function measure(question, request) {
  await picturesReady(request.signal, announce);
  const files = [...items];
  const asked = { question, files, sampling: fieldsOf(files), regions: pendingRegions(), options: options() };
  const answers = await (openTab() === 'compare' ? compare : budgets).run(asked, request);
  announce(counted('answers.complete', answers.length));
}

/** Runs one request at a time; its errors are shown. */
async function run(work) {
  if (running) {
    return;
  }
  complain('');
  running = new AbortController();
  busy(true);
  try {
    await work({ signal: running.signal, onWait: () => announce(t('answer.queued')) });
  } catch (error) {
    const stopped = running.signal.aborted;
    if (!stopped && error instanceof Unreachable) {
      lost(reconnect);
    } else {
      complain(stopped ? '' : error.message);
    }
    announce(stopped ? t('stopped') : '');
  } finally {
    running = null;
    busy(false);
  }
}

function busy(yes) {
  // The focus stays where the user has moved it meanwhile, such as in a menu or a dialog.
  const follows = yes || [byId('stop'), document.body].includes(document.activeElement);
  byId('stop').hidden = !yes;
  byId('send').disabled = yes;
  document.body.classList.toggle('busy', yes);
  // On a touch screen the focus would open the keyboard over the answer.
  if (follows && matchMedia('(pointer: fine)').matches) {
    byId(yes ? 'stop' : 'question').focus();
  }
}

function stop() {
  running?.abort(new DOMException('stopped', 'AbortError'));
}

function editing(turn) {
  edited = turn;
  byId('editing').hidden = !turn;
  if (turn) {
    byId('question').value = turn.question;
    byId('question').focus();
  }
}

/** The next question is about these parts of the picture. */
function askAbout(regions) {
  setPending(regions);
  byId('question').focus();
}

/** Asks the question of the shown answer again with these parts only, or without them, in a further turn. */
function askAgainAbout(regions) {
  const turn = talk.turns.find(({ answer }) => answer === shownAnswer());
  if (turn && !running) {
    run((request) => converse({ question: turn.question, ...settings(), regions }, actions, request));
  } else {
    askAbout(regions);
  }
}

/** No question is sent without a picture unless the user says so. */
function askWithoutPicture() {
  byId('no-picture').hidden = false;
  byId('without-picture').hidden = openTab() !== 'ask';
  byId('no-picture-text').textContent = t(openTab() === 'ask' ? 'noPicture' : 'noPicture.compare');
  announce(byId('no-picture-text').textContent);
  byId('attach').focus();
}

/** Files of any kind: shared conversations are opened, others are added to the present one. */
async function take(files) {
  byId('no-picture').hidden = true;
  const shared = files.find(isShared);
  if (!shared) {
    await add(files);
    return;
  }
  try {
    const stored = await readShared(shared);
    await openTalk(stored);
    save();
  } catch (error) {
    complain(error.message);
  }
}

/** Shows another conversation; the present one is in the history. */
async function openTalk(stored) {
  stop();
  editing(null);
  await undoableSwitch(t('undo.open'), () => open(stored));
}

const undoableSwitch = (text, change) => (talk.turns.length || items.length ? undoable(text, change) : change());

async function newTalk() {
  stop();
  editing(null);
  await undoableSwitch(t('undo.begin'), begin);
  await showAnswer(null);
  byId('question').focus();
}

async function useExample(files, question) {
  await newTalk();
  await add(files);
  byId('question').value = question;
  byId('question').focus();
}

function wireTalk() {
  strip.wire((item) => undoable(t('undo.picture', { name: item.name }), () => remove(item)));
  byId('remove-all').addEventListener('click', () => undoable(t('undo.pictures'), () => replaceAll([])));
  byId('new-talk').addEventListener('click', newTalk);
  byId('without-picture').addEventListener('click', () => {
    talk.textOnly = true;
    send();
  });
  byId('cancel-edit').addEventListener('click', () => {
    editing(null);
    byId('question').value = '';
  });
  for (const id of ['clip-frames', 'clip-from', 'clip-to']) {
    byId(id).addEventListener('change', () => preview().then(save));
  }
  onChange(() => {
    byId('no-picture').hidden ||= items.length > 0;
    draw();
    if (!isPreparing()) {
      save();
    }
  });
  onShown(markShown);
  onTurns(() => {
    renderLog(actions);
    const turn = talk.turns.find(({ answer }) => answer === shownAnswer()) ?? talk.turns.at(-1);
    showAnswer(turn?.answer ?? null, turn?.about);
  });
}

function wire() {
  fillTexts();
  theme.wire();
  wireSettings();
  intake.wire(take);
  camera.wire();
  wireViewer({ ask: askAbout, again: askAgainAbout });
  wireTabs();
  keys.wire({ send, stop });
  notice.wire();
  methodDialog.wire();
  history.wire(openTalk);
  wireTalk();
  byId('form').addEventListener('submit', (event) => {
    event.preventDefault();
    send();
  });
  byId('stop').addEventListener('click', stop);
}

/** Asks the server for its models, limits and methods. */
async function connect() {
  const [loaded, methods] = await Promise.all([models(), loadMethods()]);
  const [model] = loaded;
  connected(model.id);
  notice.showNotice(model);
  setLimits(model.limits);
  setMost(model.limits.tokens);
  planChoice.wire(methods, model.presets);
  compare.wire();
  budgets.wire();
}

/** After the server was gone: another model means another page. */
async function reconnect() {
  const [model] = await models();
  if (model.id !== modelId()) {
    location.reload();
  }
  connected(model.id);
}

async function load() {
  await connect();
  await examples.wire(useExample);
  await reopen();
  document.body.dataset.ready = 'true';
}

async function start() {
  wire();
  try {
    await load();
  } catch (error) {
    if (error instanceof Unreachable) {
      lost(load);
      return;
    }
    byId('model').textContent = t('connection.none');
    complain(error.message);
  }
}

start();
