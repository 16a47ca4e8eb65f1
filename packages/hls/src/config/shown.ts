/** A value as JSON, for a message; of what is long the begin. Values that JSON cannot hold are described. */
export function shown(value: unknown): string {
  try {
    const text = JSON.stringify(value) ?? String(value);
    return text.length > 60 ? `${text.slice(0, 60)}…` : text;
  } catch {
    return typeof value === 'bigint' ? `${value}n` : 'something nested too deep';
  }
}
