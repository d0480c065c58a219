/** A register of virtio-mmio: a row of the tables in mmio.ts, mmio-legacy.ts and mmio-modern.ts. */
export interface Register<Transport> {
  /** As the specification calls it. */
  readonly name: string;
  readonly offset: number;
  /** Absent: reads 0. */
  readonly read?: (transport: Transport) => number;
  /** Absent: writes are ignored. */
  readonly write?: (transport: Transport, value: number) => void;
}
