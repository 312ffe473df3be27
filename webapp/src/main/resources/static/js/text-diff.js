// Compares texts word by word.

const split = (text) => text.trim().split(/\s+/).filter(Boolean);
const plain = (text) => split(text.toLowerCase().replace(/[^\p{L}\p{N}\s]/gu, ''));

/**
 * The changes from one text to the other, by the longest common sequence of words.
 *
 * @returns [{kind: 'same' | 'gone' | 'new', text}]
 */
export function difference(before, after) {
  const a = split(before);
  const b = split(after);
  const common = Array.from({ length: a.length + 1 }, () => new Array(b.length + 1).fill(0));
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      common[i][j] = a[i] === b[j] ? 1 + common[i + 1][j + 1] : Math.max(common[i + 1][j], common[i][j + 1]);
    }
  }
  const changes = [];
  const say = (kind, text) => {
    const last = changes.at(-1);
    if (last?.kind === kind) {
      last.text += ` ${text}`;
    } else {
      changes.push({ kind, text });
    }
  };
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      say('same', a[i++]);
      j++;
    } else if (j === b.length || (i < a.length && common[i + 1][j] >= common[i][j + 1])) {
      say('gone', a[i++]);
    } else {
      say('new', b[j++]);
    }
  }
  return changes;
}

/** Agreement of two answers, 0 to 1: F1 of their words without case and punctuation. */
export function agreement(one, other) {
  const a = plain(one);
  const b = plain(other);
  if (!a.length || !b.length) {
    return a.length === b.length ? 1 : 0;
  }
  const left = new Map();
  a.forEach((word) => left.set(word, (left.get(word) ?? 0) + 1));
  let common = 0;
  for (const word of b) {
    if (left.get(word)) {
      left.set(word, left.get(word) - 1);
      common++;
    }
  }
  return (2 * common) / (a.length + b.length);
}
