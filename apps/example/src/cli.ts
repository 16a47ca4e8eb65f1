#!/usr/bin/env node
import { CompileError, FirmwareError } from '@sp/hls';
import { FileError } from '@sp/quant/files';
import { TrainingError } from '@sp/train';
import { Interrupted, UsageError } from './errors.ts';
import { helpText } from './help.ts';
import { readOptions } from './options.ts';
import { exitCodes, run } from './run.ts';

process.stdout.on('error', outputFailed);
// Progress that nobody reads, or that finds no room, ends no training.
process.stderr.on('error', () => {});
process.exitCode = await main(process.argv.slice(2));

async function main(argv: readonly string[]): Promise<number> {
  const abort = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => abort.abort());
  const { stdout, stderr } = process;
  try {
    const options = readOptions(argv);
    if (options.command === 'help') {
      stdout.write(helpText());
      return exitCodes.done;
    }
    const write = (text: string): void => {
      stderr.write(text);
    };
    return await run(
      options,
      {
        print: (text) => void stdout.write(text),
        progress: { write, tty: stderr.isTTY === true, columns: stderr.columns ?? 100 },
      },
      abort.signal,
    );
  } catch (error) {
    if (error instanceof UsageError || error instanceof FileError) {
      stderr.write(`sp-example: ${error.message}\n`);
      return exitCodes.badInput;
    }
    if (error instanceof Interrupted) {
      stderr.write(`sp-example: ${error.message}\n`);
      return exitCodes.interrupted;
    }
    if (error instanceof TrainingError || error instanceof FirmwareError || error instanceof CompileError) {
      stderr.write(`sp-example: ${error.message}\n`);
      return exitCodes.mismatch;
    }
    stderr.write(`sp-example: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    return exitCodes.mismatch;
  }
}

/** A reader may leave early (`| head`): the work goes on and is written. Output that is lost otherwise is a failure. */
function outputFailed(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') return;
  process.stderr.write(`sp-example: output cannot be written: ${error.message}\n`);
  process.exit(exitCodes.mismatch);
}
