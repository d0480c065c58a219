/**
 * What solved kernels of the public labs print, for tests of rubrics/: by rubric, and for xv6 by the command that is typed. Written from
 * the runs of the real kernels (docs/development/conformance.md), of which only the lines that the courses' graders look at are kept.
 */
import type { ShellAnswer } from './shell-kernel.ts';

/** A mistake of a student: what the kernel prints instead, and the checks that are lost by it. */
export interface Fault {
  readonly line: RegExp;
  readonly instead: (prints: string) => string;
  readonly lost: readonly string[];
}

export interface ShellLab {
  /** The answer to a command. `lines` are all that are typed in the run. */
  readonly prints: (line: string, lines: readonly string[]) => string;
  readonly systemCalls?: (line: string) => readonly number[];
  readonly fault: Fault;
}

const USERTESTS = `usertests starting
test copyin: OK
test copyout: OK
test copyinstr1: OK
test rwsbrk: OK
test writebig: OK
test pipe1: OK
test preempt: kill... wait... OK
test exitwait: OK
test createdelete: OK
test linktest: OK
test concreate: OK
test forktest: OK
test sbrkbasic: OK
test sbrkmuch: OK
test bsstest: OK
ALL TESTS PASSED
`;
const TESTS_FAIL: Fault = {
  line: /^usertests -q$/,
  instead: (prints) =>
    prints.replace('sbrkmuch: OK', 'sbrkmuch: sbrkmuch: sbrk test failed\nFAILED').replace('ALL TESTS PASSED', 'SOME TESTS FAILED'),
  lost: ['usertests'],
};
const usual = (line: string): string => {
  if (line === 'usertests -q') return USERTESTS;
  if (line.startsWith('usertests ')) return `usertests starting\ntest ${line.slice(10)}: OK\nALL TESTS PASSED\n`;
  return line.startsWith('echo ') && !line.includes('>') ? `${line.slice(5).replaceAll(/ +/g, ' ')}\n` : '';
};

const PRIMES = Array.from({ length: 279 }, (_, index) => index + 2).filter((n) => ![2, 3, 5, 7, 11, 13].some((p) => p < n && n % p === 0));

/** What `find` prints after these commands have made files. */
function found(lines: readonly string[], line: string): string {
  const [, top, name] = line.split(' ');
  const files = lines.flatMap((one) => (one.startsWith('echo > ') ? [`./${one.slice(7)}`] : []));
  const below = top === '.' ? './' : `./${top}/`;
  return files
    .filter((file) => file.startsWith(below) && file.endsWith(`/${name}`))
    .map((file) => `${top === '.' ? file : file.slice(2)}\n`)
    .join('');
}

/** `lines`: what is typed in the run, the command among them. */
export function answersOf(lab: ShellLab, lines: readonly string[], { faulty }: { readonly faulty: boolean }): ShellAnswer[] {
  return lines.map((line) => {
    const wrong = faulty && lab.fault.line.test(line);
    const right = lab.prints(line, lines);
    return {
      line,
      prints: wrong ? lab.fault.instead(right) : right,
      systemCalls: lab.systemCalls?.(line) ?? [],
    };
  });
}

const syscalls = (pid: number, ...calls: readonly string[]): string => calls.map((call) => `${pid}: syscall ${call}\n`).join('');
const READS = ['read -> 1023', 'read -> 961', 'read -> 321', 'read -> 0'];
const TRACED: Readonly<Record<string, string>> = {
  'trace 32 grep hello README': syscalls(3, ...READS),
  'trace 2097152 grep hello README': syscalls(4, 'close -> 0'),
  'trace 32896 grep hello README': syscalls(3, 'exec -> 3', 'open -> 3'),
  'trace 2147483647 grep hello README': syscalls(5, 'trace -> 0', 'exec -> 3', 'open -> 3', ...READS, 'close -> 0'),
  'trace 2 usertests forkforkfork': `usertests starting\n${syscalls(3, 'fork -> 4')}test forkforkfork: ${syscalls(3, 'fork -> 5')}${syscalls(5, 'fork -> 6')}${syscalls(6, 'fork -> 7', 'fork -> -1')}OK\n`,
  attacktest: 'OK: secret is ebb.ebb\n',
};

