import { type QuantizerSettings, qkerasQuantizer } from './make-quantizer.ts';
import { type QKerasQuantizer, type QuantizerValue, quantizerParameters } from './quantizer-spec.ts';

/** A string that is no QKeras quantizer. */
export class QuantizerStringError extends Error {
  constructor(text: string, problem: string, options?: ErrorOptions) {
    super(`'${text}': ${problem} Write it as 'quantized_bits(4,0,1,alpha=1)'.`, options);
    this.name = 'QuantizerStringError';
  }
}

/**
 * Reads a quantizer in QKeras' string form: `quantized_bits(4, 0, 1, alpha='auto_po2')`, `hard_sigmoid`.
 *
 * Python literals only: numbers, quoted strings, True, False, None; positional arguments come first. Names may be in the spelling that TensorFlow.js
 * turns all text of a saved model into, `quantizedBits(4,0,keepNegative=True,alpha='autoPo2')`.
 *
 * @throws QuantizerStringError naming the text and what is wrong with it
 */
export function parseQuantizer(text: string): QKerasQuantizer {
  const fail = (problem: string): never => {
    throw new QuantizerStringError(text, problem);
  };
  const [, name, inner] =
    /^\s*([A-Za-z_]\w*)\s*(?:\((.*)\))?\s*$/s.exec(snakeCase(text)) ?? fail('it is not a name with arguments.');
  if (!Object.hasOwn(quantizerParameters, name)) {
    fail(`'${name}' is no QKeras quantizer (${Object.keys(quantizerParameters).join(', ')}).`);
  }
  const parameters = quantizerParameters[name as keyof typeof quantizerParameters];
  const settings: Record<string, QuantizerValue> = {};
  let named = false;
  for (const [position, item] of splitArguments(inner ?? '', fail).entries()) {
    const [, key, literal] = /^\s*(?:([A-Za-z_]\w*)\s*=)?\s*(.*?)\s*$/s.exec(item) as unknown as string[];
    if (key == null && named) fail(`argument ${position + 1} has no name but follows one that has.`);
    named ||= key != null;
    const parameter = key == null ? parameters[position] : parameters.find(({ python }) => python === key);
    if (parameter == null) {
      throw new QuantizerStringError(
        text,
        key == null ? `it takes ${parameters.length} arguments.` : `it has no argument '${key}'.`,
      );
    }
    if (Object.hasOwn(settings, parameter.python)) fail(`argument '${parameter.python}' is given twice.`);
    settings[parameter.python] = literalOf(literal, fail);
  }
  return build(text, name, settings);
}

/** No name or value of QKeras has a small letter before a capital, and one has an underscore before a digit. */
function snakeCase(text: string): string {
  return text
    .replaceAll(/([a-z0-9])([A-Z])/g, (_, before: string, capital: string) => `${before}_${capital.toLowerCase()}`)
    .replaceAll(/\buse01\b/g, 'use_01');
}

function build(text: string, name: string, settings: QuantizerSettings): QKerasQuantizer {
  try {
    return qkerasQuantizer(name, settings);
  } catch (cause) {
    throw new QuantizerStringError(text, (cause as Error).message, { cause });
  }
}

/** Prints a quantizer in QKeras' string form, settings with their defaults left out. */
export function printQuantizer(quantizer: QKerasQuantizer): string {
  const parameters = quantizerParameters[quantizer.name].filter(({ role }) => role == null);
  const values = quantizer as unknown as QuantizerSettings;
  const changed = parameters.filter(({ key, initial }) => values[key] !== initial);
  if (parameters.length === 0) return quantizer.name;
  const all = quantizerParameters[quantizer.name];
  // Leading arguments are written by position, as everybody does: bits and integer.
  const positional = all.findIndex((parameter) => !['bits', 'integer'].includes(parameter.python));
  const items = all
    .slice(0, positional)
    .map(({ key }) => pythonLiteral(values[key]))
    .concat(
      changed
        .filter((parameter) => all.indexOf(parameter) >= positional)
        .map(({ python, key }) => `${python}=${pythonLiteral(values[key])}`),
    );
  return `${quantizer.name}(${items.join(',')})`;
}

/** Splits at commas outside quotes and brackets. */
function splitArguments(text: string, fail: (problem: string) => never): readonly string[] {
  if (text.trim() === '') return [];
  const items: string[] = [];
  let quote = '';
  let start = 0;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (quote !== '') {
      if (character === quote) quote = '';
    } else if (character === "'" || character === '"') quote = character;
    else if ('()[]{}'.includes(character))
      fail(`'${character}' inside the arguments: only plain values are understood.`);
    else if (character === ',') {
      items.push(text.slice(start, at));
      start = at + 1;
    }
  }
  if (quote !== '') fail('a quote is not closed.');
  items.push(text.slice(start));
  if (items.some((item) => item.trim() === '')) fail('an argument is empty.');
  return items;
}

function literalOf(text: string, fail: (problem: string) => never): QuantizerValue {
  if (text === 'True') return true;
  if (text === 'False') return false;
  if (text === 'None') return null;
  const quoted = /^(['"])(.*)\1$/s.exec(text);
  if (quoted != null) return quoted[2];
  if (/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)) return Number(text);
  // QKeras' own printing leaves quotes out.
  if (/^(auto|auto_po2|rnd|floor)$/.test(text)) return text;
  return fail(`'${text}' is no number, quoted text, True, False or None.`);
}

function pythonLiteral(value: QuantizerValue): string {
  if (typeof value === 'string') return `'${value}'`;
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  return value === null ? 'None' : String(value);
}
