/** Hands a file to the user. */
export function saveFile({
  name,
  type,
  content,
}: {
  readonly name: string;
  readonly type: string;
  readonly content: Uint8Array | string | Blob;
}): void {
  const blob = content instanceof Blob ? content : new Blob([content as BlobPart], { type });
  const url = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The download has begun by then.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
