/** Settings of a study that make no sense, or a study that cannot go on: names the setting or trial, its value and the remedy. */
export class SearchError extends Error {
  override readonly name: string = 'SearchError';
}
