import { sizeOf } from '@sp/quant';
import { FileError, parseSealed, pathOf } from '@sp/quant/files';
import { type FormatTable, OVERFLOW_MODES, ROUND_MODES } from '@sp/quant/internal';
import { shown } from '../config/shown.ts';
import { FirmwareError } from '../errors.ts';
import { nodeModules } from '../node-modules.ts';
import { bytesOf, type FixedType, fractionOf, storageType } from '../plan/fixed-type.ts';
import type { ProjectDescription, ProjectNode } from './project.ts';
import { recover } from './write.ts';

/**
 * Reads and checks `project.json` of a folder. A `write` that was killed is completed first.
 *
 * @throws FirmwareError when there is none, or it is damaged, incomplete or of another format or version
 */
export async function readProject(place: string | URL): Promise<ProjectDescription> {
  const { readFile } = nodeModules().fs;
  const { join, resolve } = nodeModules().path;
  const dir = pathOf(place);
  const path = join(resolve(dir), 'project.json');
  try {
    await recover(dir);
    return parseProject(await readFile(path, 'utf8'), path);
  } catch (cause) {
    if (cause instanceof FirmwareError) throw cause;
    const why = cause instanceof FileError ? `: ${cause.problem}` : '';
    throw new FirmwareError(`"${path}" cannot be read${why}; write(emit(plan), dir) makes a project`, { cause });
  }
}

/**
 * The description that a text holds.
 *
 * @param path names it in errors
 * @throws FirmwareError naming the field that is wrong
 */
export function parseProject(text: string, path: string): ProjectDescription {
  const wrong = (what: string, cause?: unknown) =>
    new FirmwareError(`"${path}": ${what}; emit the project again`, { cause });
  let content: Readonly<Record<string, unknown>>;
  try {
    content = parseSealed(text, path, ({ format, version }) => format !== 'sp-hls-project' || version !== 2);
  } catch (cause) {
    throw wrong(cause instanceof FileError ? cause.problem : String(cause), cause);
  }
  if (content.format !== 'sp-hls-project' || (content.version !== 1 && content.version !== 2)) {
    throw wrong('is not a project description of version 1 or 2');
  }
  const { sha256: _, ...description } = content;
  const problem = problemOf(description);
  if (problem !== undefined) throw wrong(problem);
  return description as unknown as ProjectDescription;
}

/** The first thing that is no part of a description. */
function problemOf({ name, settings, inputs, outputs, nodes }: Readonly<Record<string, unknown>>): string | undefined {
  // It becomes the name of a file and of a C++ namespace.
  if (typeof name !== 'string' || !/^[A-Za-z_]\w*$/.test(name)) return `name is ${shown(name)}, no identifier`;
  if (typeof settings !== 'object' || settings === null) return 'settings are missing';
  if (!Array.isArray(nodes)) return 'nodes are missing';
  for (const [j, node] of nodes.entries()) {
    const problem = nodeProblem(node as Partial<ProjectNode> | null);
    if (problem !== undefined) return `node ${j}: ${problem}`;
  }
  const byName = new Map((nodes as ProjectNode[]).map((node) => [node.name, node]));
  if (byName.size !== nodes.length) return 'two nodes have the same name';
  for (const [field, list] of Object.entries({ inputs, outputs })) {
    const known = Array.isArray(list) && list.every((entry) => byName.has(entry as string));
    if (!known || new Set(list).size !== list.length) return `${field} are ${shown(list)}, no names of nodes`;
  }
  const entries = (nodes as ProjectNode[]).filter(({ op }) => op === 'input').map((node) => node.name);
  if (String(entries) !== String(inputs)) return `inputs are ${shown(inputs)}, but the input nodes ${shown(entries)}`;
  return undefined;
}

function nodeProblem(node: Partial<ProjectNode> | null): string | undefined {
  if (typeof node !== 'object' || node === null) return 'is none';
  const { name, op, id, shape, slots, divisor, format, type, bytes, round, overflow } = node;
  for (const [field, value] of Object.entries({ name, op, id })) {
    if (typeof value !== 'string' || value === '') return `${field} is ${shown(value)}`;
  }
  const where = `"${name}"`;
  if (!isSizes(shape)) return `${where}: shape is ${shown(shape)}`;
  if (slots !== undefined && !(isSize(slots) && shape.length === 3)) return `${where}: slots is ${shown(slots)}`;
  if (divisor !== undefined && !isSize(divisor)) return `${where}: divisor is ${shown(divisor)}`;
  if (!isTable(format, shape)) return `${where}: format is no table for shape [${shape}]`;
  if (!isType(type)) return `${where}: type is ${shown(type)}`;
  const needed = storageType(format);
  if (needed.int + Number(type.signed && !needed.signed) > type.int || fractionOf(needed) > fractionOf(type)) {
    return `${where}: type ${shown(type)} does not hold its format`;
  }
  if (bytes !== bytesOf(type)) return `${where}: bytes is ${shown(bytes)}, its type has ${bytesOf(type)}`;
  if (op !== 'input') return undefined;
  const rounds: readonly unknown[] = ROUND_MODES;
  const overflows: readonly unknown[] = OVERFLOW_MODES;
  if (!rounds.includes(round)) return `${where}: round is ${shown(round)}`;
  return overflows.includes(overflow) ? undefined : `${where}: overflow is ${shown(overflow)}`;
}

function isSize(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 1;
}

function isSizes(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every(isSize) && sizeOf(value) <= 2 ** 31;
}

function isTable(table: Partial<FormatTable> | null | undefined, shape: readonly number[]): table is FormatTable {
  if (typeof table !== 'object' || table === null || !isSizes(table.shape)) return false;
  const fits = table.shape.length === shape.length && table.shape.every((size, d) => size === 1 || size === shape[d]);
  const size = sizeOf(table.shape);
  const columns = [table.k, table.i, table.f];
  const whole = columns.every((column) => Array.isArray(column) && column.length === size && column.every(isSmall));
  return fits && whole && table.k!.every((k) => k === 0 || k === 1);
}

/** Bits of a format, in either direction. */
function isSmall(value: unknown): boolean {
  return Number.isInteger(value) && Math.abs(value as number) <= 4096;
}

function isType(type: Partial<FixedType> | null | undefined): type is FixedType {
  if (typeof type !== 'object' || type === null || typeof type.signed !== 'boolean') return false;
  return isSize(type.width) && type.width <= 4096 && isSmall(type.int);
}
