/** An exception that a kernel did not survive, and what a repeated run has shown of it, as plain JSON. */
import { z } from 'zod';
import { stackSchema, storeSchema } from './code-place.ts';
import { count, flag, hexNumber, type Saved, text } from './fields.ts';
import { interruptedSchema } from './interrupted.ts';

const walkSchema = z
  .object({
    level: count.describe('level of the page table'),
    address: hexNumber.describe('physical address of the entry'),
    entry: hexNumber.describe('its value'),
  })
  .meta({ id: 'walk', description: 'One entry that a page-table walk read.' });

export const exceptionSchema = z
  .object({
    pc: hexNumber.describe('address of the instruction'),
    mode: z.enum(['M', 'S', 'U']).describe('privilege mode in which it was raised: U is a user program'),
    cause: count.describe('scause or mcause'),
    value: hexNumber.describe('stval or mtval'),
    instructions: count.describe('instructions retired before it'),
    time: count.describe('guest nanoseconds'),
    times: z
      .int()
      .min(1)
      .describe(
        'how often in a row the instruction raised it: more than once where the handler returned to the instruction. Of a call (cause 8) it is the second time that is described',
      ),
    vector: z
      .object({
        register: z.enum(['stvec', 'mtvec']).describe('the trap vector: `mtvec` where M mode handles it'),
        value: hexNumber.describe('what that holds'),
        state: z
          .enum(['set', 'unset', 'refused'])
          .describe('`unset`: as it was when the kernel started; `refused`: so too, since what the kernel wrote has a reserved mode'),
        written: hexNumber.nullable().describe('what the kernel wrote, where it was refused; else `null`'),
      })
      .describe('where it went'),
    next: z
      .object({
        pc: hexNumber.describe('address of the instruction'),
        cause: count.describe('scause or mcause'),
        value: hexNumber.describe('stval or mtval'),
        instructions: count.describe('instructions retired before it'),
      })
      .nullable()
      .describe('the next one, where it came before the handler of this one had returned: the handler itself faulted; else `null`'),
    further: count.describe('how many came before that handler had returned'),
    unreturned: count.describe('how many traps had not been returned from when it was raised, as far as the returns can be told apart'),
  })
  .meta({
    id: 'exception',
    description: 'An exception that the kernel did not survive: the first, where its handler raised further ones.',
  });

const originSchema = z
  .discriminatedUnion('by', [
    z
      .object({
        by: z.literal('memory'),
        address: hexNumber.describe('virtual address that it was loaded from'),
        physical: hexNumber.nullable().describe('the physical one; `null` if that is mapped to nothing'),
        value: hexNumber.describe('what was loaded'),
        bytes: count.describe('how many bytes were loaded: an address has 8'),
        symbol: text.nullable().describe('the variable there; `null` if nothing names one'),
        onStack: flag.describe('whether that was on the stack'),
        stack: stackSchema.describe('where it was loaded'),
        store: storeSchema.nullable().describe('who stored it last before that; `null` if that was not found out'),
      })
      .describe('it was loaded from memory'),
    z
      .object({
        by: z.literal('csr'),
        csr: text.describe('its name'),
        value: hexNumber.describe('what was read'),
        stack: stackSchema.describe('where it was read'),
        written: stackSchema.nullable().describe('where it was written last, if that is not long ago; else `null`'),
        instead: z
          .object({
            csr: text.describe('its name'),
            stack: stackSchema.describe('where it was written'),
          })
          .nullable()
          .describe(
            'of the address of a return from a trap: where the register of the other return was written, and this one was not; else `null`',
          ),
      })
      .describe('it was read from a control and status register'),
    z
      .object({
        by: z.literal('instruction'),
        instruction: text.describe('disassembled'),
        stack: stackSchema.describe('where it is'),
      })
      .describe('an instruction made it'),
    z.object({ by: z.literal('start') }).describe('nothing: the register still held what it held when the kernel started'),
  ])
  .meta({ id: 'address-origin', description: 'Where the address came from that was used for a jump, a load or a store.' });

const jumpSchema = z
  .object({
    kind: z
      .enum(['call', 'return', 'jump', 'trap-return', 'ran-on', 'satp'])
      .describe(
        '`trap-return`: `sret` or `mret`; `ran-on`: there was no jump, the instruction before is the last one of the code; `satp`: the ' +
          'instruction before has changed the page table',
      ),
    instruction: text.describe('disassembled'),
    to: hexNumber.describe('where it led: what is there may have been executed for a while'),
    stack: stackSchema.describe('where it is'),
  })
  .meta({ id: 'exception-jump', description: 'How the hart came to where the exception was raised.' });

