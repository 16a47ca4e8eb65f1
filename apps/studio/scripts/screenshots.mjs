#!/usr/bin/env node
/**
 * Screenshots of every step of the built studio, on a desk and a phone, in light and dark: `node scripts/screenshots.mjs FOLDER`. Those that
 * begin with `studio-` stand in docs/images.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { openStudio } from './open.mjs';

const [folder] = process.argv.slice(2);
if (folder === undefined) {
  process.stderr.write('name a folder for the screenshots: node scripts/screenshots.mjs FOLDER\n');
  process.exit(2);
}

const sizes = { desk: { width: 1280, height: 900 }, phone: { width: 360, height: 780 } };
/** What is there when a step is. */
const marks = {
  Data: '.grid canvas',
  Network: 'section[aria-labelledby=costs] dd >> nth=6',
  Training: 'section[aria-labelledby=compared] .figure img',
  Look: 'section[aria-labelledby=through] .figure img',
  Firmware: 'section[aria-labelledby=plan] td select',
};

const studio = await openStudio();
try {
  await mkdir(folder, { recursive: true });
  const context = await studio.newContext({ viewport: sizes.desk });
  const page = await context.newPage();
  const goTo = (step) => page.getByRole('navigation').getByRole('link', { name: step }).click();
  const shoot = async (name, fullPage = true) => {
    await page.screenshot({ path: join(folder, `${name}.png`), fullPage });
    process.stdout.write(`${name}\n`);
  };
  const openStep = async (step) => {
    await goTo(step);
    await page.locator(marks[step]).first().waitFor();
    if (step === 'Firmware') {
      await page.getByRole('button', { name: 'Verify', exact: true }).click();
      await page.locator('[data-mismatches]').waitFor();
      await page.getByText('images compared …').waitFor({ state: 'detached' });
    }
    // Figures, first drawn or drawn anew in other colours.
    while ((await page.getByText('drawing …').count()) > 0) await page.waitForTimeout(200);
    await page.evaluate(() => Promise.all([...document.images].map((image) => image.decode().catch(() => {}))));
  };
  const train = async (epochs) => {
    await page.getByLabel('Epochs', { exact: true }).fill(String(epochs));
    await page.getByRole('button', { name: 'Train', exact: true }).click();
  };
  await page.goto(studio.origin);
  await shoot('begin-desk-light');
  await page.getByRole('button', { name: 'built-in digits' }).click();
  await page.getByText('1,797 images').waitFor();
  await goTo('Training');
  await train(60);
  // The curves of a training under way.
  await page.getByText(/^([6-9]|[1-5]\d) of 60$/).waitFor();
  await page.getByRole('button', { name: 'Pause Run 1' }).click();
  await page.locator('section.run[data-state=paused] .figure img').waitFor();
  await shoot('live-desk-light');
  await page.setViewportSize(sizes.phone);
  await page.emulateMedia({ colorScheme: 'dark' });
  // The figure of before stands until the one in these colours is drawn.
  await page.waitForTimeout(2000);
  await shoot('live-phone-dark');
  await page.getByRole('button', { name: 'Go on with Run 1' }).click();
  await page.locator('section.run[data-state=finished]').waitFor();
  await train(12);
  await page.locator('section.run[data-state=finished]').nth(1).waitFor();
  await goTo('Firmware');
  await page.getByLabel('Network of').selectOption({ index: 0 });
  for (const [size, viewport] of Object.entries(sizes)) {
    for (const colorScheme of ['light', 'dark']) {
      await page.setViewportSize(viewport);
      await page.emulateMedia({ colorScheme });
      for (const step of Object.keys(marks)) {
        await openStep(step);
        await page.evaluate('scrollTo(0, 0)');
        await shoot(`${step.toLowerCase()}-${size}-${colorScheme}`);
      }
    }
  }
  const forDocs = async (name, step, viewport, colorScheme, first) => {
    await page.setViewportSize(viewport);
    await page.emulateMedia({ colorScheme });
    await openStep(step);
    await page.locator(first).evaluate((element) => element.scrollIntoView());
    await shoot(`studio-${name}`, false);
  };
  await forDocs('data', 'Data', { width: 1000, height: 980 }, 'light', 'section[aria-labelledby=reduction]');
  await forDocs('firmware', 'Firmware', { width: 1000, height: 1060 }, 'light', 'body');
  await forDocs('phone', 'Firmware', { width: 360, height: 780 }, 'dark', 'body');
} finally {
  await studio.close();
}
