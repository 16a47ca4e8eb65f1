#!/usr/bin/env node
import { FileError } from '@sp/quant/files';
import { Interrupted, UsageError } from './errors.ts';
import { exitCodes } from './exit-codes.ts';
import { helpText } from './help.ts';
import { readOptions } from './options.ts';

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
    // Loaded only now: help and refusals need not wait for TensorFlow.js.
    const { run } = await import('./run.ts');
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
    stderr.write(`sp-example: ${await textOf(error)}\n`);
    return exitCodes.mismatch;
  }
}

/** What to print of an error: for the packages' own the message says it all, for faults of the program it takes the stack. */
async function textOf(error: unknown): Promise<string> {
  const [{ TrainingError }, { CompileError, FirmwareError }, { RtlError }] = await Promise.all([
    import('@sp/train'),
    import('@sp/hls'),
    import('@sp/rtl'),
  ]);
  if (!(error instanceof Error)) return String(error);
  const told = [TrainingError, FirmwareError, CompileError, RtlError].some((type) => error instanceof type);
  return told ? error.message : (error.stack ?? error.message);
}

/** A reader may leave early (`| head`): the work goes on and is written. Output that is lost otherwise is a failure. */
function outputFailed(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') return;
  process.stderr.write(`sp-example: output cannot be written: ${error.message}\n`);
  process.exit(exitCodes.mismatch);
}
