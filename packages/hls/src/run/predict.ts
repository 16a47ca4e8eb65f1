import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import type { Writable } from 'node:stream';
import type { Value } from '@sp/quant';
import { CompileError } from '../errors.ts';
import type { CompiledProject } from './compile.ts';
import {
  answerBytes,
  type NetworkInputs,
  nodeOf,
  RESPONSE_HEAD,
  type Request,
  readAnswer,
  request,
} from './protocol.ts';

/** How to run a compiled network. */
export interface RunOptions {
  /** `'reals'` are turned into codes by the input's format and modes, `'codes'` are taken as they are. Default `'reals'`. */
  readonly inputs?: 'reals' | 'codes';
}

/**
 * Runs the compiled C++ on a batch and returns the outputs by node name, as `interpret` would.
 *
 * @param inputs batch-major data of the only input, or of each input by name
 * @throws FirmwareError for inputs that do not fit the network
 * @throws CompileError when the program fails
 */
export async function predict(
  project: CompiledProject,
  inputs: NetworkInputs,
  options: RunOptions = {},
): Promise<Record<string, Value>> {
  const asked = request(project.description, project.network, inputs, options.inputs ?? 'reals', []);
  const values = await converse(project, asked);
  return Object.fromEntries(project.description.outputs.map((name, j) => [name, values[j]]));
}

/** What to trace. */
export interface TraceOptions extends RunOptions {
  /** Names of the nodes to return. Default all. */
  readonly taps?: readonly string[];
}

/**
 * Runs the compiled C++ on a batch and returns the values of all nodes (or those asked for) by name, as `interpret` would.
 *
 * @throws FirmwareError for unknown nodes and for inputs that do not fit the network
 * @throws CompileError when the program fails
 */
export async function trace(
  project: CompiledProject,
  inputs: NetworkInputs,
  options: TraceOptions = {},
): Promise<Map<string, Value>> {
  const { description } = project;
  const taps = options.taps?.map((name) => nodeOf(description, name)) ?? description.nodes;
  const asked = request(description, project.network, inputs, options.inputs ?? 'reals', taps);
  const values = await converse(project, asked);
  return new Map(asked.answer.slice(0, taps.length).map((node, j) => [node.name, values[j]]));
}

/** Bytes of input prepared at a time: about what a pipe holds. */
const PIECE = 1 << 16;

async function converse(project: CompiledProject, asked: Request): Promise<Value[]> {
  const child = spawn(project.executable, [], { stdio: ['pipe', 'pipe', 'pipe'] });
  const response = new Uint8Array(RESPONSE_HEAD + asked.batch * answerBytes(asked.answer));
  let received = 0;
  let complaints = '';
  child.stdout.on('data', (chunk: Buffer) => {
    if (received + chunk.length <= response.length) response.set(chunk, received);
    received += chunk.length;
  });
  child.stderr.on('data', (chunk) => {
    complaints += chunk;
  });
  const ended = new Promise<number | NodeJS.Signals | null>((done, fail) => {
    child.on('error', fail);
    child.on('close', (code, signal) => done(code ?? signal));
  });
  // A program that dies early closes its end; its exit code and message say more than the broken pipe.
  child.stdin.on('error', () => {});
  try {
    await feed(child, asked);
  } catch (error) {
    child.kill();
    throw error;
  }
  const status = await ended;
  if (status !== 0 || received !== response.length) {
    throw new CompileError(
      `${project.executable} ended with ${status} after ${received} of ${response.length} bytes${complaints === '' ? '' : `: ${complaints.trim()}`}`,
      complaints,
    );
  }
  return readAnswer(response.subarray(RESPONSE_HEAD), asked);
}

/** Writes a request piece by piece: the program computes while the next piece is being prepared. */
async function feed({ stdin }: ChildProcessWithoutNullStreams, { head, batch, images }: Request): Promise<void> {
  stdin.write(head);
  for (let from = 0, step = 1; from < batch && !stdin.destroyed; ) {
    const piece = images(from, Math.min(from + step, batch));
    from += step;
    // The first image alone tells how many make a piece.
    step = Math.max(1, Math.floor((PIECE * step) / Math.max(1, piece.length)));
    if (!stdin.write(piece)) await drained(stdin);
  }
  stdin.end();
}

/** Resolves when the stream takes more, or has been closed. */
async function drained(stream: Writable): Promise<void> {
  await new Promise<void>((ready) => {
    const done = () => {
      stream.off('drain', done).off('close', done);
      ready();
    };
    stream.on('drain', done).on('close', done);
  });
}
