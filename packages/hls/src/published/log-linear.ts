/** `exp(intercept + Σ weights · (features − means))`: a product of powers, fitted by least squares on logarithms with a small penalty on the weights. */
export interface LogLinear {
  readonly means: readonly number[];
  readonly weights: readonly number[];
  readonly intercept: number;
  /** Median relative error of the fit on its own data. */
  readonly medianError: number;
}

/** A `LogLinear` and what is left over near each of its rows. */
export interface NearFit {
  readonly trend: LogLinear;
  readonly places: readonly (readonly number[])[];
  readonly weights: readonly number[];
}

/** Variance of what is particular to a row, relative to what it shares with its neighbours. */
const PARTICULAR = 0.3;

/**
 * `fitLogLinear`, and then what it leaves, as far as neighbours agree about it: Gaussian process regression (kriging) of the residuals with a squared exponential kernel.
 *
 * @param places of each row; half a unit apart they are neighbours
 */
export function fitNear(
  features: readonly (readonly number[])[],
  places: readonly (readonly number[])[],
  values: readonly number[],
): NearFit {
  const trend = fitLogLinear(features, values);
  const left = features.map((row, r) => Math.log(Math.max(values[r], 1) / predictLogLinear(trend, row)));
  const matrix = places.map((a, i) => places.map((b, j) => likeness(a, b) + (i === j ? PARTICULAR : 0)));
  return { trend, places, weights: solve(matrix, left) };
}

/** What the model says for one row. */
export function predictNear(
  { trend, places, weights }: NearFit,
  features: readonly number[],
  place: readonly number[],
): number {
  const left = places.reduce((sum, other, r) => sum + weights[r] * likeness(place, other), 0);
  return predictLogLinear(trend, features) * Math.exp(left);
}

function likeness(a: readonly number[], b: readonly number[]): number {
  return Math.exp(-2 * a.reduce((sum, x, d) => sum + (x - b[d]) ** 2, 0));
}

/**
 * Fits positive values. The penalty acts on standardised features, so it does not depend on their units.
 *
 * @param features one list per value, all of one length
 * @param penalty default 0.3
 */
export function fitLogLinear(
  features: readonly (readonly number[])[],
  values: readonly number[],
  penalty = 0.3,
): LogLinear {
  const count = features[0].length;
  const rows = features.length;
  const column = (j: number) => features.map((row) => row[j]);
  const means = Array.from({ length: count }, (_, j) => mean(column(j)));
  const scales = Array.from(
    { length: count },
    (_, j) => Math.sqrt(mean(column(j).map((x) => (x - means[j]) ** 2))) || 1,
  );
  const z = features.map((row) => row.map((x, j) => (x - means[j]) / scales[j]));
  const logs = values.map((value) => Math.log(Math.max(value, 1)));
  const intercept = mean(logs);
  const normal = Array.from({ length: count }, (_, i) =>
    Array.from({ length: count }, (__, j) => {
      let sum = i === j ? penalty : 0;
      for (let r = 0; r < rows; r++) sum += z[r][i] * z[r][j];
      return sum;
    }),
  );
  const right = Array.from({ length: count }, (_, i) =>
    z.reduce((sum, row, r) => sum + row[i] * (logs[r] - intercept), 0),
  );
  const weights = solve(normal, right).map((weight, j) => weight / scales[j]);
  const model = { means, weights, intercept, medianError: 0 };
  const errors = features.map((row, r) => relativeError(predictLogLinear(model, row), values[r]));
  return { ...model, medianError: median(errors) };
}

/** What the model says for one list of features. */
export function predictLogLinear({ means, weights, intercept }: LogLinear, features: readonly number[]): number {
  return Math.exp(intercept + weights.reduce((sum, weight, j) => sum + weight * (features[j] - means[j]), 0));
}

/** `|estimate − value| / value`; values below 1 count as 1. */
export function relativeError(estimate: number, value: number): number {
  return Math.abs(estimate - value) / Math.max(value, 1);
}

/** The middle of a list; NaN for none. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  if (sorted.length === 0) return Number.NaN;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Solves a symmetric positive definite system by elimination. */
export function solve(matrix: readonly (readonly number[])[], right: readonly number[]): number[] {
  const a = matrix.map((row, i) => [...row, right[i]]);
  const n = a.length;
  for (let p = 0; p < n; p++) {
    for (let i = p + 1; i < n; i++) {
      const factor = a[i][p] / a[p][p];
      for (let j = p; j <= n; j++) a[i][j] -= factor * a[p][j];
    }
  }
  const x = new Array<number>(n).fill(0);
  for (let i = n - 1; i >= 0; i--) {
    let sum = a[i][n];
    for (let j = i + 1; j < n; j++) sum -= a[i][j] * x[j];
    x[i] = sum / a[i][i];
  }
  return x;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
