import type { Command } from './command.ts';
import { estimate } from './estimate.ts';
import { keras } from './keras.ts';
import { legacy } from './legacy.ts';
import { parity } from './parity.ts';
import { prune } from './prune.ts';
import { rtl } from './rtl.ts';
import { trained } from './trained.ts';
import { vectors } from './vectors.ts';
import { zoo } from './zoo.ts';

/** All commands of the program. */
export const COMMANDS: readonly Command[] = [vectors, parity, keras, trained, rtl, estimate, zoo, legacy, prune];
