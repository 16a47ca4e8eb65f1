import type { ReportTable } from '@sp/viz';
import type { Firmware } from './export.ts';
import type { Fact } from './fact.ts';
import type { Findings } from './findings.ts';
import { type Hardware, hardwareFacts } from './hardware.ts';
import { firmwareFacts, networkFacts, warningsFact } from './run-facts.ts';
import type { RunRecord } from './run-folder.ts';
import {
  agreementTable,
  bitsTable,
  costTable,
  type FirmwareWishes,
  findingsTables,
  makingTable,
} from './run-tables.ts';
import type { Agreement } from './verify.ts';

/** A run that has come to its end. */
export interface FinishedRun {
  readonly record: RunRecord;
  readonly found: Findings;
  /** Present once the firmware has been made. */
  readonly firmware?: {
    readonly made: Firmware;
    readonly asked: FirmwareWishes;
    readonly agreement: Agreement;
    readonly hardware?: Hardware;
  };
}

/** What a run has to say, once for the terminal and both reports. */
export interface Summary {
  readonly title: string;
  /** Data, training and what was kept of it, in a sentence. */
  readonly description: string;
  readonly facts: readonly Fact[];
  readonly bits: ReportTable;
  /** Of the firmware. */
  readonly agreement?: ReportTable;
  readonly costs?: ReportTable;
  readonly findings: readonly ReportTable[];
  readonly making: ReportTable;
}

/** Collects what a run has to say. */
export function summarize({ record, found, firmware }: FinishedRun): Summary {
  const { data, epochs, bestEpoch, seed, trainingSeconds, engine } = record;
  return {
    title: 'A sparse quantised network and its firmware',
    description: `Data: ${data.description}. Trained for ${epochs} epochs with seed ${seed} in ${trainingSeconds.toFixed(0)} s (${engine}); the weights of epoch ${bestEpoch} were kept.`,
    facts: [
      ...networkFacts(found),
      ...(firmware === undefined ? [] : firmwareFacts(firmware.made, firmware.agreement)),
      ...(firmware?.hardware === undefined ? [] : hardwareFacts(firmware.hardware)),
      warningsFact(record),
    ],
    bits: bitsTable(found.bits),
    ...(firmware === undefined
      ? {}
      : { agreement: agreementTable(firmware.made, firmware.agreement), costs: costTable(firmware.made) }),
    findings: firmware === undefined ? [] : findingsTables(firmware.made),
    making: makingTable(record, firmware),
  };
}
