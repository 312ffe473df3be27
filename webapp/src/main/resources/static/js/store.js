// Conversations with their pictures, in this browser's IndexedDB. Without it the page works and remembers nothing.

const NAME = 'squint';
const TALKS = 'talks';
const MOST = 60;

let opening;

function open() {
  opening ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(TALKS, { keyPath: 'id' });
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  return opening;
}

/** Runs one request; `otherwise` is the result where the browser stores nothing or its storage is full. */
async function run(mode, action, otherwise) {
  try {
    const database = await open();
    return await new Promise((resolve, reject) => {
      const transaction = database.transaction(TALKS, mode);
      const request = action(transaction.objectStore(TALKS));
      transaction.oncomplete = () => resolve(request.result ?? otherwise);
      transaction.onerror = transaction.onabort = () => reject(transaction.error);
    });
  } catch {
    return otherwise;
  }
}

/** All conversations, the newest first. */
export async function allTalks() {
  const talks = await run('readonly', (store) => store.getAll(), []);
  return talks.sort((one, other) => other.when.localeCompare(one.when));
}

export const loadTalk = (id) => run('readonly', (store) => store.get(id), null);

/** Stores a conversation and deletes the oldest ones beyond the limit. */
export async function saveTalk(talk) {
  await run('readwrite', (store) => store.put(talk), null);
  const talks = await allTalks();
  await Promise.all(talks.slice(MOST).map(({ id }) => deleteTalk(id)));
}

export const deleteTalk = (id) => run('readwrite', (store) => store.delete(id), null);
