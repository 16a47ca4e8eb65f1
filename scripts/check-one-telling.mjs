// Arithmetic that `@sp/quant/numeric` has is not written again elsewhere; run by `npm run
// lint:repo`. Each idea is looked for by the marks it leaves in code, not by equal lines: a second
// telling has other names. What may stand a second time says why; an exception that meets nothing
// is an error too.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const home = 'packages/quant/src/numeric/';

/**
 * What is told once, by what it looks like, and the files that may tell it again: the reason each.
 */
const ideas = [
  {
    what: 'rounding (roundHalfUp, roundHalfDown)',
    looks: /Math\.(?:floor|ceil)\([^()]*(?:\([^()]*\)[^()]*)* [+-] 0\.5\)/,
    except: {
      'packages/train/src/engine/kernels/loss.ts':
        'the class nearest to an output, ties down; counts images, quantises nothing',
      'packages/train/src/fit/count-correct.ts': 'the same, on the other way of training',
    },
  },
  { what: 'ties to even (roundHalfEven)', looks: /6755399441055744|% 2 === 0 \? floor/, except: {} },
  {
    what: 'logarithms of two (ceilLog2, floorLog2, isPowerOfTwo)',
    looks: /Math\.(?:ceil|floor)\(Math\.log2\(|isInteger\(Math\.log2\(|\bclz32\b/,
    except: { 'packages/viz/test/extremes.ts': 'figures import nothing of ours' },
  },
  {
    what: 'wrapping (wrapInto, reflectInto)',
    looks: /% \(?(?:2 \* )?span\b/,
    except: {
      'packages/layers/src/quantizer/fixed-kernel.ts':
        'whether a value begins a repetition, which HGQ2 asks before it mirrors',
    },
  },
  { what: 'a pair of limits (minimalIntegerBitsOfRange)', looks: /while \(2 \*\* i - 2 \*\* -f/, except: {} },
  {
    what: 'windows along an axis (windowCount, samePads, positionUnder, windowSpans)',
    looks: /\* (?:\w+\.)?stride \+ \w+ \* (?:\w+\.)?dilation|- 1\) \* dilation - 1\) \/ stride|\* stride - pads\[0\]/,
    except: {
      'packages/rtl/src/blocks/window.ts': 'rows in the padding are asked of the stream, columns are not',
    },
  },
  {
    what: 'divisors (greatestCommonDivisor, leastCommonMultiple, oddPart)',
    looks: /\[(\w+), (\w+)\] = \[\2, \1 % \2\]|& -\w/,
    except: {
      'packages/quant/test/fraction.ts': 'the exact fractions that tests compare with',
      'packages/quant/src/format/minimal.ts': 'the 53 bits of a mantissa, as BigInt',
    },
  },
  { what: 'strides of a shape (stridesOf)', looks: /function stridesOf\b/, except: {} },
  { what: 'an einsum equation (splitEquation)', looks: /split\(['"]->['"]\)|\+\)->\(/, except: {} },
  {
    what: 'a seeded generator (seededRandom)',
    looks: /0x6d2b79f5/i,
    except: { 'packages/viz/test/random.ts': 'figures import nothing of ours' },
  },
];

const files = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard', '*.ts', '*.tsx'], {
  cwd: root,
})
  .toString()
  .split('\0')
  // Tests compare with formulas of their own; the loops over vectors of `assembly` have no
  // functions to call.
  .filter(
    (file) => /^(?:packages|apps|examples|test)\//.test(file) && !file.startsWith(home) && existsSync(join(root, file)),
  )
  .filter((file) => !file.endsWith('.test.ts') && !/oracle|\/assembly\//.test(file));

const found = [];
const met = new Set();
for (const file of files) {
  for (const [at, line] of readFileSync(join(root, file), 'utf8').split('\n').entries()) {
    if (/^\s*(?:\*|\/\*|\/\/)/.test(line)) continue;
    for (const { what, looks, except } of ideas) {
      if (!looks.test(line)) continue;
      if (file in except) met.add(`${what} ${file}`);
      else found.push(`${file}:${at + 1}: ${what}: ${line.trim()}`);
    }
  }
}
const idle = ideas.flatMap(({ what, except }) =>
  Object.keys(except)
    .filter((file) => !met.has(`${what} ${file}`))
    .map((file) => `${file}: an exception that nothing needs: ${what}`),
);
if (found.length + idle.length > 0) {
  console.error([...found, ...idle].join('\n'));
  console.error(`Take it from @sp/quant/numeric, or name the file with its reason in scripts/check-one-telling.mjs.`);
  process.exit(1);
}
console.log(
  `${files.length} files tell none of ${ideas.length} ideas of ${home} again; ${met.size} exceptions have their reason`,
);
