/**
 * Ops from outside this package. A node of such an op is `{ op: 'extension', extension: <its name>, attributes: <its data>, … }`; what it means,
 * its author registers. Nothing is taken on trust: what an extension infers is checked as for every op, and every value it computes is held against
 * what it has inferred.
 */
import * as v from 'valibot';
import { GraphError } from '../graph/errors.ts';
import type { NodeFields } from '../graph/node.ts';
import { expandRanges } from '../graph/ranges.ts';
import type { Value } from '../interpret/values.ts';
import { QuantError } from '../quant-error.ts';
import type { Form, Inferred, OpDefinition, Runner } from './definition.ts';
import { data, name } from './form.ts';

/** Data of an extension's node: what JSON holds. */
export type AttributeValue =
  | string
  | number
  | boolean
  | null
  | readonly AttributeValue[]
  | { readonly [key: string]: AttributeValue };

/** An op from outside this package, which `registerOp` has made known. */
export interface ExtensionNode extends NodeFields {
  readonly op: 'extension';
  /** The name it was registered with. */
  readonly extension: string;
  readonly attributes: { readonly [key: string]: AttributeValue };
}

/** An op from outside. */
export interface OpExtension {
  /** What its nodes call it, e.g. `acme.clip`: letters, digits, `.`, `-`, `_`. */
  readonly name: string;
  /** Number of inputs, `many` for one or more. */
  readonly arity: number | 'many';
  /** Which kinds of value it takes. Default `dense`. */
  readonly takes?: 'dense' | 'list' | 'both';
  /** Whether it takes values that are still to be divided (see `divisor`). Default false. */
  readonly allowsDivisor?: boolean;
  /** What is wrong with a node's attributes, as the end of a sentence; nothing if they are right. They may come from a file. */
  check(attributes: ExtensionNode['attributes']): string | undefined;
  /**
   * Shape and exact ranges of the result: every code that can occur, from what is known of the inputs.
   *
   * @throws GraphError when the inputs do not fit
   */
  infer(node: ExtensionNode, inputs: readonly Inferred[]): Inferred;
  /** Prepares the computation on codes, once per graph. See `OpDefinition`. */
  prepare: OpDefinition<ExtensionNode>['prepare'];
}

/** The form of an extension's node. */
export const extensionForm: Form<ExtensionNode> = { extension: name, attributes: v.record(v.string(), data) };

const extensions = new Map<string, OpExtension>();

/**
 * Makes an op known, for graphs that use it: before they are built, loaded or interpreted. Registering the same object again changes nothing.
 *
 * @throws QuantError for a name that is none, or is another extension's
 * @example registerOp(clip); const y = g.extension('y', 'acme.clip', [x], { limit: 12 });
 */
export function registerOp(extension: OpExtension): void {
  const { name } = extension;
  if (!/^[A-Za-z][\w.-]*$/.test(name))
    throw new QuantError(`registerOp: ${JSON.stringify(name)} is no name: use letters, digits, ".", "-" and "_"`);
  const known = extensions.get(name);
  if (known !== undefined && known !== extension)
    throw new QuantError(`registerOp: there is another op "${name}" already; give yours its own name`);
  extensions.set(name, extension);
}

/** What an extension's node means. @throws GraphError naming the op that is not registered */
export function extensionDefinition(node: ExtensionNode): OpDefinition<ExtensionNode> {
  const extension = extensions.get(node.extension);
  if (extension === undefined) {
    const known = [...extensions.keys()];
    throw new GraphError(
      node.name,
      `its op "${node.extension}" is an extension that is not registered`,
      `import the module that calls registerOp for it before the graph is used (registered: ${known.join(', ') || 'none'})`,
    );
  }
  return {
    form: extensionForm,
    arity: extension.arity,
    allowsDivisor: extension.allowsDivisor ?? false,
    takes: extension.takes ?? 'dense',
    infer(own, inputs) {
      const problem = extension.check(own.attributes);
      if (problem !== undefined)
        throw new GraphError(own.name, `attributes of "${own.extension}": ${problem}`, 'correct them');
      return checkedInference(own, extension.infer(own, inputs));
    },
    prepare(own, inputs, inferred, wide) {
      return checkedRunner(own, inferred, wide, extension.prepare(own, inputs, inferred, wide));
    },
  };
}

/** @throws GraphError when what an extension says of its result is no such thing */
function checkedInference(node: ExtensionNode, inferred: Inferred): Inferred {
  const wrong = (what: string) =>
    new GraphError(node.name, `extension "${node.extension}" infers ${what}`, 'correct its infer');
  const { shape, ranges, divisor, bound } = inferred;
  if (!shape.every((size) => Number.isSafeInteger(size) && size > 0)) throw wrong(`shape [${shape}]`);
  if (!Number.isSafeInteger(divisor) || divisor < 1 || divisor % 2 === 0) throw wrong(`divisor ${divisor}`);
  const size = ranges.shape.reduce((product, length) => product * length, 1);
  const fits = ranges.shape.length === shape.length && ranges.shape.every((n, d) => n === 1 || n === shape[d]);
  if (!fits || [ranges.lo, ranges.hi, ranges.f].some(({ length }) => length !== size))
    throw wrong(`ranges of shape [${ranges.shape}] for shape [${shape}]`);
  for (let j = 0; j < size; j++) {
    const [lo, hi] = [ranges.lo[j], ranges.hi[j]];
    if (typeof lo !== 'bigint' || typeof hi !== 'bigint' || lo > hi || !Number.isInteger(ranges.f[j]))
      throw wrong(`range ${lo} … ${hi} with ${ranges.f[j]} fraction bits`);
    if (bound < hi || bound < -lo) throw wrong(`bound ${bound}, and a range ${lo} … ${hi} beyond it`);
  }
  return inferred;
}

/** Computes, and holds every code against the ranges that were inferred. */
function checkedRunner(node: ExtensionNode, own: Inferred, wide: boolean, run: Runner): Runner {
  const { shape, slots, ranges } = own;
  const per = slots === undefined ? shape : [1, 1, shape[2]];
  const limits = expandRanges(ranges, per).map(({ lo, hi }) =>
    wide ? { lo, hi } : { lo: Number(lo), hi: Number(hi) },
  );
  const size = slots === undefined ? limits.length : slots * shape[2];
  return (inputs, context) => {
    const result = run(inputs, context);
    checkValue(node, result.value, context.batch, size, slots);
    const { codes } = result.value;
    for (let j = 0, element = 0; j < codes.length; j++) {
      const code = codes[j];
      const { lo, hi } = limits[element];
      const right = wide ? typeof code === 'bigint' : Number.isInteger(code);
      if (!right || code < lo || code > hi) {
        throw new GraphError(
          node.name,
          `extension "${node.extension}" computed ${code} as element ${j % size} of image ${Math.floor(j / size)}`,
          `it has inferred ${lo} … ${hi}: correct its infer or its prepare`,
        );
      }
      if (++element === limits.length) element = 0;
    }
    return result;
  };
}

function checkValue(node: ExtensionNode, value: Value, batch: number, size: number, slots: number | undefined): void {
  const kind = slots === undefined ? 'dense' : 'list';
  if (value.kind === kind && value.batch === batch && value.codes.length === batch * size) return;
  throw new GraphError(
    node.name,
    `extension "${node.extension}" computed ${value.codes.length} codes of kind ${value.kind} for ${value.batch} images`,
    `give ${size} per image, kind ${kind}, for ${batch}`,
  );
}
