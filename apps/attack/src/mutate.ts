import type { Dice } from './dice.ts';

/**
 * Damages bytes as disks, networks and editors do: flipped bits, other bytes, parts that are missing, doubled, zeroed, exchanged or from elsewhere.
 * The result differs from what was given.
 */
export function mutateBytes(bytes: Uint8Array, dice: Dice): Uint8Array {
  for (;;) {
    let changed = bytes;
    for (let times = dice.pick([1, 1, 1, 2, 4]); times > 0; times--) changed = once(changed, dice);
    if (Buffer.compare(changed, bytes) !== 0) return changed;
  }
}

/** The same for text. */
export function mutateText(text: string, dice: Dice): string {
  const changed = dice.below(3) === 0 ? token(text, dice) : undefined;
  if (changed !== undefined && changed !== text) return changed;
  return Buffer.from(mutateBytes(Buffer.from(text), dice)).toString('utf8');
}

function once(bytes: Uint8Array, dice: Dice): Uint8Array {
  const at = dice.below(bytes.length);
  const length = Math.min(bytes.length - at, 1 + dice.below(dice.pick([2, 16, 256])));
  const copy = Uint8Array.from(bytes);
  switch (dice.below(8)) {
    case 0:
    case 1:
      copy[at] ^= 1 << dice.below(8);
      return copy;
    case 2:
      copy[at] = dice.below(256);
      return copy;
    case 3:
      return copy.slice(0, at);
    case 4:
      return joined(copy.slice(0, at), copy.slice(at + length));
    case 5:
      return joined(copy.slice(0, at + length), copy.slice(at));
    case 6:
      return copy.fill(0, at, at + length);
    default: {
      const part = copy.slice(at, at + length);
      return copy.copyWithin(at, dice.below(bytes.length), bytes.length).length > 0
        ? joined(copy.slice(0, at), part.reverse(), copy.slice(at + length))
        : copy;
    }
  }
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(Buffer.concat(parts));
}

/** Another number, word or sign in the place of one. */
function token(text: string, dice: Dice): string | undefined {
  const tokens = [...text.matchAll(/-?\d+(?:\.\d+)?|[A-Za-z_]\w*|[^\s\w]/g)];
  if (tokens.length === 0) return undefined;
  const { 0: old, index } = dice.pick(tokens);
  const other = dice.pick([
    '0',
    '1',
    '-1',
    '2',
    '1e999',
    '-0',
    'null',
    '""',
    '[]',
    '{}',
    'NaN',
    '99999999999',
    dice.pick(tokens)[0],
  ]);
  return text.slice(0, index) + other + text.slice(index + old.length);
}

const STRANGE: readonly unknown[] = [
  ...[
    null,
    0,
    -1,
    0.5,
    1e9,
    2 ** 53,
    1e308,
    '',
    'x',
    'aux',
    '../../etc/passwd',
    '\ud800',
    '__proto__',
    true,
    [],
    {},
    [null],
    [[]],
  ],
  ...[{ at: 0, count: 1e9, bytes: 8 }, 'constructor', -2147483649, [0, -1], { length: 3 }],
];

/** Damages data as a careless or hostile program does: values of other kinds, fields that are missing, renamed or too many, deep nesting. */
export function mutateData(data: unknown, dice: Dice): unknown {
  const copy: unknown = structuredClone(data);
  const places: { readonly holder: Record<string, unknown>; readonly key: string }[] = [];
  const visit = (holder: unknown): void => {
    if (typeof holder !== 'object' || holder === null) return;
    for (const key of Object.keys(holder)) {
      places.push({ holder: holder as Record<string, unknown>, key });
      visit((holder as Record<string, unknown>)[key]);
    }
  };
  visit(copy);
  for (let times = dice.pick([1, 1, 2, 3]); times > 0 && places.length > 0; times--) {
    const { holder, key } = dice.pick(places);
    const value = holder[key];
    switch (dice.below(7)) {
      case 0:
        if (Array.isArray(holder)) holder.splice(Number(key), 1);
        else delete holder[key];
        break;
      case 1:
        holder[`${key}x`] = value;
        break;
      case 2:
        holder[key] = typeof value === 'number' ? value + dice.pick([1, -1, 0.5, 1000]) : dice.pick(STRANGE);
        break;
      case 3: {
        const other = dice.pick(places);
        holder[key] = structuredClone(other.holder[other.key]);
        break;
      }
      case 4:
        holder[key] = Array.isArray(value) ? [...value, ...value] : [value];
        break;
      case 5: {
        let deep: unknown = value;
        for (let depth = dice.pick([2, 50, 300, 20_000]); depth > 0; depth--) deep = [deep];
        holder[key] = deep;
        break;
      }
      default:
        holder[key] = dice.pick(STRANGE);
    }
  }
  return copy;
}

/** JSON text of data however deep: `JSON.stringify` would overflow the stack. */
export function deepJson(data: unknown): string {
  try {
    return JSON.stringify(data);
  } catch {
    const parts: string[] = [];
    const stack: (string | { readonly value: unknown })[] = [{ value: data }];
    for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
      if (typeof top === 'string') parts.push(top);
      else if (Array.isArray(top.value)) {
        const items = top.value.flatMap((value, j) => (j === 0 ? [{ value }] : [',', { value }]));
        stack.push(']', ...items.reverse(), '[');
      } else if (typeof top.value === 'object' && top.value !== null) {
        const fields = Object.entries(top.value).flatMap(([key, value], j) => [
          `${j === 0 ? '' : ','}${JSON.stringify(key)}:`,
          { value },
        ]);
        stack.push('}', ...fields.reverse(), '{');
      } else parts.push(JSON.stringify(top.value) ?? 'null');
    }
    return parts.join('');
  }
}
