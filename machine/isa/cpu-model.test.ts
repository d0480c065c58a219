import { describe, expect, test } from 'vitest';
import { CpuOptionError, type CpuOptionErrorCode, isaExtensions, isaString, parseCpuModel } from './cpu-model.ts';
import { COMPRESSED, INSTRUCTIONS } from './index.ts';
import { LACKING_PROFILES } from './profiles.ts';

const ALL = 'rv64imafdc_zicbom_zicbop_zicboz_zicntr_zicsr_zifencei_zihpm_zawrs_zba_zbb_zbc_zbs_sstc_svadu';
const MAX =
  'rv64imafdcb_zicbom_zicbop_zicboz_zicond_zicntr_zicsr_zifencei_zihpm_zawrs_zfh_zfhmin_zcb_zba_zbb_zbc_zbs_sstc_svadu_svinval_svnapot_svpbmt';
const RVA22 = 'zicbom_zicbop_zicboz_zicntr_zicsr';

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
    ['rv64,zba=off,zbb=false,zbc=no,zbs=n', ALL.replace('_zba_zbb_zbc_zbs', '')],
    ['rv64,zba=off,zba=on', ALL], // as in QEMU, the last one counts
    ['rv64,zba=on,zba=off', ALL.replace('_zba', '')],
    ['rv64,,i=on,s=yes,u=y,zicsr=true', ALL],
    ['rv64,h=off,v=false,zicond=no,svpbmt=off,zimop=off', ALL], // off already, or extensions that QEMU has and we do not
    ['rv64,f=off,d=off,c=off,zicbom=off,zihpm=off', ALL.replace('fdc_zicbom', '').replace('_zihpm', '')],
    ['rv64,d=off', ALL.replace('fdc', 'fc')],
    ['rv64,svinval=on', `${ALL}_svinval`], // off by default, as in QEMU
    ['max', MAX],
    ['max,svinval=off', MAX.replace('_svinval', '')],
    ['rv64,rva22s64=off', ALL],
    ['rv64,zicond=on,zcb=on', ALL.replace('_zicntr', '_zicond_zicntr').replace('_zba', '_zcb_zba')],
    ['rv64,svade=on,svnapot=on', `${ALL.replace('svadu', 'svade_svadu')}_svnapot`],
    ['rv64,zfh=on', ALL.replace('_zba', '_zfh_zfhmin_zba')], // Zfh contains Zfhmin
    ['rv64,b=on,zbs=off', ALL.replace('fdc', 'fdcb').replace('_zbs', '')], // as in QEMU, what is set by itself counts
    ['rva22u64', `rv64imafdcb_${RVA22}_zihpm_zfhmin_zba_zbb_zbs`],
    ['rva22s64', `rv64imafdcb_${RVA22}_zifencei_zihpm_zfhmin_zba_zbb_zbs_svade_svinval_svpbmt`],
    ['rva22s64,sstc=on,zba=off', `rv64imafdcb_${RVA22}_zifencei_zihpm_zfhmin_zbb_zbs_sstc_svade_svinval_svpbmt`],
    ['rv64,rva22s64=on', `${ALL.replace('fdc', 'fdcb').replace('_zba', '_zfhmin_zba').replace('svadu', 'svade_svadu')}_svinval_svpbmt`],
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
    ['rva22s64', 'sv39'],
    ['rva22s64,sv57=off', 'sv39'],
    ['rva22s64,sv48=on', 'sv48'],
    ['rv64,rva22s64=on', 'sv39'],
    ['rv64,rva22u64=on', 'sv57'],
  ])('%s translates up to %s', (option, mmu) => {
    expect(parseCpuModel(option).mmu).toBe(mmu);
  });

  test.each<[string, CpuOptionErrorCode]>([
    ['', 'model'],
    ['rv32', 'model'],
    ['rva23s64', 'missing-extension'],
    ['rva23u64,v=off', 'missing-extension'],
    ['rv64,rva23s64=on', 'missing-extension'],
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
    ['rv64,zimop=true', 'missing-extension'],
    ['rv64,i=off', 'required-extension'],
    ['rv64,s=off', 'required-extension'],
    ['rv64,zicsr=off', 'required-extension'],
    ['rv64,sv39=off', 'required-extension'],
    ['rv64,f=off', 'dependency'],
    ['rv64,zcb=on,c=off', 'dependency'],
  ])('%s is refused: %s', (option, code) => {
    expect(failureOf(option).code).toBe(code);
  });

  test('an unknown name lists the known ones', () => {
    expect(failureOf('rv64,zbx=on').message).toBe(
      '-cpu: no extension is called "zbx"; known here: i m a f d c b zicbom zicbop zicboz ' +
        'zicond zicntr zicsr zifencei zihpm zawrs zfh zfhmin zcb zba zbb zbc zbs sstc svade svadu svinval svnapot svpbmt sv39 sv48 sv57',
    );
  });

  test('a profile is refused with what is missing, and with what comes nearest', () => {
    expect(failureOf('rva23u64').message).toBe(
      '-cpu rva23u64: of this profile the machine lacks v, zimop, zfa, zcmop, zvbb, zvfhmin, smnpm, ssnpm, supm; ' +
        'write -cpu rva22s64,zicond=on,zawrs=on,zcb=on, which has the rest',
    );
    expect(failureOf('rv64,rva23s64=on').message).toContain('-cpu rva23s64=on: of this profile the machine lacks h, v, zimop, ');
    for (const [, { nearest }] of LACKING_PROFILES) expect(() => parseCpuModel(nearest)).not.toThrow();
  });

  test.each([
    ['rv64', true],
    ['max', true],
    ['rv64,pmp=off', false],
    ['rva22s64', false], // as QEMU's profiles
    ['rva22s64,pmp=on', true],
  ])('%s has memory protection: %s', (option, pmp) => {
    expect(parseCpuModel(option).pmp).toBe(pmp);
  });

  test('what can be on is what the instruction table has', () => {
    const implemented = new Set(
      [...INSTRUCTIONS, ...COMPRESSED].map(({ extension }) => extension).filter((extension) => extension !== 'system'),
    );
    // CSRs and the page walk, hints among the base instructions, and a name for three extensions.
    const withoutInstructions = ['b', 'zicbop', 'zicntr', 'zihpm', 'sstc', 'svade', 'svadu', 'svnapot', 'svpbmt'];
    const withInstructions = isaExtensions(parseCpuModel('max,svade=on')).filter((name) => !withoutInstructions.includes(name));
    expect([...implemented].sort()).toEqual(withInstructions.sort());
  });
});
