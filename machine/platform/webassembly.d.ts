/**
 * The part of WebAssembly's API that the machine uses. Node and browsers have it, but the types of the language alone do not, and
 * `machine/tsconfig.json` includes no others: a name that is not declared in this folder is a type error in the machine.
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
