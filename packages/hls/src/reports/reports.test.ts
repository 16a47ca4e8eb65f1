import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { graphBuilder } from '@sp/quant';
import { describe, expect, it } from 'vitest';
import { emit } from '../emit/emit.ts';
import { write } from '../emit/write.ts';
import { FirmwareError } from '../errors.ts';
import { estimate } from '../estimate/estimate.ts';
import { plan } from '../plan/plan.ts';
import { parseCosim } from './cosim-report.ts';
import { parseCsynth, parseVsynth, readReports } from './read-reports.ts';
import { reportTable } from './report-table.ts';
import { parseTiming } from './timing-report.ts';

// Numbers of hls4ml §2.11.
const CSYNTH = `<?xml version="1.0" encoding="UTF-8"?>
<profile>
  <UserAssignments><unit>ns</unit><TargetClockPeriod>5.00</TargetClockPeriod><ClockUncertainty>0.62</ClockUncertainty></UserAssignments>
  <PerformanceEstimates>
    <SummaryOfTimingAnalysis><unit>ns</unit><EstimatedClockPeriod>4.049</EstimatedClockPeriod></SummaryOfTimingAnalysis>
    <SummaryOfOverallLatency>
      <unit>clock cycles</unit><Best-caseLatency>10</Best-caseLatency><Average-caseLatency>10</Average-caseLatency>
      <Worst-caseLatency>12</Worst-caseLatency><Interval-min>8</Interval-min><Interval-max>8</Interval-max>
    </SummaryOfOverallLatency>
  </PerformanceEstimates>
  <AreaEstimates>
    <Resources><DSP48E>73</DSP48E><FF>7969</FF><LUT>2532</LUT><BRAM_18K>0</BRAM_18K></Resources>
    <AvailableResources><BRAM_18K>280</BRAM_18K><DSP48E>220</DSP48E><FF>106400</FF><LUT>53200</LUT><URAM>0</URAM></AvailableResources>
  </AreaEstimates>
</profile>`;

const VSYNTH = `
+-------------------------+------+-------+-----------+-------+
|        Site Type        | Used | Fixed | Available | Util% |
+-------------------------+------+-------+-----------+-------+
| CLB LUTs*               | 1526 |     0 |     53200 |  2.87 |
| CLB Registers           | 1428 |     0 |    106400 |  1.34 |
| RAMB36/FIFO*            |    3 |     0 |       140 |  0.00 |
|   RAMB18                |    1 |     0 |       280 |  0.00 |
| DSPs                    |   66 |     0 |       220 | 30.00 |
+-------------------------+------+-------+-----------+-------+
`;

function smallPlan() {
  const g = graphBuilder('small');
  const x = g.input('x', { shape: [2], format: { k: 0, i: 0, f: 4 } });
  return plan(g.build([g.dense('y', x, { kernel: { shape: [2, 1], codes: [3, -5], f: 2 } })]));
}

