import type { HlsConfig } from '@sp/hls';
import type { Run } from '../project/run.ts';
import { runScript } from '../project/script.ts';
import { saveFile } from './save-file.ts';
import { attempt, project, say } from './session.ts';

/** The same run as a script for Node. */
export function ScriptView({ run, config }: { readonly run: Run; readonly config: HlsConfig }) {
  const { data } = project.value;
  if (data === null) return null;
  const script = runScript({ data, run, config });
  return (
    <section aria-labelledby="script">
      <h2 id="script">The same run as a script</h2>
      <p>In a folder with the packages installed, it gives the same network, bit for bit, and compiles its firmware.</p>
      <p class="actions">
        <button
          type="button"
          onClick={() =>
            attempt(async () => {
              await navigator.clipboard.writeText(script);
              say('The script is copied.');
            })
          }
        >
          Copy
        </button>
        <button type="button" onClick={() => saveFile({ name: 'run.ts', type: 'text/plain', content: script })}>
          Download run.ts
        </button>
      </p>
      <textarea readOnly rows={18} spellcheck={false} aria-label="Script" value={script} />
    </section>
  );
}
