/**
 * Base extension (SBI v2.0, chapter 4).
 *
 * Implementation and version are those of OpenSBI 1.5, which comes with QEMU 10: a kernel that asks must get the same answer as there.
 */
import { type SbiExtension, success } from './extension.ts';

const SPECIFICATION_VERSION = (2n << 24n) | 0n;
const OPENSBI = 1n;
const OPENSBI_VERSION = (1n << 16n) | 5n;

/** `isImplemented` answers for an EID. */
export function baseExtension(isImplemented: (id: bigint) => boolean): SbiExtension {
  return {
    name: 'BASE',
    id: 0x10n,
    functions: [
      () => success(SPECIFICATION_VERSION),
      () => success(OPENSBI),
      () => success(OPENSBI_VERSION),
      (_, [id]) => success(isImplemented(id) ? 1n : 0n),
      (port) => success(port.identity.vendor),
      (port) => success(port.identity.architecture),
      (port) => success(port.identity.implementation),
    ],
  };
}