const satpSchema = z
  .discriminatedUnion('kind', [
    z.object({ kind: z.literal('off') }).describe('its MODE is 0, so that there is no translation, although it is not 0'),
    z
      .object({
        kind: z.literal('shifted'),
        by: count.describe('by how many bits the address was shifted'),
        root: hexNumber.describe('that address'),
      })
      .describe('its page number is an address that was not shifted by 12 bits'),
    z
      .object({ kind: z.literal('mode'), meant: count.describe('the MODE under which the table maps the address') })
      .describe('the table is one for another number of levels'),
    z
      .object({
        kind: z.literal('unaligned'),
        symbol: text.describe('the variable that the root table likely is'),
        address: hexNumber.describe('where that begins'),
      })
      .describe('the root table does not begin at a page'),
  ])
  .meta({ id: 'satp', description: 'What is wrong with the value of satp.' });

const leftTrapSchema = z
  .discriminatedUnion('kind', [
    z.object({ kind: z.literal('interrupt') }).describe('an interrupt'),
    z
      .object({
        kind: z.literal('exception'),
        pc: hexNumber.describe('address of the instruction that raised it'),
        instruction: text.describe('disassembled'),
        length: count.describe('its bytes: 2 or 4'),
      })
      .describe('an exception'),
  ])
  .meta({ id: 'left-trap', description: 'The trap that a handler returned from.' });

const middleSchema = z
  .object({
    to: hexNumber.describe('where the hart went on'),
    begins: hexNumber.describe('where the instruction begins in whose middle that is'),
    instruction: text.describe('that instruction, disassembled'),
    by: text.describe('the instruction that led there, disassembled'),
    stack: stackSchema.describe('where that is'),
    trap: leftTrapSchema
      .nullable()
      .describe('the trap from which the handler returned there; `null` for a jump, or where it is too long ago'),
  })
  .meta({ id: 'mid-instruction', description: 'A return or a jump into the middle of an instruction.' });

const illegalSchema = z
  .discriminatedUnion('kind', [
    z.object({ kind: z.literal('zeroes') }).describe('there are zeroes, which are no instruction'),
    z.object({ kind: z.literal('unimp') }).describe('`unimp`, which compilers put where no code must come to'),
    z.object({ kind: z.literal('float-off') }).describe('floating point, while FS of mstatus is 0'),
    z
      .object({
        kind: z.literal('csr'),
        csr: text.describe('its name, or its number'),
        reason: z
          .enum(['privilege', 'unknown', 'read-only', 'disabled'])
          .describe(
            '`privilege`: it belongs to a higher mode; `unknown`: this cpu does not have it; `disabled`: a bit of another register',
          ),
        needs: z.enum(['M', 'S', 'U']).describe('the lowest mode that may access it'),
      })
      .describe('an access to a control and status register'),
    z
      .object({
        kind: z.literal('privileged'),
        instruction: text.describe('its name'),
        isTrapped: flag.describe('whether the mode may execute it, and a bit of mstatus (TVM, TW, TSR) forbids it'),
      })
      .describe('an instruction of a higher mode'),
    z
      .object({
        kind: z.literal('unknown'),
        extension: text.nullable().describe('the extension that has it, as far as its bits say so; else `null`'),
      })
      .describe('an instruction that this cpu does not have, or no instruction at all'),
  ])
  .meta({ id: 'illegal', description: 'Why an instruction was illegal.' });

