/**
 * What solved kernels of rCore-Tutorial print, for tests of rubrics/rcore-*.yaml. Written from the runs of the real kernels
 * (docs/development/conformance.md), of which only the lines that the course's checker looks at are kept.
 */

export interface PrintingLab {
  readonly prints: string;
  /** A mistake of a student, and the checks that are lost by it. */
  readonly fault: { readonly text: string; readonly instead: string; readonly lost: readonly string[] };
}

const lines = (text: string): string => `${text.trim().split(/\n\s*/).join('\n')}\n`;

const POWERS = 'Hello, world from user mode program!\nTest power_3 OK!\nTest power_5 OK!\nTest power_7 OK!\n';
const TURNS = 'AAAAAAAAAA [1/5]\nBBBBBBBBBB [1/5]\nCCCCCCCCCC [1/5]\nTest write A OK!\nTest write B OK!\nTest write C OK!\n';
const SLEEPS = lines(`
  get_time OK! 43
  current time_msec = 45
  time_msec = 146 after sleeping 100 ticks, delta = 101ms!
  Test sleep1 passed!
  Test sleep OK!`);
const TASK_INFO = 'string from task info test\nTest task info OK!\n';
const SBRK = 'Test sbrk almost OK!\n';
const MMAP = 'Test 04_1 OK!\nTest 04_4 test OK!\nTest 04_5 ummap OK!\nTest 04_6 ummap2 OK!\n';
const FORK = 'exit pass.\nhello child process!\nchild process pid = 15, exit code = 100\nforktest pass.\n';
const SPAWN = 'Test spawn0 OK!\nTest wait OK!\nTest waitpid OK!\n';
const FILES = 'Test file0 OK!\nTest fstat OK!\nTest link OK!\nTest mass open/unlink OK!\n';
const THREADS = lines(`
  mpsc_sem passed!
  philosopher dining problem with mutex test passed!
  race adder using spin mutex test passed!
  sync_sem passed!
  test_condvar passed!
  threads with arg test passed!
  threads test passed!`);
const DEADLOCKS = 'deadlock test mutex 1 OK!\ndeadlock test semaphore 1 OK!\ndeadlock test semaphore 2 OK!\n';

export const PRINTING_LABS: Readonly<Record<string, PrintingLab>> = {
  'rcore-ch3': {
    prints: TURNS + SLEEPS + TASK_INFO,
    fault: { text: 'delta = 101ms', instead: 'delta = 9ms', lost: ['sleep1'] },
  },
  'rcore-ch4': {
    prints: TURNS + SLEEPS + TASK_INFO + SBRK + MMAP,
    fault: { text: 'Test 04_4 test OK!', instead: 'Should cause error, Test 04_2 fail!\nTest 04_4 test OK!', lost: ['no-failure'] },
  },
  'rcore-ch5': {
    prints: `${POWERS + TURNS + SLEEPS + MMAP + SPAWN}Test set_priority OK!\n`,
    fault: {
      text: 'Test set_priority OK!',
      instead: 'Panicked at src/bin/ch5_setprio.rs:12, explicit panic',
      lost: ['set-priority', 'no-failure'],
    },
  },
  'rcore-ch6': {
    prints: `${POWERS + TURNS + SBRK + FORK}file_test passed!\n${SLEEPS}${MMAP}${SPAWN}${FILES}`,
    fault: { text: 'Test link OK!', instead: 'Panicked at src/bin/ch6_file2.rs:20, assertion failed', lost: ['link'] },
  },
  'rcore-ch7': {
    prints: `${POWERS + TURNS + SBRK + FORK}file_test passed!\nsignal_simple: Done\npipetest passed!\npipe_large_test passed!\n`,
    fault: { text: 'forktest pass.', instead: 'fork failed', lost: ['base'] },
  },
  'rcore-ch8': {
    prints: `${POWERS + TURNS + FORK}file_test passed!\npipetest passed!\n${THREADS}${DEADLOCKS}`,
    fault: { text: 'deadlock test mutex 1 OK!', instead: 'FAIL: T.T', lost: ['deadlock-mutex', 'no-failure'] },
  },
};
