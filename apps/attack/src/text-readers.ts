import { evaluatePublished, type HlsConfig, parseCsynth, parseVsynth, plan } from '@sp/hls';
import { parseType } from '@sp/quant';
import { expressionFunction } from '@sp/quant/expression';
import { report } from '@sp/viz';
import type { Dice } from './dice.ts';
import { mutateData, mutateText } from './mutate.ts';
import type { Reader } from './reader.ts';
import { smallGraph } from './small-graph.ts';

const CSYNTH = `<profile><UserAssignments><TargetClockPeriod>5.00</TargetClockPeriod></UserAssignments><PerformanceEstimates>
<SummaryOfTimingAnalysis><EstimatedClockPeriod>3.65</EstimatedClockPeriod></SummaryOfTimingAnalysis><SummaryOfOverallLatency>
<Best-caseLatency>10</Best-caseLatency><Worst-caseLatency>12</Worst-caseLatency><Interval-min>1</Interval-min>
<Interval-max>2</Interval-max></SummaryOfOverallLatency></PerformanceEstimates><AreaEstimates><Resources><BRAM_18K>1</BRAM_18K>
<DSP>2</DSP><FF>3</FF><LUT>4</LUT><URAM>0</URAM></Resources><AvailableResources><BRAM_18K>1</BRAM_18K><DSP>2</DSP><FF>3</FF>
<LUT>4</LUT><URAM>0</URAM></AvailableResources></AreaEstimates></profile>`;
const VSYNTH = `
| CLB LUTs*      | 1526 | 0 | 53200  | 2.87 |
| CLB Registers  | 1428 | 0 | 106400 | 1.34 |
| Block RAM Tile | 3.5  | 0 | 140    | 2.50 |
|   RAMB36/FIFO* | 2    | 0 | 140    | 1.43 |
|   RAMB18       | 3    | 0 | 280    | 1.07 |
| URAM           | 0    | 0 | 10     | 0.00 |
| DSPs           | 66   | 0 | 220    | 30.0 |
`;
const MODELS = `task,bits,n_sparse,input_t,lat_min,ii_min,vLUT,vDSP
${[10, 15, 20, 25, 30].map((n) => `mnist,8b,${n},t,${100 + 2 * n},${60 + n},${4000 * n},${20 * n}`).join('\n')}
mnist,8b,,t,4000,3900,80000,900
`;
const SCALING = `layer,bits,project,n_out,m_n_sparse,m_chan,m_filt,m_ker,m_h,m_w,lat_min,ii_min,vLUT,vDSP
${[5, 10, 15, 20, 25, 30].flatMap((n) => [1, 2, 3].map((c) => `conv,8b,c,,${n},${c},2,3,,,${2 + c},${2 + c},${n * n * (30 + 14 * c)},${n * c}`)).join('\n')}
${[5, 10, 15, 20, 25, 30].map((n) => `reduction,16b,r,,${n},1,,,10,${n},${10 * n},${10 * n},${480 * n},0`).join('\n')}
`;
const FORMULAS = [
  '1 / (1 + exp(-x))',
  'x < 0 ? 0 : max(x, 0.5) * 2',
  'round(x * 2.5, 1) - tanh(x) ^ 2',
  'atan2(x, 2) + log(x, 2) % 3',
];

/** Texts of people and of tools. Nothing is damaged by chance alone: as they are, they can be read. */
export function textReaders(): Reader[] {
  parseCsynth(CSYNTH);
  parseVsynth(VSYNTH);
  for (const formula of FORMULAS) expressionFunction(formula);
  evaluatePublished(MODELS, SCALING);
  const graph = smallGraph();
  const config = {
    model: { ioType: 'io_parallel', clockPeriod: 5 },
    layerType: { dense: { reuseFactor: 1 } },
    layerName: { conv: { strategy: 'latency' } },
  };
  const run = {
    name: 'run',
    facts: [{ label: 'accuracy', value: '93 %', tone: 'good' as const }],
    verification: [{ name: 'fc', compared: 10, mismatches: { 'tfjs/interpreter': 0 } }],
    plan: { title: 'plan', columns: ['a', 'b'], rows: [['x', 1]] },
    files: [{ path: 'a b/c.txt', note: 'notes' }],
  };
  return [
    {
      name: 'an expression',
      share: 12,
      attempt(dice) {
        const formula = expressionFunction(mutateText(dice.pick(FORMULAS), dice));
        for (const x of [0, -1, 0.37, 1e6, -1e300]) if (typeof formula(x) !== 'number') return false;
        return true;
      },
    },
    {
      name: 'a type',
      share: 3,
      attempt: (dice) =>
        parseType(mutateText(dice.pick(['ap_fixed<8,3,RND,SAT>', 'fixed<4,2>', 'ufixed<6,0>']), dice)) !== undefined,
    },
    {
      name: 'a report of C synthesis',
      share: 4,
      attempt: (dice) => parseCsynth(mutateText(CSYNTH, dice)) !== undefined,
    },
    {
      name: 'a report of logic synthesis',
      share: 2,
      attempt: (dice) => parseVsynth(mutateText(VSYNTH, dice)) !== undefined,
    },
    {
      name: 'published reports (.csv)',
      share: 4,
      attempt(dice) {
        const [models, scaling] =
          dice.below(2) === 0 ? [mutateText(MODELS, dice), SCALING] : [MODELS, mutateText(SCALING, dice)];
        return evaluatePublished(models, scaling).rows.length >= 0;
      },
    },
    {
      name: 'a configuration',
      share: 4,
      attempt: (dice) => plan(graph, mutateData(config, dice) as HlsConfig) !== undefined,
    },
    {
      name: 'a run for the HTML report',
      share: 2,
      attempt: async (dice) => (await report(mutateRun(run, dice))).length > 0,
    },
  ];
}

/** Texts of any kind in a run; its structure is that of the types. */
function mutateRun<Run>(run: Run, dice: Dice): Run {
  const strange = () => dice.pick(['\ud800', '', '<script>', '\u0000', '../\udfff', '&amp;', 'x'.repeat(10_000)]);
  const visit = (value: unknown): unknown => {
    if (typeof value === 'string') return value === 'good' ? value : dice.below(3) === 0 ? strange() : value;
    if (Array.isArray(value)) return value.map(visit);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, visit(entry)]));
  };
  return visit(run) as Run;
}
