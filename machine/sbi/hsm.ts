/** Hart state management (SBI v2.0, chapter 9). A hart starts, stops and is suspended at once, so no state is pending. */
import {
  eid,
  failure,
  SBI_ERR_ALREADY_AVAILABLE,
  SBI_ERR_INVALID_ADDRESS,
  SBI_ERR_INVALID_PARAM,
  SBI_ERR_NOT_SUPPORTED,
  type SbiExtension,
  type SbiFunction,
  type SbiHart,
  type SbiPort,
  success,
} from './extension.ts';
import { isAccessible } from './memory.ts';

/** Values that the status call returns. */
const STATUS = { started: 0n, stopped: 1n, suspended: 4n } as const;
const RETENTIVE = 0x0000_0000n;
const NON_RETENTIVE = 0x8000_0000n;
/** First suspend type of the platform's range; below it, all types but the default one are reserved. */
const PLATFORM_RETENTIVE = 0x1000_0000n;
const PLATFORM_NON_RETENTIVE = 0x9000_0000n;

const hartOf = ({ harts }: SbiPort, number: bigint): SbiHart | undefined =>
  number < BigInt(harts.length) ? harts[Number(number)] : undefined;

const start: SbiFunction = (port, [number, address, opaque]) => {
  const hart = hartOf(port, number);
  if (hart === undefined) return failure(SBI_ERR_INVALID_PARAM);
  if (hart.state() !== 'stopped') return failure(SBI_ERR_ALREADY_AVAILABLE);
  if (!isAccessible(port.memory, address, 1n)) return failure(SBI_ERR_INVALID_ADDRESS);
  hart.start({ address, opaque });
  return success();
};

const stop: SbiFunction = (port) => {
  port.stopHart();
  return success();
};

const status: SbiFunction = (port, [number]) => {
  const hart = hartOf(port, number);
  return hart === undefined ? failure(SBI_ERR_INVALID_PARAM) : success(STATUS[hart.state()]);
};

const suspend: SbiFunction = (port, [suspendType, address, opaque]) => {
  const type = suspendType & 0xffff_ffffn; // a 32-bit parameter
  switch (type) {
    case RETENTIVE:
      port.suspendHart();
      return success();
    case NON_RETENTIVE:
      if (!isAccessible(port.memory, address, 1n)) return failure(SBI_ERR_INVALID_ADDRESS);
      port.suspendHart({ address, opaque });
      return success();
    default: {
      const platform = type >= PLATFORM_NON_RETENTIVE || (type >= PLATFORM_RETENTIVE && type < NON_RETENTIVE);
      return failure(platform ? SBI_ERR_NOT_SUPPORTED : SBI_ERR_INVALID_PARAM);
    }
  }
};

export const hsmExtension: SbiExtension = { name: 'HSM', id: eid('HSM'), functions: [start, stop, status, suspend] };
