/** A register of virtio-mmio: a row of the tables in mmio.ts, mmio-legacy.ts and mmio-modern.ts. */
export interface Register<Transport> {
  /** As the specification calls it. */
  readonly name: string;
  readonly offset: number;
  /** If absent, reads give 0. */
  readonly read?: (transport: Transport) => number;
  /** If absent, writes are ignored. */
  readonly write?: (transport: Transport, value: number) => void;
}
