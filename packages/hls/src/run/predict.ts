import type { Writable } from 'node:stream';
import type { Value } from '@sp/quant/internal';
import { CompileError } from '../errors.ts';
import { nodeModules } from '../node-modules.ts';
import { endingText, type ProcessLimits, startChild } from './child.ts';
import type { CompiledProject } from './compile.ts';
import {
  type AnswerCheck,
  answerBytes,
  headProblem,
  type NetworkInputs,
  nodeOf,
  RESPONSE_HEAD,
  type Request,
  readAnswer,
  request,
} from './protocol.ts';

/** How to run a compiled network. The limits hold for each of the processes that share the batch. */
export interface RunOptions extends ProcessLimits {
  /** `'reals'` are turned into codes by the input's format and modes, `'codes'` are taken as they are. Default `'reals'`. */
  readonly inputs?: 'reals' | 'codes';
}

/**
 * Runs the compiled C++ on a batch and returns the outputs by node name, as `interpret` would.
 *
 * @param inputs batch-major data of the only input, or of each input by name
 * @throws FirmwareError for inputs that do not fit the network
 * @throws CompileError when the program fails, runs or prints past its limit, or answers what the network cannot compute
 * @throws the reason of `signal` when that is aborted
 */
export async function predict(
  project: CompiledProject,
  inputs: NetworkInputs,
  options: RunOptions = {},
): Promise<Record<string, Value>> {
  const asked = request(project.description, project.network, inputs, options.inputs ?? 'reals', []);
  const values = await converse(project, asked, options, 'formats');
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
 * @throws CompileError when the program fails, runs or prints past its limit, or answers what the network cannot compute
 * @throws the reason of `signal` when that is aborted
 */
export async function trace(
  project: CompiledProject,
  inputs: NetworkInputs,
  options: TraceOptions = {},
): Promise<Map<string, Value>> {
  return traceChecked(project, inputs, options, 'formats');
}

/** `trace`, with the choice of how strictly the answer is read. */
export async function traceChecked(
  project: CompiledProject,
  inputs: NetworkInputs,
  options: TraceOptions,
  check: AnswerCheck,
): Promise<Map<string, Value>> {
  const { description } = project;
  const taps = options.taps?.map((name) => nodeOf(description, name)) ?? description.nodes;
  const asked = request(description, project.network, inputs, options.inputs ?? 'reals', taps);
  const values = await converse(project, asked, options, check);
  return new Map(asked.answer.slice(0, taps.length).map((node, j) => [node.name, values[j]]));
}

/** Bytes of input prepared at a time: about what a pipe holds. */
const PIECE = 1 << 16;
/** Images that are worth a process of their own: starting one takes as long as computing about this many. */
const SHARE = 512;
/** Inputs are prepared by this process alone: about as fast as so many others can use them. */
const MOST = 4;

/** Runs a request on several processes side by side, each with its share of the batch. */
async function converse(
  project: CompiledProject,
  asked: Request,
  { timeLimit, outputLimit, signal }: ProcessLimits,
  check: AnswerCheck,
): Promise<Value[]> {
  const { availableParallelism } = nodeModules().os;
  const perImage = answerBytes(asked.answer);
  const answer = new Uint8Array(asked.batch * perImage);
  const processes = Math.max(1, Math.min(MOST, availableParallelism(), Math.ceil(asked.batch / SHARE)));
  const bound = (k: number) => Math.floor((asked.batch * k) / processes);
  const stop = new AbortController();
  const limits: ProcessLimits = {
    ...(timeLimit !== undefined && { timeLimit }),
    ...(outputLimit !== undefined && { outputLimit }),
    signal: signal === undefined ? stop.signal : AbortSignal.any([signal, stop.signal]),
  };
  const shares = Array.from({ length: processes }, (_, k) =>
    converseAbout(
      project,
      asked,
      bound(k),
      bound(k + 1),
      answer.subarray(bound(k) * perImage, bound(k + 1) * perImage),
      limits,
    ),
  );
  try {
    await Promise.all(shares);
  } catch (error) {
    stop.abort();
    await Promise.allSettled(shares);
    throw error;
  }
  return readAnswer(answer, asked, check);
}

/** Runs images `from … to - 1` in a process, and puts what it answers, without the head, into `answer`. */
async function converseAbout(
  { executable }: CompiledProject,
  asked: Request,
  from: number,
  to: number,
  answer: Uint8Array,
  limits: ProcessLimits,
): Promise<void> {
  const child = startChild(executable, [], limits, { input: true });
  const head = Buffer.alloc(RESPONSE_HEAD);
  const whole = RESPONSE_HEAD + answer.length;
  let received = 0;
  const complaints: Buffer[] = [];
  const refuse = (problem: string): void => child.stop(new CompileError(`${executable} ${problem}`, said(), 'answer'));
  const said = (): string => Buffer.concat(complaints).toString().trim();
  child.process.stdout?.on('data', (chunk: Buffer) => {
    const inHead = Math.max(0, Math.min(chunk.length, RESPONSE_HEAD - received));
    if (inHead > 0) head.set(chunk.subarray(0, inHead), received);
    const at = received + inHead - RESPONSE_HEAD;
    received += chunk.length;
    if (received > whole)
      return refuse(`answered more than the ${whole} bytes that were asked for; compile the project again`);
    if (inHead > 0 && received >= RESPONSE_HEAD) {
      const problem = headProblem(head, to - from);
      if (problem !== undefined) return refuse(problem);
    }
    if (inHead < chunk.length) answer.set(chunk.subarray(inHead), at);
  });
  child.process.stderr?.on('data', (chunk: Buffer) => {
    complaints.push(chunk);
    child.heard(chunk.length);
  });
  try {
    await feed(child.process.stdin as Writable, asked, from, to);
  } catch (error) {
    child.stop(error);
  }
  const ending = await child.ended;
  if (ending.code === 0 && received === whole) return;
  throw new CompileError(
    `${executable} ${endingText(ending)} after ${received} of ${whole} bytes${said() === '' ? '' : `: ${said()}`}`,
    said(),
    ending.code === 0 ? 'answer' : 'exit',
  );
}

/** Writes a request piece by piece: the program computes while the next piece is being prepared. */
async function feed(stdin: Writable, { head, images }: Request, first: number, end: number): Promise<void> {
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
