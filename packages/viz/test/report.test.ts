import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { report } from '../src/index.ts';
import { reportSample } from './report-sample.ts';

describe('a report of everything', () => {
  let page: string;
  const warnings: string[] = [];

  beforeAll(async () => {
    page = await report(reportSample, { onWarning: (message) => warnings.push(message) });
    const gallery = process.env['SP_GALLERY'];
    if (gallery) {
      mkdirSync(gallery, { recursive: true });
      writeFileSync(join(gallery, 'report.html'), page);
    }
  });

  it('draws without warnings', () => {
    expect(warnings).toEqual([]);
  });

  it('has all chapters and all figures, each in both themes', () => {
    const chapters = [...page.matchAll(/<h2>(.*?)<\/h2>/g)].map(([, title]) => title);
    expect(chapters).toEqual([
      'Verification',
      'Data',
      'Training',
      'Answers',
      'Network',
      'Bits and cost',
      'Firmware',
      'More about this run',
      'Files',
    ]);
    expect(page.match(/<figure>/g)).toHaveLength(13);
    expect(page.match(/<svg /g)).toHaveLength(26);
  });

  it('needs no network, no script and no other file', () => {
    const addresses = [...page.matchAll(/(?:\s(?:src|href)=|url\()["']?([^"')\s>]+)/g)].map(([, address]) => address);
    expect(addresses.length).toBeGreaterThan(10);
    for (const address of addresses) expect(address).toMatch(/^#|^data:,|^graph\.json$|^firmware\/network\.cpp$/);
    expect(page.replaceAll(/xmlns(:xlink)?="[^"]*"/g, '')).not.toMatch(/https?:/);
    expect(page).not.toMatch(/<script|@import|<iframe|<img/);
  });

  it('has no id twice and no reference to nothing', () => {
    const ids = [...page.matchAll(/\bid="([^"]+)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const [, id] of page.matchAll(/url\(#([^)]+)\)/g)) expect(ids).toContain(id);
    for (const [, id] of page.matchAll(/href="#([^"]+)"/g)) expect(ids).toContain(id);
  });
});
