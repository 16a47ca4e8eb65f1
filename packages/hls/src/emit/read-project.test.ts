import { graphBuilder } from '@sp/quant';
import { sealed } from '@sp/quant/files';
import { expect, it } from 'vitest';
import { FirmwareError } from '../errors.ts';
import { plan } from '../plan/plan.ts';
import { describeProject, printProject } from './project.ts';
import { parseProject } from './read-project.ts';

const builder = graphBuilder('net');
const x = builder.input('x', { shape: [4], format: { k: 0, i: 1, f: 7 } });
const y = builder.dense('y', x, { kernel: { shape: [4, 2], codes: [1, 2, 3, 4, -5, 6, 7, 8], f: 2 } });
const description = describeProject(plan(builder.build([y])));
const text = printProject(description);

it('gives back what was printed', () => {
  expect(parseProject(text, 'p')).toEqual(description);
});

it('notices any change', () => {
  for (let j = 0; j < text.length; j += 7) {
    const changed = `${text.slice(0, j)}${text[j] === '1' ? '2' : '1'}${text.slice(j + 1)}`;
    expect(() => parseProject(changed, 'p'), changed).toThrow(FirmwareError);
  }
});

it('reads version 1, which had no checksum', () => {
  const old = { ...description, version: 1 };
  expect(parseProject(JSON.stringify(old), 'p')).toEqual(old);
});

type Mutable = { [key: string]: Mutable } & Mutable[];
it.each<[string, (project: Mutable) => unknown, RegExp]>([
  [
    'a format that its type does not hold',
    (p) => (p.nodes[0].format.f = [8] as never),
    /"x": type .* does not hold its/,
  ],
  ['a shape that its format does not fit', (p) => (p.nodes[0].shape = [0] as never), /"x": shape is \[0\]/],
  ['a path for a name', (p) => (p.name = '../../x' as never), /name is "\.\.\/\.\.\/x", no identifier/],
  ['no nodes', (p) => delete (p as { nodes?: unknown }).nodes, /nodes are missing/],
  ['null for a node', (p) => (p.nodes[0] = null as never), /node 0: is none/],
  ['an output that is no node', (p) => (p.outputs = ['z'] as never), /outputs are \["z"\], no names of nodes/],
  ['an input that is none', (p) => (p.inputs = ['y'] as never), /inputs are \["y"\], but the input nodes \["x"\]/],
  ['other bytes', (p) => (p.nodes[0].bytes = 1 as never), /"x": bytes is 1, its type has 2/],
  ['an unknown mode', (p) => (p.nodes[0].round = 'UP' as never), /"x": round is "UP"/],
  ['another version', (p) => (p.version = 3 as never), /version 1 or 2/],
])('refuses %s, sealed or of version 1', (_, change, message) => {
  for (const version of [1, 2]) {
    const project = JSON.parse(JSON.stringify({ ...description, version })) as Mutable;
    change(project);
    const damaged = version === 1 ? JSON.stringify(project) : JSON.stringify(sealed(project));
    expect(() => parseProject(damaged, 'p')).toThrow(message);
  }
});