const LEVELS = `page table 0x0000000087f22000
 ..0x0000000000000000: pte 0x0000000021fc7801 pa 0x0000000087f1e000
 .. ..0x0000000000000000: pte 0x0000000021fc7401 pa 0x0000000087f1d000
 .. .. ..0x0000000000000000: pte 0x0000000021fc7c5b pa 0x0000000087f1f000
 .. .. ..0x0000000000001000: pte 0x0000000021fc70d7 pa 0x0000000087f1c000
 .. .. ..0x0000000000002000: pte 0x0000000021fc6c07 pa 0x0000000087f1b000
 .. .. ..0x0000000000003000: pte 0x0000000021fc68d7 pa 0x0000000087f1a000
 ..0xffffffffc0000000: pte 0x0000000021fc8401 pa 0x0000000087f21000
 .. ..0xffffffffffe00000: pte 0x0000000021fc8001 pa 0x0000000087f20000
 .. .. ..0xffffffffffffd000: pte 0x0000000021fd4c13 pa 0x0000000087f53000
 .. .. ..0xffffffffffffe000: pte 0x0000000021fd00c7 pa 0x0000000087f40000
 .. .. ..0xfffffffffffff000: pte 0x0000000020001c4b pa 0x0000000080007000
`;

const FIRST_NUMBERS = '5\n100\n18\n6\n';
const README_NUMBERS = '6\n6\n1810\n6\n1810\n';
const UTILITIES: Readonly<Record<string, string>> = {
  sleep: 'usage: sleep ticks\n',
  'sixfive sixfive.txt': FIRST_NUMBERS,
  'sixfive README': README_NUMBERS,
  'sixfive sixfive.txt README': FIRST_NUMBERS + README_NUMBERS,
  memdump: [['61810', '2025'], ['a string'], ['another'], ['B78', '1819438967', '100', 'z', 'xyzzy'], ['hello', 'w', 'o', 'r', 'l', 'd']]
    .map((example, index) => `Example ${index + 1}:\n${example.join('\n')}\n`)
    .join(''),
  'echo abcdefgh12345678 | memdump ii': '1684234849\n1751606885\n',
  'echo abcdefgh12345678 | memdump S': 'abcdefgh12345678\n\n',
  'echo abcdefgh12345678 | memdump p': '64636261\n',
  'find . wc -exec echo': './wc\n',
  'find . findtest.sh -exec grep hello': 'echo hello > a/b\necho hello > c/b\necho hello > b\nfind . b -exec grep hello\n',
  'sh < findtest.sh': '$ $ $ $ $ $ hello\nhello\nhello\n$ ',
};

const README_LINES = "xv6 is a re-implementation of Dennis Ritchie's and Ken Thompson's Unix\nVersion 6 (v6).  xv6 loosely follows it\n";
const SANDBOXED: Readonly<Record<string, string>> = {
  'sandbox 32768 - echo hello': 'hello\n',
  'sandbox 32768 - cat README': 'cat: cannot open README\n',
  'sandbox 32768 - grep xv6 README': 'grep: cannot open README\n',
  'sandbox 128 - grep xv6 README': 'sandbox: exec grep failed\n',
  'sandbox 32896 - grep xv6 README': 'sandbox: exec grep failed\n',
  'sandbox 128 - sh < exec.sh': 'sandbox: exec sh failed\n',
  'sandbox 32768 - sh < exec.sh': '$ "hello world!"\n$ ls: cannot open .\n$ ',
  'sandbox 32768 README grep xv6 README': README_LINES,
  'sandbox 32768 README grep xv6 x': 'grep: cannot open x\n',
  'sandbox 32768 x grep xv6 x': README_LINES,
  'sandbox 128 sh sh < exec.sh': '$ $ $ ',
  'sandbox 32768 --- grep hello! ---': 'hello!\n',
};

const only = (command: string, prints: string) => (line: string) => (line === command ? prints : usual(line));

