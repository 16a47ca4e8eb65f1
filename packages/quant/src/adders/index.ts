// Products with constant matrices as additions and shifts
export type { Interval } from '../graph/ranges.ts';
export type { Adder, AdderGraph, AdderOutput } from './adder-graph.ts';
export { adderCount, evaluateAdders, proveAdders } from './adder-graph.ts';
export type { ShareOptions } from './share-adders.ts';
export { shareAdders } from './share-adders.ts';
export type { SignedDigit } from './signed-digits.ts';
export { signedDigits } from './signed-digits.ts';
export type { AdderType } from './typed-adders.ts';
export { typedAdders } from './typed-adders.ts';
