/** A command of this program as its user has to type it: through `npm start` when it was started so, quoted where a shell would split. */
export function commandLine(
  words: readonly string[],
  environment: Readonly<Record<string, string | undefined>> = process.env,
): string {
  const program = environment.npm_lifecycle_event === 'start' ? 'npm start --' : 'sp-example';
  return [
    program,
    ...words.map((word) => (/^[\w./:=-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`)),
  ].join(' ');
}
