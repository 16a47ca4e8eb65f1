/**
 * Functions of one variable as text: the serialisable form of what a table computes.
 *
 * A separate entry point, because the expression parser is large.
 */
import { all, create, type MathNode } from 'mathjs/number';

const math = create(all);

/** Functions that may be called: total functions of real numbers, and nothing that reads or changes anything. */
const FUNCTIONS: ReadonlySet<string> = new Set([
  'abs',
  'acos',
  'acosh',
  'asin',
  'asinh',
  'atan',
  'atan2',
  'atanh',
  'cbrt',
  'ceil',
  'cos',
  'cosh',
  'erf',
  'exp',
  'expm1',
  'fix',
  'floor',
  'log',
  'log10',
  'log1p',
  'log2',
  'max',
  'min',
  'mod',
  'pow',
  'round',
  'sign',
  'sin',
  'sinh',
  'sqrt',
  'square',
  'tan',
  'tanh',
]);
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

/** An expression that is not a function of `x`. */
export class ExpressionError extends Error {
  readonly expression: string;
  constructor(expression: string, problem: string, options?: ErrorOptions) {
    super(`expression "${expression}": ${problem}`, options);
    this.name = 'ExpressionError';
    this.expression = expression;
  }
}

/**
 * The function of `x` that a mathjs expression writes, on plain numbers. Allowed are numbers, `x`, `pi`, `e`, operators, comparisons, `a ? b : c` and the usual
 * functions of real numbers.
 *
 * @throws ExpressionError for anything else, naming it
 * @example expressionFunction('1 / (1 + exp(-x))')(0) // 0.5
 */
export function expressionFunction(expression: string): (x: number) => number {
  let tree: MathNode;
  try {
    tree = math.parse(expression);
  } catch (cause) {
    throw new ExpressionError(expression, (cause as Error).message, { cause });
  }
  tree.traverse((node, path) => {
    const { type, name } = node as MathNode & { name?: string };
    if (!NODES.has(type)) throw new ExpressionError(expression, `${type} is not allowed; write a formula in x`);
    if (type === 'FunctionNode' && !FUNCTIONS.has(name ?? '')) {
      throw new ExpressionError(expression, `unknown function ${name}; use one of ${[...FUNCTIONS].join(', ')}`);
    }
    if (type === 'SymbolNode' && path !== 'fn' && !SYMBOLS.has(name ?? '')) {
      throw new ExpressionError(expression, `unknown symbol ${name}; use x, pi or e`);
    }
  });
  const code = tree.compile();
  return (x) => {
    const y: unknown = code.evaluate({ x });
    if (typeof y === 'boolean') return y ? 1 : 0;
    if (typeof y !== 'number')
      throw new ExpressionError(expression, `gives ${String(y)} at ${x}; write a real function`);
    return y;
  };
}
