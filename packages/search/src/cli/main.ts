#!/usr/bin/env node
import { main } from '@sp/quant/cli';
import { PROGRAM } from './run.ts';

await main(PROGRAM);
