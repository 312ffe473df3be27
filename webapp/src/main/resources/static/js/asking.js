// Asking a question in the conversation: the pictures are waited for, the answer is shown as it comes.

import { ask } from './api.js';
import { announce, byId, paced } from './dom.js';
import { t } from './i18n.js';
import { elementOf, liveTurn, renderLog } from './log.js';
import { sampling } from './media.js';
import { allReady, isPreparing, items } from './pictures.js';
import { filesFor, historyBefore, setTurn, talk } from './talk.js';
import { showAnswer } from './viewer.js';

/** What a question is sent with, apart from its pictures: {question, plan, preset, regions, options}. */
export function fieldsOf(files) {
  return files.some((item) => item.clip) ? sampling() : {};
}

/** Waits for the pictures, so that no question leaves without them. */
export async function picturesReady(signal, wait = () => {}) {
  if (isPreparing()) {
    wait(t('answer.preparing'));
    announce(t('answer.preparing'));
    await allReady();
  }
  signal.throwIfAborted();
}

/**
 * Asks and appends the turn, or replaces the answer of an earlier one.
 *
 * @param asked {question, plan, preset, regions, options}
 * @param actions of turns
 * @param request {signal, onWait}
 * @param earlier the turn whose answer is replaced, or null
 */
export async function converse(asked, actions, request, earlier = null) {
  const index = earlier ? talk.turns.indexOf(earlier) : talk.turns.length;
  const here = talk;
  const live = liveTurn(asked.question, earlier && elementOf(earlier));
  let streaming = true;
  const show = paced((soFar) => streaming && live.show(soFar));
  const sent = [];
  try {
    await picturesReady(request.signal, live.wait);
    sent.push(...items.filter((item) => item.turn === null && !earlier));
    sent.forEach((item) => (item.turn = index));
    const files = filesFor(index);
    const answer = await ask(
      { ...asked, files, sampling: fieldsOf(files), history: historyBefore(index) },
      { ...request, onText: show, onWait: () => live.wait(t('answer.queued')) },
    );
    request.signal.throwIfAborted();
    streaming = false;
    const turn = { ...asked, answer, about: files.map((item) => item.id) };
    setTurn(index, turn);
    renderLog(actions);
    elementOf(turn).scrollIntoView({ block: 'nearest' });
    announce(t('answer.said', { text: answer.text }));
    await showAnswer(answer, turn.about);
    return turn;
  } catch (error) {
    streaming = false;
    if (talk === here && !earlier && live.said()) {
      setTurn(index, { ...asked, answer: { text: live.said() }, stopped: true, about: sent.map((item) => item.id) });
    } else {
      sent.forEach((item) => (item.turn = null));
      error.unanswered = talk === here;
    }
    renderLog(actions);
    throw error;
  }
}

/** Shows an empty composer while a question is asked, and the question again if it was not answered. */
export function composing(question) {
  byId('question').value = '';
  return (error) => {
    if (error.unanswered && !byId('question').value) {
      byId('question').value = question;
    }
  };
}
