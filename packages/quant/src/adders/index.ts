export { adderCount, evaluateAdders, proveAdders } from './adder-graph.ts';
export { shareAdders } from './share-adders.ts';
export { signedDigits } from './signed-digits.ts';
export { typedAdders } from './typed-adders.ts';
