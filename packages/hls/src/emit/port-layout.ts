import { sizeOf } from '@sp/quant';
import { bitLength, ceilLog2 } from '@sp/quant/numeric';
import type { NodeContext } from '../kernels/kernel.ts';
import { bytesOf } from '../plan/fixed-type.ts';
import type { Port } from './names.ts';

/** What a port looks like from outside, as a sequence of integers. */
export interface PortLayout {
  /** Integers per image: elements of a tensor, row-major; of a list slot after slot: valid, row, column, features. */
  readonly words: number;
  /** Bytes of each: a power of two, little-endian, signed. */
  readonly bytes: number;
  /** Integers that belong together: of a pixel, or of a slot. */
  readonly each: number;
}

/** The layout of a port's value. */
export function portLayout({ node, type }: NodeContext): PortLayout {
  const power = (bytes: number) => 2 ** ceilLog2(bytes);
  if (node.slots === undefined) {
    return { words: sizeOf(node.shape), bytes: power(bytesOf(type)), each: node.shape[node.shape.length - 1] ?? 1 };
  }
  const [height, width, channels] = node.shape;
  const place = { signed: false, width: bitLength(Math.max(height, width) - 1) || 1, int: 0 };
  return {
    words: node.slots * (3 + channels),
    bytes: power(Math.max(bytesOf(type), bytesOf(place))),
    each: 3 + channels,
  };
}

/** Beats of an image: a C++ constant, since a beat may have any size. */
export function frameBeats({ context }: Port): string {
  const { words, bytes } = portLayout(context);
  return `sp::axi::frame<${bytes}, ${words}>::beats`;
}

/** A name as C++ text: a literal, whatever is in the name. */
export function literal(text: string): string {
  // A wide character is written byte by byte, in octal, which ends by itself.
  const bytes = Array.from(new TextEncoder().encode(text), (byte) =>
    byte < 0x20 || byte > 0x7e || byte === 0x22 || byte === 0x5c || byte === 0x3f
      ? `\\${byte.toString(8).padStart(3, '0')}`
      : String.fromCharCode(byte),
  );
  return `"${bytes.join('')}"`;
}