export const SHELL_LABS: Readonly<Record<string, ShellLab>> = {
  'xv6-util': {
    prints: (line, lines) => {
      if (line === 'sleep') return 'usage: sleep ticks\n';
      if (line.startsWith('find ')) return found(lines, line);
      if (line === 'pingpong') return '6: received ping\n5: received pong\n';
      if (line === 'primes') return PRIMES.map((prime) => `prime ${prime}\n`).join('');
      if (line === 'sh < xargstest.sh') return '$ $ $ $ $ $ hello\nhello\nhello\n$ $ ';
      return line.includes('xargs') ? '1\n2\n' : usual(line);
    },
    systemCalls: (line) => (line === 'sleep 10' ? [13] : []),
    fault: { line: /^primes$/, instead: (prints) => prints.replace('prime 269\n', ''), lost: ['primes'] },
  },
  'xv6-syscall': {
    prints: (line) => TRACED[line] ?? usual(line),
    fault: { line: /^trace 2097152/, instead: (prints) => syscalls(3, 'read -> 1023') + prints, lost: ['trace-close', 'close-only'] },
  },
  'xv6-util-2025': {
    prints: (line, lines) => UTILITIES[line] ?? (line.startsWith('find ') ? found(lines, line) : usual(line)),
    systemCalls: (line) => (line === 'sleep 10' ? [13] : []),
    fault: { line: /^sixfive README$/, instead: (prints) => prints.replace('1810', '18'), lost: ['sixfive-readme'] },
  },
  'xv6-syscall-2025': {
    prints: (line, lines) => (line === 'attack' ? `${lines[0]!.slice('secret '.length)}\n` : (SANDBOXED[line] ?? usual(line))),
    fault: { line: /^sandbox 128 sh sh/, instead: () => '$ "hello world!"\n$ $ ', lost: ['path', 'path-exec'] },
  },
  'xv6-pgtbl-2025': {
    prints: only('pgtbltest', `ugetpid_test: OK\n${LEVELS}superpg_fork: OK\nsuperpg_free: OK\n`),
    fault: { line: /^pgtbltest$/, instead: (prints) => prints.replace('superpg_free: OK', 'superpg_free: error'), lost: ['superpg'] },
  },
  'xv6-pgtbl': {
    prints: only('pgtbltest', `ugetpid_test: OK\n${LEVELS}superpg_test: OK\n`),
    fault: {
      line: /^pgtbltest$/,
      instead: (prints) => prints.replace(/^ \.\. \.\. \.\.0x0000000000003000.*\n/m, ''),
      lost: ['print-kpgtbl'],
    },
  },
  'xv6-traps': {
    prints: (line) => {
      if (line === 'bttest') return 'backtrace:\n0x0000000080001c92\n0x0000000080001b16\n0x00000000800018a8\n';
      return line === 'alarmtest'
        ? 'test0 start\n..alarm!\ntest0 passed\ntest1 start\n.test1 passed\ntest2 passed\ntest3 passed\n'
        : usual(line);
    },
    fault: { line: /^bttest$/, instead: (prints) => `${prints}0x0000000080000010\n`, lost: ['backtrace'] },
  },
  'xv6-cow': {
    prints: only('cowtest', 'simple: ok\nsimple: ok\nthree: ok\nthree: ok\nthree: ok\nfile: ok\nforkfork: ok\nALL COW TESTS PASSED\n'),
    fault: { line: /^cowtest$/, instead: (prints) => prints.replace('simple: ok\n', 'simple: fork() failed\n'), lost: ['simple'] },
  },
  'xv6-lock': {
    prints: (line) => {
      if (line === 'kalloctest') return 'test1 OK\ntest2 OK\ntest3 OK\n';
      return line === 'bcachetest' ? 'tot= 560\ntest0: FAIL\ntest1 OK\ntest2 OK\ntest3 OK\n' : usual(line);
    },
    fault: {
      line: /^kalloctest$/,
      instead: (prints) => prints.replace('test2 OK', 'test2 FAIL: losing pages 32000 31999'),
      lost: ['kalloc-steals'],
    },
  },
  'xv6-fs': {
    prints: (line) => {
      if (line === 'bigfile') return 'wrote 65803 blocks\nreading bigfile\nbigfile done; ok\n';
      return line === 'symlinktest' ? 'test symlinks: ok\ntest concurrent symlinks: ok\n' : usual(line);
    },
    fault: { line: /^bigfile$/, instead: () => 'wrote 268 blocks\nbigfile: file is too small!\n', lost: ['bigfile'] },
  },
  'xv6-mmap': {
    prints: only(
      'mmaptest',
      [
        'basic mmap',
        'mmap private',
        'mmap read-only',
        'mmap read/write',
        'mmap dirty',
        'not-mapped unmap',
        'lazy access',
        'mmap two files',
        'fork',
        'munmap prevents access',
        'writes to read-only mapped memory',
      ]
        .map((test) => `test ${test}: OK\n`)
        .join(''),
    ),
    fault: { line: /^mmaptest$/, instead: (prints) => prints.replace('test mmap dirty: OK', 'mmaptest failure: dirty'), lost: ['dirty'] },
  },
  'xv6-usertests': { prints: usual, fault: { ...TESTS_FAIL, lost: ['memory', 'all'] } },
};
