import type { ModuleBuilder } from '../hdl/module-builder.ts';
import type { Signal } from '../hdl/signal.ts';

/** The larger of two numbers. */
export function larger(m: ModuleBuilder, a: Signal, b: Signal): Signal {
  if (a.lo >= b.hi) return a;
  if (b.lo >= a.hi) return b;
  return m.mux(m.less(a, b), b, a);
}

/** The smaller of two numbers. */
export function smaller(m: ModuleBuilder, a: Signal, b: Signal): Signal {
  if (a.hi <= b.lo) return a;
  if (b.hi <= a.lo) return b;
  return m.mux(m.less(a, b), a, b);
}

/** One of all numbers, by a tree. */
export function treeOf(
  m: ModuleBuilder,
  all: readonly Signal[],
  of: (m: ModuleBuilder, a: Signal, b: Signal) => Signal,
): Signal {
  let open = [...all];
  while (open.length > 1) {
    const next: Signal[] = [];
    for (let j = 0; j + 1 < open.length; j += 2) next.push(of(m, open[j], open[j + 1]));
    if (open.length % 2 === 1) next.push(open[open.length - 1]);
    open = next;
  }
  return open[0];
}
