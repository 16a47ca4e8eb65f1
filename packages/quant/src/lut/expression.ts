/**
 * Functions of one variable as text: the serialisable form of what a table computes.
 *
 * A separate entry point, because the expression parser is large: whoever uses it installs `mathjs` beside this package.
 */
import type { MathNode } from 'mathjs/number';

const { all, create } = await import('mathjs/number').catch((cause: unknown) => {
  throw new Error("'@sp/quant/expression' reads formulas with mathjs, which is not here: npm install mathjs", {
    cause,
  });
});
const math = create(all);

/**
 * Functions that may be called, with their fewest and most arguments: total functions of real numbers, and nothing that reads or changes anything.
 */
const FUNCTIONS: Readonly<Record<string, readonly [least: number, most: number]>> = {
  ...each(
    [1, 1],
    'abs acos acosh asin asinh atan atanh cbrt cos cosh erf exp expm1 log10 log1p log2 sign sin sinh sqrt square tan tanh',
  ),
  // With a number of digits behind.
  ...each([1, 2], 'ceil fix floor round'),
  ...each([1, 2], 'log'),
  ...each([2, 2], 'atan2 mod pow'),
  ...each([1, Number.POSITIVE_INFINITY], 'max min'),
};

/** Those whose second argument has to be a whole number that is written out. */
const DIGITS: ReadonlySet<string> = new Set(['ceil', 'fix', 'floor', 'round']);

/** What operators may do: arithmetic and comparisons, by the names mathjs gives them. */
const OPERATORS: ReadonlySet<string> = new Set(
  'add subtract multiply divide pow mod unaryMinus unaryPlus larger smaller largerEq smallerEq equal unequal and or xor not'.split(
    ' ',
  ),
);

const NODES: ReadonlySet<string> = new Set([
  'ConstantNode',
  'SymbolNode',
  'OperatorNode',
  'ParenthesisNode',
  'FunctionNode',
  'ConditionalNode',
  'RelationalNode',
]);
const SYMBOLS: ReadonlySet<string> = new Set(['x', 'pi', 'e']);

/** Longest text: what is longer is no formula that someone wrote, and could exhaust the stack. */
const LONGEST = 4096;

/** Where a new function is tried. */
const PROBES = [0, 1, -1, 0.5, -2.75, 1e3];

function each(count: readonly [number, number], names: string): Record<string, readonly [number, number]> {
  return Object.fromEntries(names.split(' ').map((name) => [name, count]));
}

/** An expression that is not a function of `x`. */
export class ExpressionError extends Error {
  readonly expression: string;
  constructor(expression: string, problem: string, options?: ErrorOptions) {
    const shown = expression.length > 80 ? `${expression.slice(0, 80)}…` : expression;
    super(`expression "${shown}": ${problem}`, options);
    this.name = 'ExpressionError';
    this.expression = expression;
  }
}

/**
 * The function of `x` that a mathjs expression writes, on plain numbers. Allowed are numbers, `x`, `pi`, `e`, operators, comparisons, `a ? b : c` and the usual
 * functions of real numbers. All is checked here; the function itself gives NaN where the formula has no real value.
 *
 * @throws ExpressionError for anything else, naming it
 * @example expressionFunction('1 / (1 + exp(-x))')(0) // 0.5
 */
export function expressionFunction(expression: string): (x: number) => number {
  if (typeof expression !== 'string' || expression.length > LONGEST) {
    throw new ExpressionError(
      String(expression).slice(0, 60),
      `write a formula in x as a text of at most ${LONGEST} characters`,
    );
  }
  const code = compiled(expression);
  const evaluate = (x: number): number => {
    const y = code.evaluate({ x });
    if (typeof y === 'boolean') return y ? 1 : 0;
    if (typeof y !== 'number')
      throw new ExpressionError(expression, `gives ${String(y)} at ${x}; write a real function`);
    return y;
  };
  for (const x of PROBES) guarded(expression, () => evaluate(x));
  return (x) => guarded(expression, () => evaluate(x));
}

function compiled(expression: string): { evaluate(scope: object): unknown } {
  return guarded(expression, () => {
    const tree = math.parse(expression);
    tree.traverse((node, path) => {
      const problem = problemOf(node, path);
      if (problem !== undefined) throw new ExpressionError(expression, problem);
    });
    return tree.compile();
  });
}

/** Whatever the library says of an expression is an error in it. */
function guarded<Result>(expression: string, work: () => Result): Result {
  try {
    return work();
  } catch (cause) {
    if (cause instanceof ExpressionError) throw cause;
    throw new ExpressionError(expression, cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

type Node = MathNode & {
  readonly name?: string;
  readonly fn?: unknown;
  readonly op?: string;
  readonly args?: readonly (MathNode & { readonly value?: unknown })[];
  readonly value?: unknown;
};

/** What is not allowed in a node, if anything. */
function problemOf(node: Node, path: string): string | undefined {
  const { type, name = '' } = node;
  if (!NODES.has(type)) return `${type} is not allowed; write a formula in x`;
  if (type === 'ConstantNode' && typeof node.value !== 'number' && typeof node.value !== 'boolean') {
    return node.value === undefined ? 'is empty; write a formula in x' : `${String(node.value)} is no number`;
  }
  if (type === 'OperatorNode' && !OPERATORS.has(String(node.fn))) {
    return `operator ${node.op} is not allowed; use + - * / ^ % and comparisons`;
  }
  if (type === 'SymbolNode' && path !== 'fn' && !SYMBOLS.has(name)) return `unknown symbol ${name}; use x, pi or e`;
  if (type !== 'FunctionNode') return undefined;
  if (!Object.hasOwn(FUNCTIONS, name)) {
    return `unknown function ${name}; use one of ${Object.keys(FUNCTIONS).sort().join(', ')}`;
  }
  const [least, most] = FUNCTIONS[name];
  const args = node.args ?? [];
  if (args.length < least || args.length > most) {
    const count =
      least === most ? least : most === Number.POSITIVE_INFINITY ? `${least} or more` : `${least} or ${most}`;
    return `${name} has ${args.length} arguments; give it ${count}`;
  }
  const digits = args[1]?.value;
  if (DIGITS.has(name) && args.length === 2 && !(Number.isInteger(digits) && (digits as number) <= 15)) {
    return `the second argument of ${name} is no whole number from 0 to 15`;
  }
  return undefined;
}
