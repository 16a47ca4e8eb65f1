import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
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
/** Images that are worth a process of their own: starting one takes as long as computing about this many. */
const SHARE = 512;
/** Inputs are prepared by this process alone: about as fast as so many others can use them. */
const MOST = 4;

/** Runs a request on several processes side by side, each with its share of the batch. */
async function converse(project: CompiledProject, asked: Request): Promise<Value[]> {
  const perImage = answerBytes(asked.answer);
  const answer = new Uint8Array(asked.batch * perImage);
  const processes = Math.max(1, Math.min(MOST, availableParallelism(), Math.ceil(asked.batch / SHARE)));
  const bound = (k: number) => Math.floor((asked.batch * k) / processes);
  const stop = new AbortController();
  const shares = Array.from({ length: processes }, (_, k) =>
    converseAbout(
      project,
      asked,
      bound(k),
      bound(k + 1),
      answer.subarray(bound(k) * perImage, bound(k + 1) * perImage),
      stop.signal,
    ),
  );
  try {
    await Promise.all(shares);
  } catch (error) {
    stop.abort();
    await Promise.allSettled(shares);
    throw error;
  }
  return readAnswer(answer, asked);
}

/** Runs images `from … to - 1` in a process, and puts what it answers, without the head, into `answer`. */
async function converseAbout(
  { executable }: CompiledProject,
  asked: Request,
  from: number,
  to: number,
  answer: Uint8Array,
  signal: AbortSignal,
): Promise<void> {
  const child = spawn(executable, [], { stdio: ['pipe', 'pipe', 'pipe'] });
  const kill = () => child.kill();
  signal.addEventListener('abort', kill);
  let received = -RESPONSE_HEAD;
  let complaints = '';
  child.stdout.on('data', (chunk: Buffer) => {
    const body = received < 0 ? chunk.subarray(Math.min(chunk.length, -received)) : chunk;
    if (received + chunk.length <= answer.length) answer.set(body, Math.max(0, received));
    received += chunk.length;
  });
  child.stderr.on('data', (chunk) => {
    complaints += chunk;
  });
  const ended = new Promise<number | NodeJS.Signals | null>((done, fail) => {
    child.on('error', fail);
    child.on('close', (code, reason) => done(code ?? reason));
  });
  // Awaited below, after the images were sent: a program that cannot be started fails before.
  ended.catch(() => {});
  // A program that dies early closes its end; its exit code and message say more than the broken pipe.
  child.stdin.on('error', () => {});
  try {
    await feed(child, asked, from, to);
    const status = await ended;
    if (status !== 0 || received !== answer.length) {
      throw new CompileError(
        `${executable} ended with ${status} after ${RESPONSE_HEAD + received} of ${RESPONSE_HEAD + answer.length} bytes${complaints === '' ? '' : `: ${complaints.trim()}`}`,
        complaints,
      );
    }
  } finally {
    child.kill();
    signal.removeEventListener('abort', kill);
  }
}

/** Writes a request piece by piece: the program computes while the next piece is being prepared. */
async function feed(
  { stdin }: ChildProcessWithoutNullStreams,
  { head, images }: Request,
  first: number,
  end: number,
): Promise<void> {
  stdin.write(head(end - first));
  for (let from = first, step = 1; from < end && !stdin.destroyed; ) {
    const piece = images(from, Math.min(from + step, end));
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
