/** Names that Windows keeps for devices, with any ending. */
const DEVICES = /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$|clock\$)$/i;

/**
 * A name that every common file system takes, made from any text: what Windows, macOS or Linux forbid becomes `_`, and names of Windows' devices
 * (`aux`, `con.txt`, …) get a `_` behind. Names that are fine stay as they are. Two texts may give one name: see `fileNames`.
 *
 * @param text at most 120 bytes of it are used
 */
export function fileName(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be in a name
  const clean = text.replace(/[\u0000-\u001f\u007f-\u009f<>:"/\\|?*\ufffd]|\p{Surrogate}/gu, '_').normalize('NFC');
  let short = clean;
  while (new TextEncoder().encode(short).length > 120) short = [...short].slice(0, -1).join('');
  const ended = short
    .replace(/[. ]+$/, (end) => '_'.repeat(end.length))
    .replace(/^ +/, (start) => '_'.repeat(start.length));
  const [stem] = ended.split('.');
  const safe = DEVICES.test(stem.trimEnd()) ? `${stem}_${ended.slice(stem.length)}` : ended;
  return safe === '' ? '_' : safe;
}

/**
 * As `fileName` for several texts, all different: also where a file system does not tell `A` from `a`. A name that is taken gets `-2`, `-3`, … behind.
 */
export function fileNames(texts: readonly string[]): string[] {
  const taken = new Set<string>();
  return texts.map((text) => {
    const base = fileName(text);
    let name = base;
    for (let number = 2; taken.has(name.toLowerCase()); number++) name = `${base}-${number}`;
    taken.add(name.toLowerCase());
    return name;
  });
}