describe('reports of the tools', () => {
  it('are read', () => {
    expect(parseCsynth(CSYNTH)).toEqual({
      targetClock: 5,
      estimatedClock: 4.049,
      bestLatency: 10,
      worstLatency: 12,
      intervalMin: 8,
      intervalMax: 8,
      resources: { lut: 2532, ff: 7969, dsp: 73, bram18: 0, uram: 0 },
      available: { lut: 53200, ff: 106400, dsp: 220, bram18: 280, uram: 0 },
    });
    expect(parseVsynth(VSYNTH)).toEqual({ lut: 1526, ff: 1428, dsp: 66, bram18: 7, uram: 0 });
  });

  it('that are not reports are refused', () => {
    expect(() => parseCsynth('<profile/>')).toThrow(/no <PerformanceEstimates>/);
    expect(() => parseVsynth('nothing')).toThrow(FirmwareError);
  });

  it.each([
    ['<LUT>2532</LUT>', '<LUT></LUT>', /<LUT> is "", not a number/],
    ['<Best-caseLatency>10<', '<Best-caseLatency> <', /<Best-caseLatency> is "", not a number/],
    ['<DSP48E>73</DSP48E>', '<DSP48E/>', /no <DSP48E>/],
    ['</AvailableResources>', '', /no <AvailableResources>/],
  ])('of C synthesis that have %j as %j are refused', (right, wrong, message) => {
    expect(() => parseCsynth(CSYNTH.replace(right, wrong))).toThrow(message);
  });

  it('of C synthesis may not know the latency, and still have the rest', () => {
    const open = CSYNTH.replaceAll(/(<(?:Best|Worst|Average)-caseLatency>)\d+/g, '$1undef').replace(
      '<Interval-max>8',
      '<Interval-max>?',
    );
    const read = parseCsynth(open);
    expect(read).toMatchObject({
      bestLatency: undefined,
      worstLatency: undefined,
      intervalMin: 8,
      intervalMax: undefined,
    });
    expect(read.resources.lut).toBe(2532);
    const table = reportTable(estimate(smallPlan()), { csynth: read });
    expect(table).toMatch(/latency \(cycles\) .* unknown/);
    expect(table).toMatch(/clock \(ns\) .* 4.049/);
  });

  it('of logic synthesis come by resource, by instance, with tiles, and for Versal', () => {
    const instances = `
+----------+--------+------------+------------+---------+------+------+--------+--------+------+------------+
| Instance | Module | Total LUTs | Logic LUTs | LUTRAMs | SRLs |  FFs | RAMB36 | RAMB18 | URAM | DSP Blocks |
+----------+--------+------------+------------+---------+------+------+--------+--------+------+------------+
| small    |  (top) |       1526 |       1500 |       0 |   26 | 1428 |      3 |      1 |    2 |         66 |
|   (small)|  (top) |         10 |         10 |       0 |    0 |    3 |      0 |      0 |    0 |          0 |
+----------+--------+------------+------------+---------+------+------+--------+--------+------+------------+
`;
    expect(parseVsynth(instances)).toEqual({ lut: 1526, ff: 1428, dsp: 66, bram18: 7, uram: 2 });
    const tiles = VSYNTH.replace(/\| RAMB36[\s\S]*?\n\|[^\n]*\n/, '| Block RAM Tile | 3.5 | 0 | 140 | 2.5 |\n');
    expect(parseVsynth(tiles)).toEqual(parseVsynth(VSYNTH));
    const versal = VSYNTH.replace('CLB Registers', 'Registers')
      .replace('RAMB36/FIFO*', 'RAMB36E5')
      .replace('RAMB18', 'RAMB18E5')
      .replace('DSPs', 'DSP Slices');
    expect(parseVsynth(versal)).toEqual(parseVsynth(VSYNTH));
  });

  it('of timing say the slack and the clock that would be met', () => {
    const summary = (slacks: string) => `
| Design Timing Summary
    WNS(ns)      TNS(ns)  TNS Failing Endpoints  TNS Total Endpoints
    -------      -------  ---------------------  -------------------
    ${slacks}                     12                 1393

| Clock Summary
Clock   Waveform(ns)       Period(ns)      Frequency(MHz)
-----   ------------       ----------      --------------
ap_clk  {0.000 2.500}      5.000           200.000
`;
    expect(parseTiming(summary('-0.339     -4.100'))).toEqual({
      wns: -0.339,
      tns: -4.1,
      period: 5,
      achievedClock: 5.339,
    });
    expect(() => parseTiming(summary('     NA         NA'))).toThrow(
      /slacks are "NA" and "NA"; constrain the clock and write/,
    );
    expect(() => parseTiming('')).toThrow(/no row "WNS\(ns\) {2}TNS\(ns\)"; constrain/);
  });

  it('of the simulated RTL say its cycles', () => {
    const rows = (status: string) => `
|   RTL    |  Status  | min | avg | max | min | avg | max | Total |
|      VHDL|        NA|   NA|   NA|   NA|   NA|   NA|   NA|     NA|
|   Verilog|      ${status}|   45|   46|   47|    1|    1|    2|    100|
`;
    expect(parseCosim(rows('Pass'))).toEqual({
      passed: true,
      latency: { min: 45, mean: 46, max: 47 },
      interval: { min: 1, mean: 1, max: 2 },
    });
    const failed = parseCosim(rows('Fail'));
    expect(reportTable(estimate(smallPlan()), { cosim: failed })).toMatch(
      /45 … 47 simulated[\s\S]*The simulation of the RTL failed\./,
    );
    expect(() => parseCosim('nothing')).toThrow(/run the script with COSIM=1/);
  });

  it.each([
    ['| CLB LUTs*               | 1526 |', '| CLB LUTs* | 5.6.1 |', /row "CLB LUTs" is "5.6.1", not a number/],
    ['| CLB Registers           | 1428 |', '| Flops | 1428 |', /no row "CLB Registers" or .* "Registers"/],
    [/\| DSPs[\s\S]*/, '| DSPs |   6', /no row "DSPs" or "DSP Slices"/],
    ['|   RAMB18                |    1 |', '|   RAMB18 | |', /row "RAMB18" is "", not a number/],
    [/\| RAMB36[\s\S]*/, '', /no row "(DSPs|RAMB36\/FIFO)"/],
  ])('of logic synthesis that have %j as %j are refused', (right, wrong, message) => {
    expect(() => parseVsynth(VSYNTH.replace(right, wrong))).toThrow(message);
  });

  it('may call the rows by other names', () => {
    const other = VSYNTH.replace('CLB LUTs*', 'Slice LUTs')
      .replace('CLB Registers', 'Registers')
      .replace('DSPs', 'DSP Slices');
    expect(parseVsynth(other)).toEqual(parseVsynth(VSYNTH));
  });

  it('are found in a project and shown beside the estimate', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'reports-'));
    try {
      const decided = smallPlan();
      const dir = join(folder, 'p');
      await write(emit(decided), dir);
      expect(await readReports(dir)).toEqual({});
      expect(reportTable(estimate(decided), {})).toMatch(/LUT +\d+ +\d+ … \d+ +- +-/);
      await mkdir(join(dir, 'small_prj/solution1/syn/report'), { recursive: true });
      await writeFile(join(dir, 'small_prj/solution1/syn/report/small_csynth.xml'), CSYNTH);
      await writeFile(join(dir, 'vivado_synth.rpt'), VSYNTH);
      const table = reportTable(estimate(decided), await readReports(dir));
      expect(table).toMatch(/latency \(cycles\) .* 10 … 12/);
      expect(table).not.toContain('written again');
      const old = new Date('2020-01-01');
      await utimes(join(dir, 'vivado_synth.rpt'), old, old);
      // What the tools have reported stays, but may be of another design.
      await write(emit(decided), dir);
      const kept = reportTable(estimate(decided), await readReports(dir));
      expect(kept).toBe(
        `${table}\nThe project was written again after these reports: if it has changed, synthesise again.`,
      );
      await writeFile(join(dir, 'vivado_synth.rpt'), VSYNTH.slice(0, 300));
      await expect(readReports(dir)).rejects.toThrow(/vivado_synth.rpt": utilization report: no row /);
      expect(table).toMatch(/DSP .* 73 \(33.2 %\) +66 \(30.0 %\)/);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
