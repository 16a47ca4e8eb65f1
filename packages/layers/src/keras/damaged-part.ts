import { FileError } from '@sp/quant/files';
import { LayerError } from '../layer-error.ts';

/**
 * Does a part of an import. What the language or tfjs says against it, because the file says something that no writer means, comes as a `LayerError`.
 *
 * @param where the file or layer, for the message
 */
export function damagedPart<Result>(where: string, work: () => Result): Result {
  try {
    return work();
  } catch (cause) {
    if (cause instanceof LayerError || cause instanceof FileError) throw cause;
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new LayerError(
      `${where} cannot be built (${why}). The file is damaged, or not as Keras writes it: save the model again.`,
      { cause },
    );
  }
}
