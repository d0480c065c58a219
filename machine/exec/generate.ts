/**
 * Generates the WebAssembly module from the table of instructions. Its imports and exports are described in exec/core.ts.
 */

import { SOFT_OPERATIONS } from '../isa/float.ts';
import { DECODE_TABLE } from '../layout/memory-map.ts';
import { buildFlush } from '../layout/tlb.ts';
import { buildAccess } from '../mmu/access.ts';
import { buildLog } from '../mmu/access-log.ts';
import { buildRefresh } from '../mmu/context.ts';
import { buildWritten } from '../mmu/decoded-code.ts';
import { buildFetchPage } from '../mmu/fetch.ts';
import { buildLocate, buildProtection } from '../mmu/protection.ts';
import { buildTranslate } from '../mmu/walk.ts';
import { ModuleBuilder } from '../wasm/module.ts';
import { buildCsr, buildFloatChanged } from './csr-access.ts';
import { buildDecode, buildEntry } from './decode.ts';
import { decodeTable } from './decode-table.ts';
import { buildFused } from './fused.ts';
import { buildInterpreter } from './interpreter.ts';
import { buildSoftFloat } from './soft/index.ts';
import { buildBits, buildStop, buildWriteSatp } from './stop.ts';
import { buildCountReached } from './tally.ts';
import { buildTraps } from './trap.ts';

/** The module's bytes. `logging`: of the variant that logs accesses; what it does to the guest is the same. */
export function generate({ logging = false } = {}): Uint8Array<ArrayBuffer> {
  const module = new ModuleBuilder();
  const bus = {
    read: module.import('busRead', ['i32', 'i32'], 'i32'),
    write: module.import('busWrite', ['i32', 'i32', 'i32'], undefined),
    stored: module.import('stored', ['i32', 'i32', 'i32'], undefined),
    loaded: module.import('loaded', ['i32', 'i32'], undefined),
  };
  const code = {
    codeChanged: module.import('codeChanged', ['i32'], undefined),
    manyStores: module.import('manyStores', ['i32'], undefined),
  };
  const newPage = module.import('newPage', ['i32', 'i32'], 'i32');
  const apart = module.import('decodeApart', ['i32', 'i32'], undefined);
  const crossing = module.import('crossing', [], 'i32');
  const reached = module.import('reached', ['i32'], undefined);
  const keep = module.import('keepPage', ['i32'], undefined);
  const logFull = logging ? module.import('accessLogFull', [], undefined) : undefined;

  const log = logFull && buildLog(module, logFull);
  const flush = buildFlush(module);
  const refresh = buildRefresh(module, flush);
  const written = buildWritten(module, code);
  const protection = buildProtection(module);
  const locate = buildLocate(module, buildTranslate(module, protection, { written, keep }), protection);
  const access = buildAccess(module, locate, { bus, calls: { written, keep }, log });
  const entry = buildEntry(module);
  const decode = buildDecode(module, { entry, apart });
  const fetchPage = buildFetchPage(module, locate, newPage);
  const floatChanged = buildFloatChanged(module);
  const soft = buildSoftFloat(module, SOFT_OPERATIONS, floatChanged);
  const fused = buildFused(module);
  const csr = buildCsr(module, refresh, floatChanged);
  const traps = buildTraps(module, refresh, log);
  const bits = buildBits(module);
  const stop = buildStop(module, { ...traps, flush, bits, writeSatp: buildWriteSatp(module, flush) });
  buildInterpreter(module, {
    access,
    fetchPage,
    decode,
    crossing,
    csr,
    soft,
    fused,
    stop,
    reached,
    countReached: buildCountReached(module),
    log,
  });
  module.data(DECODE_TABLE, decodeTable());
  module.export('entry', entry);
  module.export('refresh', refresh);
  module.export('locate', locate);
  module.export('store', access.store);
  module.export('refill', access.refill);
  module.export('csr', csr);
  module.export('soft', soft);
  module.export('fusedDouble', fused.double);
  module.export('fusedSingle', fused.single);
  module.export('bitsOf', bits);
  module.export('floatChanged', floatChanged);
  module.export('written', written);
  for (const [name, f] of Object.entries(traps.exported)) module.export(name, f);
  return module.finish(1);
}
