import type { ExtensionNode } from '@sp/quant/internal';
import { ConfigError, FirmwareError } from '../errors.ts';
import type { Decisions, Kernel } from './kernel.ts';

/** How an op from outside becomes C++, and what it costs. */
export interface KernelExtension<D extends Decisions = Decisions> extends Omit<Kernel<ExtensionNode, D>, 'op'> {
  /** The name that `registerOp` of `@sp/quant` knows the op by. */
  readonly extension: string;
}

const extensions = new Map<string, KernelExtension>();

/**
 * Makes the C++ kernel of an op from outside known, for graphs that use it. Registering the same object again changes nothing.
 *
 * @throws ConfigError when another kernel has been registered for the op
 * @example registerKernel({ extension: 'acme.clip', options: [], loops: () => false, decide: () => ({}), emit, cost, describe: () => 'clip' });
 */
export function registerKernel(kernel: KernelExtension): void {
  const known = extensions.get(kernel.extension);
  if (known !== undefined && known !== kernel)
    throw new ConfigError(
      `registerKernel: there is another kernel for "${kernel.extension}" already; give your op its own name`,
    );
  extensions.set(kernel.extension, kernel);
}

/** The kernel of an extension's node. @throws FirmwareError naming the op that has none */
export function extensionKernelOf(node: ExtensionNode): KernelExtension {
  const kernel = extensions.get(node.extension);
  if (kernel !== undefined) return kernel;
  throw new FirmwareError(
    `node "${node.name}": its op "${node.extension}" is an extension without a C++ kernel; import the module that calls registerKernel for it (registered: ${[...extensions.keys()].join(', ') || 'none'})`,
  );
}