export const explainedExceptionSchema = z
  .object({
    instruction: text.nullable().describe('disassembled; `null` if it could not be read'),
    stack: stackSchema.describe('where it was raised'),
    walk: z
      .array(walkSchema)
      .describe('the entries of the page table that were read, for a page fault, or for an access that was refused where the page lies'),
    walkEnd: text.nullable().describe('for a page fault, why the walk ended there; else `null`'),
    entryStore: storeSchema
      .nullable()
      .describe('who stored the last of these entries, where it is not 0 and maps nothing, or no memory; else `null`'),
    sp: z
      .object({
        value: hexNumber.describe('the stack pointer'),
        used: flag.describe('whether the instruction accesses memory by it'),
        inFirmware: flag.describe("whether it points into the firmware's memory, where no kernel may have a stack"),
        symbol: text.nullable().describe('the variable that it points into; `null` if nothing names one'),
      })
      .describe('the stack pointer then'),
    csrs: z
      .object({
        mstatus: hexNumber.describe('sstatus shows a part of it'),
        satp: hexNumber.describe('of the page table'),
        sscratch: hexNumber.describe("the kernel's own"),
      })
      .describe('control and status registers just before it'),
    there: z
      .object({
        symbol: text.nullable().describe('the variable, and how far into it; `null` if nothing names one'),
        section: text.nullable().describe("the section of the kernel's file; `null` if it is in none"),
        isMemory: flag.describe('whether there is RAM'),
      })
      .nullable()
      .describe('what lies where the hart went on, if that is not code of the kernel; else `null`'),
    target: z
      .object({
        kind: z.enum(['ram', 'firmware', 'device', 'nothing']).describe('what is there'),
        physical: hexNumber.describe('the physical address'),
        ramEnd: hexNumber.describe('the address after the last byte of RAM'),
      })
      .nullable()
      .describe('what is at the address of a load or store that was refused, if the page table has nothing against it; else `null`'),
    vectorEnd: text.nullable().describe('why the page table does not let the trap vector run; `null` if it does, or none is in force'),
    vectored: z
      .object({
        cause: count.describe('of the interrupt, without the highest bit'),
        entry: hexNumber.describe('where it began: 4 bytes for each cause after the address in the vector'),
        instruction: text.describe('what is there, disassembled'),
        isCompressed: flag.describe('whether there is a table, of jumps that have 2 bytes instead of 4'),
        stack: stackSchema.describe('that place'),
      })
      .nullable()
      .describe('the last interrupt, where the vector has the mode for a table of jumps, and there is no table; else `null`'),
    interrupted: interruptedSchema.nullable().describe('the last interrupt before it; `null` if there was none, or it was not found'),
    satp: satpSchema.nullable().describe('what is wrong with the value of satp itself; `null` if nothing is known to be'),
    middle: middleSchema
      .nullable()
      .describe('how the hart came into the middle of an instruction; `null` if it did not, or that is not known'),
    jump: jumpSchema.nullable().describe('how the hart came there, if it is not code or may not be executed; else `null`'),
    origin: originSchema.nullable().describe('of the address; `null` if it was not found out'),
    illegal: illegalSchema.nullable().describe('why the instruction is illegal; else `null`'),
    overwritten: z
      .object({
        file: hexNumber.describe('the instruction there in the kernel file'),
        store: storeSchema.nullable().describe('who stored there last; `null` if that was not found out'),
      })
      .nullable()
      .describe('if the instruction is not the one of the kernel file any more; else `null`'),
    handler: z
      .object({
        returns: stackSchema.describe('where it returned'),
        sepc: stackSchema.nullable().describe('where it wrote sepc (or mepc) before that; `null` if it did not'),
      })
      .nullable()
      .describe('for a call that is made again and again: its handler; else `null`'),
  })
  .meta({ id: 'explained-exception', description: 'What a repeated run has shown of an exception.' });

export type AddressOrigin = Saved<typeof originSchema>;
export type WalkEvidence = Saved<typeof walkSchema>;
export type ExceptionEvidence = Saved<typeof exceptionSchema>;
export type ExplainedException = Saved<typeof explainedExceptionSchema>;

/** Causes of instructions that could not be fetched (Privileged Architecture, scause). */
export const FETCH_FAULTS: ReadonlySet<number> = new Set([0, 1, 12]);

/** How the end of a walk begins that has found the page: the entry's permissions follow. */
export const PAGE_MAPPED = 'the page is mapped with';

/** Causes of loads and stores. */
const ACCESSES: ReadonlySet<number> = new Set([4, 5, 6, 7, 13, 15]);

export function isAccess(cause: number): boolean {
  return ACCESSES.has(cause);
}

/** The kernel went on at an address from which no instruction can be fetched: it may have jumped there, or the page table has changed. */
export function isJump({ cause, pc, value }: Pick<ExceptionEvidence, 'cause' | 'pc' | 'value'>): boolean {
  return FETCH_FAULTS.has(cause) && BigInt(pc) === BigInt(value);
}
