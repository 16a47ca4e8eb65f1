import { describe, expect, it } from 'vitest';
import { random } from '../../test/random.ts';
import { type DiagramLayout, type LayoutNode, layoutDiagram, ranksOf } from './diagram-layout.ts';

const sizes = { boxWidth: 180, boxHeight: 78, ranks: 7 };

/** A random network in which every node but the first takes one or two earlier values. */
function network(seed: number, length: number): readonly LayoutNode[] {
  const next = random(seed);
  return Array.from({ length }, (_, index) => {
    const far = Math.floor(next() * index);
    const inputs = index === 0 ? [] : next() < 0.3 ? [...new Set([index - 1, far])] : [index - 1];
    return { name: `n${index}`, inputs: inputs.map((input) => `n${input}`), layer: `l${Math.floor(index / 3)}` };
  });
}

/** True when a straight piece of a connection enters the inside of a box. */
function enters(layout: DiagramLayout, [ax, ay]: readonly number[], [bx, by]: readonly number[]): boolean {
  const [left, right, top, bottom] = [Math.min(ax, bx), Math.max(ax, bx), Math.min(ay, by), Math.max(ay, by)];
  return layout.nodes.some(
    ({ x, y }) => right > x + 1 && left < x + sizes.boxWidth - 1 && bottom > y + 1 && top < y + sizes.boxHeight - 1,
  );
}

describe('layoutDiagram', () => {
  it('ranks nodes by the longest way from an input', () => {
    const nodes = [
      { name: 'a', inputs: [] },
      { name: 'b', inputs: ['a'] },
      { name: 'c', inputs: ['a', 'b'] },
    ];
    expect([...ranksOf(nodes)]).toEqual([
      ['a', 0],
      ['b', 1],
      ['c', 2],
    ]);
  });

  it.each([1, 2, 3, 4, 5, 6])('keeps boxes apart, inside the picture and free of connections (%i)', (seed) => {
    const nodes = network(seed, 5 * seed);
    const layout = layoutDiagram(nodes, sizes);
    for (const [index, { x, y }] of layout.nodes.entries()) {
      expect(x).toBeGreaterThanOrEqual(0);
      expect(y).toBeGreaterThanOrEqual(0);
      expect(x + sizes.boxWidth).toBeLessThanOrEqual(layout.width);
      expect(y + sizes.boxHeight).toBeLessThanOrEqual(layout.height);
      for (const other of layout.nodes.slice(index + 1)) {
        expect(Math.abs(other.x - x) >= sizes.boxWidth || Math.abs(other.y - y) >= sizes.boxHeight).toBe(true);
      }
    }
    for (const { points } of layout.edges) {
      for (const [at, point] of points.slice(1).entries()) {
        expect(point[0] === points[at][0] || point[1] === points[at][1]).toBe(true);
        expect(enters(layout, points[at], point)).toBe(false);
        expect(point[0]).toBeLessThanOrEqual(layout.width);
        expect(point[1]).toBeGreaterThanOrEqual(0);
      }
    }
    expect(layout.edges).toHaveLength(nodes.reduce((sum, { inputs }) => sum + inputs.length, 0));
  });
});
