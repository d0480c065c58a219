/** Debug console (SBI v2.0, chapter 12). */
import {
  eid,
  failure,
  SBI_ERR_FAILED,
  SBI_ERR_INVALID_PARAM,
  type SbiExtension,
  type SbiFunction,
  type SbiPort,
  type SbiResult,
  success,
} from './extension.ts';
import { isAccessible } from './memory.ts';

/** Most bytes that one call moves: the specification allows fewer than were asked for, and no line that a kernel prints is as long. */
export const TRANSFER_LIMIT = 0x1_0000;

const write: SbiFunction = (port, [length, low, high]) =>
  transfer(port, length, low, high, (address, count) => {
    for (const byte of port.memory.read(address, count) ?? []) port.console.putByte(byte);
    return count;
  });

const read: SbiFunction = (port, [length, low, high]) =>
  transfer(port, length, low, high, (address, count) => {
    const bytes: number[] = [];
    while (bytes.length < count) {
      const byte = port.console.getByte();
      if (byte < 0) break;
      bytes.push(byte);
    }
    port.memory.write(address, Uint8Array.from(bytes));
    return bytes.length;
  });

const writeByte: SbiFunction = (port, [byte]) => {
  port.console.putByte(Number(byte & 0xffn));
  return success();
};

/** Checks the whole buffer before the first byte moves. `move` returns how many bytes it moved. */
function transfer(port: SbiPort, length: bigint, low: bigint, high: bigint, move: (address: bigint, count: number) => number): SbiResult {
  if (high !== 0n) return failure(SBI_ERR_FAILED); // as OpenSBI: there is no memory from 2^64 on
  if (!isAccessible(port.memory, low, length)) return failure(SBI_ERR_INVALID_PARAM);
  const count = length < BigInt(TRANSFER_LIMIT) ? Number(length) : TRANSFER_LIMIT;
  return success(count === 0 ? 0n : BigInt(move(low, count)));
}

export const dbcnExtension: SbiExtension = { name: 'DBCN', id: eid('DBCN'), functions: [write, read, writeByte] };
