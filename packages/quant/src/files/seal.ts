/**
 * JSON that carries its own checksum: `sha256`, over everything else in it. Whoever reads it sees any change, arrays and names included.
 *
 * The checksum is taken of the canonical text (keys sorted, no blanks), so other layout of the same content is no damage.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { FileError } from './file-error.ts';

/** The field that holds the checksum. */
const FIELD = 'sha256';

/** Deepest nesting that is read: what is written here has less than 30. */
const DEEPEST = 256;

/**
 * The content as JSON would give it back, with its checksum in front.
 *
 * @returns a new object with the field `sha256`, 64 hexadecimal digits
 */
export function sealed(content: object): Readonly<Record<string, unknown>> {
  const { [FIELD]: _, ...plain } = JSON.parse(JSON.stringify(content)) as Record<string, unknown>;
  return { [FIELD]: digest(plain), ...plain };
}

/** Whether the checksum of an object fits, does not, or is not there. */
export function sealOf(content: object): 'fits' | 'broken' | 'none' {
  if (!Object.hasOwn(content, FIELD)) return 'none';
  const { [FIELD]: found, ...plain } = content as Record<string, unknown>;
  return found === digest(plain) ? 'fits' : 'broken';
}

/**
 * JSON text as data.
 *
 * @param file names it in errors
 * @throws FileError when it is no JSON, or nested deeper than 256: recursive readers would end in an overflow of the stack
 */
export function parseJson(text: string, file: string): unknown {
  if (deeperThan(text, DEEPEST)) {
    throw new FileError(file, `is nested deeper than ${DEEPEST} levels`, 'give a file that this program wrote');
  }
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (cause) {
    throw new FileError(
      file,
      `is not valid JSON: ${(cause as Error).message}`,
      'it is cut short, damaged or something else; write it again',
      { cause },
    );
  }
}

/**
 * JSON text as an object whose checksum fits.
 *
 * @param file names it in errors
 * @param old whether an object without a checksum is of a version that had none; default: never
 * @throws FileError for anything else
 */
export function parseSealed(
  text: string,
  file: string,
  old: (content: Readonly<Record<string, unknown>>) => boolean = () => false,
): Readonly<Record<string, unknown>> {
  const content = parseJson(text, file);
  if (typeof content !== 'object' || content === null || Array.isArray(content)) {
    throw new FileError(file, 'holds no JSON object', 'give a file that this program wrote');
  }
  const seal = sealOf(content);
  if (seal === 'fits' || (seal === 'none' && old(content as Record<string, unknown>))) {
    return content as Record<string, unknown>;
  }
  const problem = seal === 'none' ? 'has no checksum (sha256)' : 'is damaged: its checksum does not fit';
  throw new FileError(file, problem, 'it was changed or damaged after it was written; write it again');
}

/** SHA-256 in hexadecimal digits; the same in Node and browsers, without waiting. */
export function sha256Hex(content: Uint8Array | string): string {
  return bytesToHex(sha256(typeof content === 'string' ? utf8ToBytes(content) : content));
}

function digest(content: unknown): string {
  return sha256Hex(canonical(content));
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
    return `{${entries.map(([key, entry]) => `${JSON.stringify(key)}:${canonical(entry)}`).join(',')}}`;
  }
  // JSON.stringify writes these as 0 and null, but a file can say -0 and 1e999.
  if (typeof value === 'number' && (Object.is(value, -0) || !Number.isFinite(value))) {
    return Object.is(value, -0) ? '-0' : String(value);
  }
  return JSON.stringify(value);
}

function deeperThan(text: string, most: number): boolean {
  let depth = 0;
  for (let j = 0; j < text.length; j++) {
    const code = text.charCodeAt(j);
    if (code === 0x22) {
      for (j++; j < text.length && text.charCodeAt(j) !== 0x22; j++) if (text.charCodeAt(j) === 0x5c) j++;
    } else if (code === 0x5b || code === 0x7b) {
      if (++depth > most) return true;
    } else if (code === 0x5d || code === 0x7d) depth--;
  }
  return false;
}
