import type * as tf from '@tensorflow/tfjs';
import type { Quantizer } from '../quantizer/quantizer.ts';
import type { QLayer } from './q-layer.ts';

/** What `tf.layers.Layer` has and does not show. */
interface Inside {
  addWeight(name: string, ...rest: readonly unknown[]): tf.LayerVariable;
  addLoss(losses: unknown): void;
}

/**
 * Makes an unbuilt layer a part of another one: its variables become the owner's, named `role/…`, and so do its losses. The owner
 * builds it and calls it.
 */
export function adoptPart<Part extends QLayer>(owner: QLayer, role: string, part: Part): Part {
  const { addWeight, addLoss } = owner as unknown as Inside;
  const inside: Inside = {
    addWeight: (name, ...rest) => addWeight.call(owner, `${role}/${name}`, ...rest),
    addLoss: (losses) => addLoss.call(owner, losses),
  };
  return Object.assign(part, inside);
}

/** Has a part quantise its input with another one's quantizer, which the other one builds. */
export function shareInputQuantizer(part: QLayer, quantizer: Quantizer): void {
  const writable: { iq: Quantizer | null } = part;
  writable.iq = Object.create(quantizer, { build: { value: () => {} } });
}
