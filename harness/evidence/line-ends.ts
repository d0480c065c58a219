/** The line ends of a console. Kernels write CR LF, some of them several CRs: what a terminal shows as one line end is one LF here. */

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/** A copy without the carriage returns that stand directly before a line feed. All others stay. One pass over the bytes. */
export function withPlainLineEnds(bytes: Uint8Array): Uint8Array {
  const kept = new Uint8Array(bytes.length);
  let length = 0;
  /** Carriage returns at the end of what is kept. */
  let returns = 0;
  for (const byte of bytes) {
    if (byte === LINE_FEED) length -= returns;
    returns = byte === CARRIAGE_RETURN ? returns + 1 : 0;
    kept[length++] = byte;
  }
  return kept.subarray(0, length);
}
