import { describe, expect, test } from 'vitest';
import { CpuOptionError, type CpuOptionErrorCode, isaExtensions, isaString, parseCpuModel } from './cpu-model.ts';
import { COMPRESSED, INSTRUCTIONS } from './index.ts';
import { PROFILES } from './profiles.ts';

const ALL = 'rv64imafdc_zicbom_zicbop_zicboz_zicntr_zicsr_zifencei_zihpm_zba_zbb_zbc_zbs_sstc_svadu';

function failureOf(option: string): { code: CpuOptionErrorCode; message: string } {
  try {
    parseCpuModel(option);
  } catch (error) {
    if (!(error instanceof CpuOptionError)) throw error;
    expect(error.message).not.toContain('\n');
    return { code: error.code, message: error.message };
  }
  throw new Error(`${option} was accepted`);
}

describe('-cpu', () => {
  test.each([
    ['rv64', ALL],
    ['rv64,zba=true,zbb=true', ALL], // the lab's
    ['rv64,zba=off,zbb=false,zbc=no,zbs=n', 'rv64imafdc_zicbom_zicbop_zicboz_zicntr_zicsr_zifencei_zihpm_sstc_svadu'],
    ['rv64,zba=off,zba=on', ALL], // as in QEMU, the last one counts
    ['rv64,zba=on,zba=off', 'rv64imafdc_zicbom_zicbop_zicboz_zicntr_zicsr_zifencei_zihpm_zbb_zbc_zbs_sstc_svadu'],
    ['rv64,,i=on,s=yes,u=y,zicsr=true', ALL],
    ['rv64,h=off,v=false,zicond=no,svpbmt=off,zfa=off', ALL], // extensions that QEMU has and we do not
    ['rv64,f=off,d=off,c=off,zicbom=off,zihpm=off', 'rv64ima_zicbop_zicboz_zicntr_zicsr_zifencei_zba_zbb_zbc_zbs_sstc_svadu'],
    ['rv64,d=off', ALL.replace('fdc', 'fc')],
    ['rv64,svinval=on', `${ALL}_svinval`], // off by default, as in QEMU
    ['max', `${ALL}_svinval`],
    ['max,svinval=off', ALL],
    ['rv64,rva22s64=off', ALL],
  ])('%s gives %s', (option, isa) => {
    const cpu = parseCpuModel(option);
    expect(isaString(cpu)).toBe(isa);
    const [letters, ...others] = isa.slice('rv64'.length).split('_');
    expect(isaExtensions(cpu)).toEqual([...letters!, ...others]);
    expect([...cpu.extensions].sort()).toEqual(isaExtensions(cpu).sort());
  });

  test.each([
    ['rv64', 'sv57'],
    ['rv64,sv57=off', 'sv48'],
    ['rv64,sv48=off', 'sv39'],
    ['rv64,sv39=on', 'sv39'], // QEMU: a mode that is turned on is the best one
    ['rv64,sv39=on,sv48=on', 'sv48'],
    ['rv64,sv48=on,sv48=off', 'sv39'],
  ])('%s translates up to %s', (option, mmu) => {
    expect(parseCpuModel(option).mmu).toBe(mmu);
  });

  test.each<[string, CpuOptionErrorCode]>([
    ['', 'model'],
    ['rv32', 'model'],
    ['rva22s64', 'missing-extension'],
    ['rva23u64,v=off', 'missing-extension'],
    ['rv64,rva22s64=on', 'missing-extension'],
    ['zba=on', 'model'],
    ['rv64,zba', 'syntax'],
    ['rv64,zba=', 'syntax'],
    ['rv64,zba=1', 'syntax'],
    ['rv64,zba=ON', 'syntax'],
    ['rv64,=on', 'unknown-extension'],
    ['rv64,zbx=on', 'unknown-extension'],
    ['rv64,zbx=off', 'unknown-extension'],
    ['rv64,ZBA=on', 'unknown-extension'],
    ['rv64,toString=on', 'unknown-extension'],
    ['rv64,zba=toString', 'syntax'],
    ['rv64,v=on', 'missing-extension'],
    ['rv64,svpbmt=true', 'missing-extension'],
    ['rv64,i=off', 'required-extension'],
    ['rv64,s=off', 'required-extension'],
    ['rv64,zicsr=off', 'required-extension'],
    ['rv64,sv39=off', 'required-extension'],
    ['rv64,f=off', 'dependency'],
  ])('%s is refused: %s', (option, code) => {
    expect(failureOf(option).code).toBe(code);
  });

  test('an unknown name lists the known ones', () => {
    expect(failureOf('rv64,zbx=on').message).toBe(
      '-cpu: no extension is called "zbx"; known here: i m a f d c zicbom zicbop zicboz ' +
        'zicntr zicsr zifencei zihpm zba zbb zbc zbs sstc svadu svinval sv39 sv48 sv57',
    );
  });

  test('a profile is refused with what is missing, and with what comes nearest', () => {
    expect(failureOf('rva22s64').message).toBe(
      '-cpu rva22s64: of this profile the machine lacks zfhmin, svade, svpbmt; write -cpu rv64,svinval=on, which has the rest',
    );
    expect(failureOf('rv64,rva22u64=on').message).toContain('-cpu rva22u64=on: of this profile the machine lacks zfhmin; write -cpu rv64,');
    for (const [, { nearest }] of PROFILES) expect(() => parseCpuModel(nearest)).not.toThrow();
  });

  test('what can be on is what the instruction table has', () => {
    const implemented = new Set(
      [...INSTRUCTIONS, ...COMPRESSED].map(({ extension }) => extension).filter((extension) => extension !== 'system'),
    );
    // CSRs and the page walk, and hints among the base instructions.
    const withoutInstructions = ['zicbop', 'zicntr', 'zihpm', 'sstc', 'svadu'];
    const withInstructions = isaExtensions(parseCpuModel('rv64,svinval=on')).filter((name) => !withoutInstructions.includes(name));
    expect([...implemented].sort()).toEqual(withInstructions.sort());
  });
});
