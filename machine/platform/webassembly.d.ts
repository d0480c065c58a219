/**
 * All that the machine uses of WebAssembly, which Node and browsers have and the language's own types leave out. `machine/tsconfig.json`
 * knows neither of the two, so a name that is not in this folder does not type-check in the machine.
 */

declare namespace WebAssembly {
  class Module {
    /** Compiles at once. */
    constructor(bytes: Uint8Array);
    readonly [Symbol.toStringTag]: 'WebAssembly.Module';
  }

  class Instance {
    constructor(module: Module, imports: Record<string, Record<string, unknown>>);
    readonly exports: Record<string, unknown>;
  }

  class Memory {
    /** Sizes in pages of 64 KiB. */
    constructor(size: { initial: number; maximum: number });
    readonly buffer: ArrayBuffer;
  }

  class Table {
    constructor(description: { element: 'anyfunc'; initial: number });
    readonly length: number;
    /** Returns the length before. */
    grow(by: number): number;
    set(index: number, value: unknown): void;
  }
}
