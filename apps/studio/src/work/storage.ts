import type { CheckpointStore, TrainingState } from '@sp/train';
import type { StudyData } from './study-data.ts';

/** What is kept in the browser: projects, their images, and of their runs checkpoints and trained variables. */
const stores = ['projects', 'data', 'checkpoints', 'models'] as const;

/** Name of a store. */
export type StoreName = (typeof stores)[number];

let opened: Promise<IDBDatabase> | undefined;

function database(): Promise<IDBDatabase> {
  opened ??= new Promise((resolve, reject) => {
    const request = indexedDB.open('sp-studio', 1);
    request.onupgradeneeded = () => {
      for (const name of stores) request.result.createObjectStore(name);
    };
    request.onsuccess = () => {
      // Another tab brings a newer version.
      request.result.onversionchange = () => request.result.close();
      resolve(request.result);
    };
    request.onerror = () => reject(storageError(request.error));
  });
  return opened;
}

/** Keeps a value under a key; there is the old one or the new one, whatever happens. */
export async function keep(store: StoreName, key: string, value: unknown): Promise<void> {
  await inTransaction(store, 'readwrite', (objects) => objects.put(value, key));
}

/** What is kept under a key. */
export async function kept<Value>(store: StoreName, key: string): Promise<Value | undefined> {
  return (await inTransaction(store, 'readonly', (objects) => objects.get(key))) as Value | undefined;
}

/** Forgets what is kept under a key. */
export async function forget(store: StoreName, key: string): Promise<void> {
  await inTransaction(store, 'readwrite', (objects) => objects.delete(key));
}

/** The checkpoint of a run. */
export function checkpointsOf(run: string): CheckpointStore {
  return {
    save: (state) => keep('checkpoints', run, state),
    load: () => kept<TrainingState>('checkpoints', run),
  };
}

/** Images of a project. */
export function keepData(project: string, data: StudyData): Promise<void> {
  return keep('data', project, data);
}

async function inTransaction(
  store: StoreName,
  mode: IDBTransactionMode,
  use: (objects: IDBObjectStore) => IDBRequest,
): Promise<unknown> {
  const open = await database();
  return new Promise((resolve, reject) => {
    const transaction = open.transaction(store, mode);
    const request = use(transaction.objectStore(store));
    transaction.oncomplete = () => resolve(request.result);
    transaction.onabort = () => reject(storageError(transaction.error ?? request.error));
  });
}

function storageError(cause: DOMException | null): Error {
  const why = cause?.message ?? 'no reason given';
  return cause?.name === 'QuotaExceededError'
    ? new Error(
        'The browser has no more room for this page. Save the project as a file, remove runs, or free space on the disk; what was kept before is still there.',
        { cause },
      )
    : new Error(
        `The browser keeps nothing for this page (${why}). Allow it to store data, or save the project as a file before you close the tab.`,
        { cause },
      );
}
