/** Addresses of network devices, as six pairs of hexadecimal digits with colons. */

/** QEMU's for the first network device. */
export const DEFAULT_MAC = '52:54:00:12:34:56';

/** A group address, whose first byte is odd, names no device: QEMU refuses it. */
const MAC = /^[0-9a-f][02468ace](:[0-9a-f]{2}){5}$/i;

export const isMac = (text: string): boolean => MAC.test(text);

/** Of a text that is one. */
export const macBytes = (text: string): Uint8Array => Uint8Array.from(text.split(':'), (pair) => Number.parseInt(pair, 16));
