import type { RtlPlan } from '../plan/plan-rtl.ts';
import { portSlices } from '../vectors/port-words.ts';

/** How images come in on the stream. */
export type AxiInput = 'parts' | 'images';

/** Sizes of the stream interface. */
export interface AxiShape {
  readonly name: string;
  readonly skid: string;
  readonly input: AxiInput;
  /** Beats of an image: one per part, or one. */
  readonly beats: number;
  /** Clocks that the parts of an image take inside, and bits of a part. */
  readonly phases: number;
  readonly partBits: number;
  readonly resultBits: number;
  /** Bits of `tdata`: whole bytes. */
  readonly inWidth: number;
  readonly outWidth: number;
  /** Results that fit in between: as many as images can be on their way at full speed. */
  readonly depth: number;
}

/** Clocks between the buffer of images and that of results, besides the latency: registers before and behind the design. */
const REGISTERS = 3;

/** Sizes of the stream interface of a design. Names keep clear of the design's modules. */
export function axiShape(plan: RtlPlan, input: AxiInput): AxiShape {
  const { modules } = plan.design;
  const taken = new Set(modules.map((module) => module.name.toLowerCase()));
  const top = modules[modules.length - 1].name;
  const free = (wanted: string): string => {
    let name = wanted;
    for (let j = 2; taken.has(name.toLowerCase()); j++) name = `${wanted}_${j}`;
    taken.add(name.toLowerCase());
    return name;
  };
  const { phases, inBits, outBits } = portSlices(plan);
  const beats = input === 'parts' ? phases : 1;
  return {
    name: free(`${top}_axis`),
    skid: free(`${top}_skid`),
    input,
    beats,
    phases,
    partBits: inBits,
    resultBits: outBits,
    inWidth: bytes((phases / beats) * inBits),
    outWidth: bytes(outBits),
    depth: Math.ceil((plan.latency + REGISTERS) / plan.options.interval) + 1,
  };
}

function bytes(bits: number): number {
  return 8 * Math.ceil(bits / 8);
}
