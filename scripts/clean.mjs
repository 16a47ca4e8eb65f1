// Removes a package's build output, so that files of deleted sources never reach a tarball.
import { rmSync } from 'node:fs';

rmSync('dist', { recursive: true, force: true });
