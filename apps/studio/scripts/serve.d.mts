import type { Server } from 'node:http';

/** The page's own policy, for its workers too. */
export const policy: string;

/** A server of the files in `folder`; `isolated`: with the headers that let threads share memory, else as a plain host of files. */
export function studioServer(folder: string, options?: { readonly isolated?: boolean }): Server;
