/**
 * The generated module: everything of the hart that runs in WebAssembly, built once per process and instantiated for each machine.
 */
import { buildCsr } from '../hart/csr-access.ts';
import { buildAccess } from '../mmu/access.ts';
import { buildRefresh } from '../mmu/context.ts';
import { buildFetchPage } from '../mmu/fetch.ts';
import { buildTranslate } from '../mmu/walk.ts';
import { ModuleBuilder } from '../wasm/module.ts';
import { buildInterpreter } from './interpreter.ts';
import { PREBUILT } from './prebuilt.ts';

/** What the generated code calls; addresses and widths are numbers. */
export interface CoreImports {
  /** (physical address, width); sets the slot `busFault` where nothing answers. */
  busRead(address: number, width: number): number;
  busWrite(address: number, width: number, value: number): void;
  /** (host address, width): a store to RAM while the slot `recording` is set. */
  stored(host: number, width: number): void;
  /** (host address of a page of RAM) -> its new decoded page. */
  newPage(host: number): number;
  decode(entry: number, page: number): void;
  crossing(): number;
  soft(operation: number, entry: number): number;
}

/** What TypeScript calls. 64-bit values are bigints: slow paths only. */
export interface Core {
  /** Runs until an exit code of exec/interpreter.ts. */
  run(): number;
  refresh(): void;
  /** (virtual address, access) -> physical address or -1 with cause and tval. */
  translate(address: bigint, access: number): bigint;
  /** (host address, length): forgets decoded instructions. */
  written(host: number, length: number): void;
}

export function generate(): Uint8Array<ArrayBuffer> {
  const module = new ModuleBuilder();
  const bus = {
    read: module.import('busRead', ['i32', 'i32'], 'i32'),
    write: module.import('busWrite', ['i32', 'i32', 'i32'], undefined),
    stored: module.import('stored', ['i32', 'i32'], undefined),
  };
  const newPage = module.import('newPage', ['i32'], 'i32');
  const decode = module.import('decode', ['i32', 'i32'], undefined);
  const crossing = module.import('crossing', [], 'i32');
  const soft = module.import('soft', ['i32', 'i32'], 'i32');

  const refresh = buildRefresh(module);
  const translate = buildTranslate(module);
  const access = buildAccess(module, translate, bus);
  const fetchPage = buildFetchPage(module, translate, newPage);
  const csr = buildCsr(module, refresh);
  buildInterpreter(module, { access, fetchPage, decode, crossing, csr, soft });
  module.export('refresh', refresh);
  module.export('translate', translate);
  module.export('written', access.written);
  return module.finish(1);
}

let compiled: WebAssembly.Module | undefined;

/** The compiled module. The bundle brings the bytes along (build.mjs); elsewhere they are generated, once per process. */
function coreModule(): WebAssembly.Module {
  compiled ??= new WebAssembly.Module(PREBUILT ?? generate());
  return compiled;
}

export function instantiate(memory: WebAssembly.Memory, imports: CoreImports): Core {
  const instance = new WebAssembly.Instance(coreModule(), { env: { memory, ...imports } });
  return instance.exports as unknown as Core;
}
