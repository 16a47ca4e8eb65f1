import { checkPlan, countFindings } from '@sp/hls';
import type { Firmware } from './export.ts';
import type { Fact } from './fact.ts';
import type { Findings } from './findings.ts';
import { grouped, percent } from './numbers.ts';
import type { RunRecord } from './run-folder.ts';
import type { Agreement } from './verify.ts';

/** What there is to say of the trained network. */
export function networkFacts({ n, threshold, ebops, weightBits, accuracy, testImages }: Findings): readonly Fact[] {
  return [
    { id: 'testImages', label: 'test images', value: grouped(testImages) },
    { id: 'modelAccuracy', label: 'test accuracy, model (tfjs)', value: percent(accuracy) },
    { id: 'n', label: 'n (pixel budget)', value: String(n) },
    { id: 'threshold', label: 'threshold', value: threshold.toFixed(4) },
    { id: 'ebops', label: 'EBOPs', value: grouped(ebops) },
    { id: 'weightBits', label: 'total weight bits', value: grouped(weightBits) },
  ];
}

/** What there is to say of its firmware. */
export function firmwareFacts(firmware: Firmware, agreement: Agreement): readonly Fact[] {
  const { estimate, compilerMessage, plan } = firmware;
  const { fixedAccuracy, compiledAccuracy, images, layers, mismatches, overflows } = agreement;
  return [
    { id: 'fixedAccuracy', label: 'test accuracy, fixed point (interpreter)', value: percent(fixedAccuracy) },
    {
      id: 'compiledAccuracy',
      label: 'test accuracy, compiled C++',
      value: compiledAccuracy === undefined ? 'not compiled' : percent(compiledAccuracy),
    },
    {
      id: 'latency',
      label: 'estimated latency',
      value: `${estimate.latency} cycles = ${grouped(estimate.latencyNs)} ns`,
    },
    {
      id: 'interval',
      label: 'estimated interval',
      value: `${estimate.interval} ${estimate.interval === 1 ? 'cycle' : 'cycles'}`,
    },
    { id: 'lut', label: 'estimated LUTs', value: `${grouped(estimate.lut)}${ofPart(firmware)}` },
    { id: 'check', label: `check for ${plan.settings.backend} HLS`, value: countFindings(checkPlan(plan)) },
    {
      id: 'views',
      label: 'views compared',
      value: compilerMessage === undefined ? 'tfjs, interpreter, C++' : 'tfjs, interpreter',
    },
    { id: 'compared', label: 'layers × images', value: `${layers.length} × ${images}` },
    {
      id: 'mismatches',
      label: 'mismatching codes',
      value: grouped(mismatches),
      tone: mismatches === 0 ? 'good' : 'bad',
    },
    {
      id: 'saturated',
      label: 'saturated values',
      value: grouped(overflows),
      ...(overflows === 0 ? {} : { note: 'beyond their range, cut alike in all views' }),
    },
  ];
}

function ofPart({ estimate, plan }: Firmware): string {
  return estimate.percent === undefined ? '' : ` = ${estimate.percent.lut.toFixed(1)} % of ${plan.settings.part}`;
}

/** How many warnings the training gave. */
export function warningsFact({ warnings = [] }: RunRecord): Fact {
  return { id: 'warnings', label: 'warnings while training', value: String(warnings.length || 'none') };
}
