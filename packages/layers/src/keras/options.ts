import { LayerError } from '../layer-error.ts';
import type { JsonObject } from './json-object.ts';

/** Settings that say nothing about what an imported layer computes: its weights come from the file. */
const withoutEffect = /^(name|dtype|autocast|.*_initializer|seed|lora_rank|lora_alpha|shared_object_id)$/;

/**
 * Settings of one layer, read one by one. `done` refuses a file whose layer has a setting that nobody asked for: no
 * option is dropped in silence.
 */
export class Options {
  readonly where: string;
  /** Tells what the import changes or leaves out: `where` and a sentence. */
  readonly note: (message: string) => void;
  private readonly values: JsonObject;
  private readonly asked = new Set<string>();

  constructor(values: JsonObject, where: string, note: (message: string) => void = () => {}) {
    this.values = values;
    this.where = where;
    this.note = note;
  }

  /** Whether the setting is there. */
  has(key: string): boolean {
    return this.values[key] !== undefined;
  }

  /** The value as it is; `undefined` when absent. */
  raw(key: string): unknown {
    this.asked.add(key);
    return this.values[key];
  }

  number(key: string, fallback?: number): number {
    return this.typed(key, fallback, (value): value is number => typeof value === 'number', 'a number');
  }

  boolean(key: string, fallback?: boolean): boolean {
    return this.typed(key, fallback, (value): value is boolean => typeof value === 'boolean', 'true or false');
  }

  string(key: string, fallback?: string): string {
    return this.typed(key, fallback, (value): value is string => typeof value === 'string', 'text');
  }

  numbers(key: string): readonly number[] {
    const value = this.raw(key);
    if (typeof value === 'number') return [value];
    if (Array.isArray(value) && value.every((entry) => typeof entry === 'number')) return value;
    return this.fail(key, 'a list of numbers');
  }

  /** One number or a list, as our layers take axes. */
  axes(key: string): number | readonly number[] {
    const list = this.numbers(key);
    return typeof this.values[key] === 'number' ? list[0] : list;
  }

  /** Settings inside a setting. */
  inner(key: string): Options {
    const value = this.raw(key);
    if (value === null || typeof value !== 'object') return this.fail(key, 'an object');
    return new Options(value as JsonObject, `${this.where}: ${key}`, this.note);
  }

  /** Name of an activation, however Keras wrote it, in our spelling: `hard_sigmoid` → `hardSigmoid`. */
  activation(key = 'activation'): string {
    const value = this.raw(key) ?? 'linear';
    const { config, class_name: className } = value as JsonObject;
    const name = className === 'function' ? config : value;
    if (typeof name !== 'string') return this.fail(key, 'the name of a function');
    const spelt = name.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase());
    return { silu: 'swish', exponential: 'exp' }[spelt] ?? spelt;
  }

  /** Accepts a setting that has no counterpart here only with a value that changes nothing. */
  expect(key: string, ...allowed: readonly unknown[]): void {
    const value = this.raw(key);
    if (value == null || allowed.some((entry) => JSON.stringify(entry) === JSON.stringify(value))) return;
    this.fail(key, allowed.map((entry) => JSON.stringify(entry)).join(' or '));
  }

  /** @throws when a setting with an effect was not asked for. */
  done(): void {
    for (const [key, value] of Object.entries(this.values)) {
      if (this.asked.has(key) || value === null || withoutEffect.test(key)) continue;
      throw new LayerError(
        `${this.where}: the option ${key} = ${JSON.stringify(value)} is not supported. Save the model without it.`,
        { option: key, value: this.values[key] },
      );
    }
  }

  /** @throws naming the layer, the setting, its value and what was expected. */
  fail(key: string, expected: string): never {
    throw new LayerError(`${this.where}: ${key} = ${JSON.stringify(this.values[key])}; expected ${expected}.`, {
      option: key,
      value: this.values[key],
    });
  }

  /** An error that is not about the value of a setting. */
  problem(text: string, option: string): LayerError {
    return new LayerError(`${this.where}: ${text}.`, { option });
  }

  private typed<T>(key: string, fallback: T | undefined, is: (value: unknown) => value is T, expected: string): T {
    const value = this.raw(key);
    if (value === undefined && fallback !== undefined) return fallback;
    return is(value) ? value : this.fail(key, expected);
  }
}
