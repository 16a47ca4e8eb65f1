#!/usr/bin/env node
/** Serves the built studio from a folder with the headers that let threads share memory: `node scripts/serve.mjs [PORT]`. */
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';

const types = {
  '.css': 'text/css',
  '.csv': 'text/csv',
  '.gz': 'application/gzip',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
};

/** The page's own policy, for its workers too. */
export const policy =
  "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' blob: data:; worker-src 'self'; connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const headers = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Content-Security-Policy': policy,
  'X-Content-Type-Options': 'nosniff',
};

/** A server of the files in `folder`; `isolated`: with the headers, else as a plain host of files. */
export function studioServer(folder, { isolated = true } = {}) {
  return createServer(async (request, response) => {
    const { pathname } = new URL(request.url, 'http://localhost');
    const path = normalize(decodeURIComponent(pathname)).replace(/^([/\\]|\.\.)+/, '') || 'index.html';
    try {
      const content = await readFile(join(folder, path));
      const type = types[extname(path)] ?? 'application/octet-stream';
      response.writeHead(200, { 'Content-Type': type, 'Cache-Control': 'no-cache', ...(isolated ? headers : {}) });
      response.end(content);
    } catch {
      response.writeHead(404, { 'Content-Type': 'text/plain' });
      response.end('no such file\n');
    }
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const port = Number(process.argv[2] ?? 4170);
  const server = studioServer(fileURLToPath(new URL('../dist', import.meta.url)));
  server.on('error', (error) => {
    process.stderr.write(`cannot serve on port ${port}: ${error.message}; name another one: npm run studio -- PORT\n`);
    process.exitCode = 1;
  });
  server.listen(port, '127.0.0.1', () =>
    process.stdout.write(`the studio is at http://localhost:${port}/ (Ctrl-C ends it)\n`),
  );
}
