import { OptionError } from '../option-error.ts';

/**
 * Refuses what is no objective: the name of one, or the function that makes one.
 *
 * @param where function named in errors
 * @throws OptionError
 */
export function checkObjective(objective: unknown, where: string): void {
  const isFunction = (name: string): boolean =>
    typeof (objective as Record<string, unknown> | null | undefined)?.[name] === 'function';
  const { dimensions } = (objective ?? {}) as { readonly dimensions?: unknown };
  const needed = ['isLayerOptimizable', 'layerResources', 'layerSavings'];
  if (Array.isArray(dimensions) && needed.every(isFunction)) return;
  const found = typeof objective === 'string' ? `'${objective}'` : typeof objective;
  throw new OptionError(
    `${where}: the objective is none (${found}); give e.g. parameterObjective, dspObjective, or ebopsObjective(model)`,
  );
}

/** Refuses what are no attributes of layers. @param where function named in errors @throws OptionError */
export function checkAttributes(attributes: unknown, where: string): void {
  if (attributes instanceof Map) return;
  throw new OptionError(
    `${where}: the attributes are no Map of layers; make them with attributesFromModel or attributesFromModelAndConfig`,
  );
}

/** Refuses options that are no object. @param where function named in errors @throws OptionError */
export function checkIsObject(options: unknown, where: string): void {
  if (typeof options === 'object' && options !== null) return;
  throw new OptionError(`${where}: the options are ${String(options)}; give an object`);
}

/** Refuses settings that are no lists. @param where function named in errors @throws OptionError */
export function checkLists(settings: Readonly<Record<string, unknown>>, where: string): void {
  for (const [name, value] of Object.entries(settings)) {
    if (value === undefined || Array.isArray(value)) continue;
    throw new OptionError(`${where}: ${name} ${String(value)} is no list; put it in [ ]`);
  }
}

/** Refuses settings that are no functions. @param where function named in errors @throws OptionError */
export function checkFunctions(settings: Readonly<Record<string, unknown>>, where: string): void {
  for (const [name, value] of Object.entries(settings)) {
    if (value === undefined || typeof value === 'function') continue;
    throw new OptionError(`${where}: ${name} ${String(value)} is no function`);
  }
}
