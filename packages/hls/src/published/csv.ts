/**
 * The rows of a CSV text as records by column name. Fields may be quoted, with commas inside.
 *
 * @throws FirmwareError for an empty text or a row of another length than the header
 */
import { FirmwareError } from '../errors.ts';

export function readCsv(text: string, name: string): Record<string, string>[] {
  const lines = text.split(/\r?\n/).filter((line) => line !== '');
  if (lines.length === 0) throw new FirmwareError(`${name}: empty file`);
  const header = fields(lines[0]);
  return lines.slice(1).map((line, at) => {
    const cells = fields(line);
    if (cells.length !== header.length) {
      throw new FirmwareError(`${name}, line ${at + 2}: ${cells.length} fields for ${header.length} columns`);
    }
    return Object.fromEntries(header.map((column, c) => [column, cells[c]]));
  });
}

function fields(line: string): string[] {
  return [...line.matchAll(/(?:^|,)(?:"([^"]*)"|([^",]*))/g)].map(([, quoted, plain]) => quoted ?? plain);
}
