import type { RtlPlan } from '../plan/plan-rtl.ts';
import { NOTHING, type Resources } from './resources.ts';

export function estimateRtl(_plan: RtlPlan): { readonly total: Resources } {
  return { total: NOTHING };
}
