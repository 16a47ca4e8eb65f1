export { attackCalls } from './attack-calls.ts';
export { attackDisks } from './attack-disks.ts';
export { attackExample } from './attack-example.ts';
export { attackReaders } from './attack-readers.ts';
export { attackTogether, attackWriters } from './attack-writers.ts';
export { type Row, Tally, table } from './row.ts';
