import { parseJson } from '@sp/quant/files';

const special: Readonly<Record<string, number>> = {
  Infinity: Number.POSITIVE_INFINITY,
  '-Infinity': Number.NEGATIVE_INFINITY,
  NaN: Number.NaN,
};

/** Marks a token that JSON has no word for; a bare NUL cannot occur inside JSON text. */
const mark = '\u0000';

/**
 * Parses JSON as Python writes it: with bare `Infinity`, `-Infinity` and `NaN` (hgq2 §5.10).
 *
 * @throws FileError when it is no JSON or nested too deep.
 */
export function parseTolerantJson(text: string): unknown {
  const strict = text.replace(/"(?:[^"\\]|\\.)*"|-?Infinity\b|\bNaN\b/g, (token) =>
    token.startsWith('"') ? token : JSON.stringify(mark + token),
  );
  parseJson(strict, 'its JSON');
  return JSON.parse(strict, (_, value) =>
    typeof value === 'string' && value.startsWith(mark) ? (special[value.slice(1)] ?? value) : value,
  );
}
