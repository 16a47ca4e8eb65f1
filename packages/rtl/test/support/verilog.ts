import { spawnSync } from 'node:child_process';

/** Whether Icarus Verilog can be started. */
export const hasIcarus: boolean = spawnSync('iverilog', ['-V']).error === undefined;

/** Why Verilog is not run, where it is not. */
export const noIcarus = 'NOT CHECKED: no iverilog; install it with scripts/install-test-tools';
