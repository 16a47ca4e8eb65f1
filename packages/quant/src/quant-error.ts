/**
 * A number, a format, a mode or a shape that the arithmetic cannot work with: NaN, a format of too many bits, an unknown
 * rounding mode. The message says which, and what would do. Graphs complain with `GraphError`, type names with
 * `TypeStringError`, expressions with `ExpressionError`.
 */
export class QuantError extends RangeError {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'QuantError';
  }
}
