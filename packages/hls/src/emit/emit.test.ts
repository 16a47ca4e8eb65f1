import { graphBuilder } from '@sp/quant';
import { digitsGraph, digitsImages } from '@sp/test-graphs';
import { describe, expect, it } from 'vitest';
import { plan } from '../plan/plan.ts';
import { emit } from './emit.ts';
import { goldenVectors } from './golden.ts';

const graph = digitsGraph();
const golden = goldenVectors(graph, digitsImages(2));

describe('emit', () => {
  it('gives the files of a project', () => {
    const files = emit(plan(graph), { golden });
    expect([...files.keys()].filter((path) => !path.startsWith('firmware/sp/'))).toMatchSnapshot();
    expect(files.get('firmware/sp/sp_fixed.h')).toContain('namespace sp');
  });

  it('gives the same bytes for the same graph', () => {
    const texts = () => [...emit(plan(digitsGraph()), { golden: goldenVectors(graph, digitsImages(2)) })];
    expect(texts()).toEqual(texts());
  });

  it('draws the network above the top function', () => {
    expect(emit(plan(graph)).get('firmware/digits.cpp')?.split('#include')[0]).toMatchSnapshot();
  });

  it('changes with a factor only where the factor stands', () => {
    const before = emit(plan(graph));
    const after = emit(plan(graph, { layerName: { conv1: { pixelParallelFactor: 6 } } }));
    const changed = [...before.keys()].filter((path) => before.get(path) !== after.get(path));
    expect(changed).toEqual(['firmware/digits.cpp', 'firmware/parameters.h', 'project.json']);
    expect(after.get('firmware/parameters.h')).toContain('pixel_parallel = 6, filter_parallel = 4');
  });

  it('stores weights of the resource strategy by output', () => {
    const g = graphBuilder('order');
    const x = g.input('x', { shape: [2], format: { k: 1, i: 2, f: 2 } });
    const small = g.build([g.dense('y', x, { kernel: { shape: [2, 3], codes: [1, 2, 3, 4, 5, 6], f: 0 } })]);
    expect(emit(plan(small, { model: { strategy: 'latency' } })).get('firmware/weights/y_kernel.h')).toContain(
      ' 1, 2, 3, 4, 5, 6,',
    );
    const reused = emit(plan(small, { model: { reuseFactor: 2 } }));
    expect(reused.get('firmware/weights/y_kernel.h')).toContain(' 1, 4, 2, 5, 3, 6,');
  });

  it('keeps one reader per value in a dataflow region', () => {
    const g = graphBuilder('fork');
    const x = g.input('x', { shape: [2], format: { k: 1, i: 2, f: 2 } });
    const a = g.relu('a', x);
    const shared = g.build([a, g.relu('b', a), x]);
    const top = (style: 'dataflow' | 'pipeline') =>
      emit(plan(shared, { model: { pipelineStyle: style } })).get('firmware/fork.cpp') as string;
    expect(top('pipeline')).not.toContain('_copy');
    expect(top('dataflow')).toMatch(
      /sp::fork<2>\(a, a_copy1, a_copy2\)[\s\S]*sp::relu<2>\(a_copy1, b\)[\s\S]*sp::copy<2>\(a_copy2, a_port\)/,
    );
  });

  it('writes a top function of streams', () => {
    const files = emit(plan(graph, { model: { ioType: 'io_stream' } }));
    const [, top] = (files.get('firmware/digits.cpp') as string).split('// Simulation');
    expect(top).toMatchSnapshot();
    expect(files.get('firmware/defines.h')).toContain('typedef sp::slot_packet<conv1_t> conv1_packet;');
  });

  it('says which golden output is missing', () => {
    expect(() => emit(plan(graph), { golden: { inputs: golden.inputs, outputs: {} } })).toThrow(
      /nothing for output "dense2_out"/,
    );
  });
});
