import type { ReportRun } from '../src/index.ts';
import { digitImages, digitLabels } from './digits.ts';
import {
  activePixelsSample,
  answersSample,
  diagramSample,
  digitClasses,
  ebopsSample,
  historySample,
  jetSample,
  layerOutputSample,
  paretoSample,
  planSample,
  profileSample,
  tensorSample,
} from './samples.ts';

/** A run that fills every part of the report. */
export const reportSample: ReportRun = {
  name: 'digits',
  description:
    'A sparse quantised network trained on the UCI digits as sparse 28×28 images. 1,437 training and 360 test images.',
  facts: [
    { label: 'test accuracy', value: '94.2 %', note: 'fixed point, 360 images' },
    { label: 'n', value: 24, note: 'pixels kept per image' },
    { label: 'threshold', value: 0.444 },
    { label: 'EBOPs', value: 5641 },
    { label: 'weight bits', value: 8120 },
    { label: 'mismatches', value: 0, note: 'in all layers, all views', tone: 'good' },
  ],
  activePixels: { rows: activePixelsSample, n: 24, threshold: 0.41 },
  examples: { images: digitImages, shape: [28, 28, 1], n: 20, threshold: 0.5, labels: digitLabels },
  history: historySample,
  pareto: paretoSample,
  answers: { ...answersSample, classes: digitClasses },
  roc: jetSample,
  graph: diagramSample,
  layerOutputs: layerOutputSample,
  tensors: tensorSample,
  ebops: ebopsSample,
  profile: profileSample,
  verification: ['reduce', 'conv1', 'pool1', 'conv2', 'pool2', 'dense1', 'dense2'].map((name, index) => ({
    name,
    compared: 360 * [24, 96, 96, 96, 96, 24, 10][index],
    mismatches: { 'training vs interpreter': 0, 'interpreter vs C++': 0 },
  })),
  plan: {
    title: 'Plan',
    note: 'Decisions per layer; factors change cost, never values.',
    columns: ['layer', 'strategy', 'reuse factor', 'parallelization factor', 'latency (cycles)', 'LUT'],
    rows: [
      ['conv1', 'latency', 1, 24, 9, 4210],
      ['conv2', 'latency', 1, 24, 11, 8120],
      ['dense1', 'resource', 4, null, 14, 5005],
      ['dense2', 'latency', 1, null, 5, 1730],
    ],
  },
  plans: planSample,
  tables: [
    {
      title: 'Settings',
      columns: ['option', 'value'],
      rows: [
        ['epochs', 60],
        ['batch size', 64],
        ['β', 1e-5],
        ['seed', 1],
      ],
    },
  ],
  files: [
    { path: 'graph.json', note: 'the fixed graph' },
    { path: 'firmware/network.cpp', note: 'the top function' },
  ],
};
