#!/usr/bin/env node
import { allowEarlyReader } from './early-reader.ts';
import { run } from './run.ts';

allowEarlyReader(process.stderr, () => process.exit(1));
allowEarlyReader(process.stdout, (error) => {
  process.stderr.write(`sp-hls: output cannot be written: ${error.message}\n`);
  process.exit(1);
});
process.exitCode = await run(process.argv.slice(2), {
  out: (text) => process.stdout.write(`${text}\n`),
  error: (text) => process.stderr.write(`${text}\n`),
});
