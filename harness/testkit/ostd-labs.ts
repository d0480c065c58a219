/**
 * What solved kernels of the OSTD course do that its rubrics (rubrics/ostd-lab*.yaml) look at, and mistakes of students. Written from the runs of the real
 * kernels (docs/development/conformance.md).
 */
import type { OstdKernel, Step } from './ostd-kernel.ts';

export interface OstdLab {
  readonly solved: OstdKernel;
  /** Texts beside the kernel that the rubric asks for, by path. */
  readonly files?: Readonly<Record<string, string>>;
  readonly faults: readonly Fault[];
}

export interface Fault {
  readonly name: string;
  /** What the kernel does instead, at boot or for these commands. */
  readonly boot?: readonly Step[];
  readonly commands?: Readonly<Record<string, readonly Step[]>>;
  readonly files?: Readonly<Record<string, string>>;
  /** The checks that fail by it, or are not graded. */
  readonly lost: readonly string[];
}

const says = (...lines: readonly string[]): Step => ({ print: lines.map((line) => `${line}\n`).join('') });
const SHELL = [says('[INIT] Starting Shell...', 'Running Shell...')];
const EXIT = says('[INIT] Catch child process, pid: 2', '[INIT] Shell process exited, exiting system...');
const HELLO = [says('Hello World!, my pid: 3')];

const forked = (last: string): readonly Step[] => [
  says(
    'Hello Fork!, my pid: 1',
    'Hello from Parent Process!, my pid: 1',
    "[Parent] My Parent's pid: 0",
    'Hello from Child Process!, my pid: 2',
    last,
  ),
];
const KILLED =
  'Process 1 killed by exception: CpuExceptionInfo {\n    code: LoadPageFault,\n    page_fault_addr: 0x88,\n    error_code: 0x0,\n}';
const waited = (...counts: readonly number[]): Step =>
  says(...counts.map((count, child) => `main: pid ${child + 4}, count ${count}`), 'main: wait pids over');
const turns = (switches: number, ...counts: readonly number[]): readonly Step[] => [
  { ticks: 40, every: 10 },
  says('main: fork ok, now need to wait pids.'),
  { switches },
  { ticks: 1, every: 9_500 },
  waited(...counts),
];

export const OSTD_LABS: Readonly<Record<string, OstdLab>> = {
  'ostd-lab4': {
    solved: {
      boot: [
        { systemCalls: [64] },
        says('Hello, world\n'),
        { systemCalls: [500] },
        says('Process name: hello, pid: 1'),
        { systemCalls: [93] },
        'powers off',
      ],
    },
    faults: [
      {
        name: 'a program that makes no new call',
        boot: [{ systemCalls: [64] }, says('Hello, world\n'), { systemCalls: [93] }, 'powers off'],
        lost: ['new-call', 'name', 'pid', 'two-steps', 'ends-there', 'powers-off'],
      },
      {
        name: 'a name without a number, of a process that is killed later',
        boot: [
          { systemCalls: [64] },
          says('Hello, world\n'),
          { systemCalls: [500] },
          says('hello'),
          { systemCalls: [93] },
          says(KILLED),
          'powers off',
        ],
        lost: ['pid', 'ends-there', 'powers-off'],
      },
      {
        name: 'a system call that powers off',
        boot: [
          { systemCalls: [64, 500] },
          says('Hello, world\n', 'I am process 1, hello'),
          { systemCalls: [93] },
          'powers off in the call',
        ],
        lost: ['two-steps'],
      },
    ],
  },
  'ostd-lab5': {
    solved: { boot: forked("[Child] My Parent's pid: 1") },
    files: { 'src/syscall/prlimit.rs': 'let value: usize = USER_STACK_SIZE;\n' },
    faults: [
      {
        name: 'a clone that returns 0 to its caller, and a limit of 0',
        boot: [says('Hello Fork!, my pid: 1', 'Hello from Child Process!, my pid: 1', "[Child] My Parent's pid: 0")],
        files: { 'src/syscall/prlimit.rs': 'let value: usize = 0;\n' },
        lost: ['parent', 'parent-of-parent', 'child', 'parent-of-child', 'no-fault', 'stack-limit'],
      },
      { name: 'a child without a parent', boot: forked("[Child] My Parent's pid: 0"), lost: ['parent-of-child'] },
    ],
  },
  'ostd-lab6': {
    solved: {
      boot: SHELL,
      commands: {
        hello_world: HELLO,
        fork: [says('Hello Fork!, my pid: 3', 'Hello from Parent Process!, my pid: 3', 'Hello from Child Process!, my pid: 4')],
        wait: [says('Here is parent! Waiting for children with pid 4 ...', 'Done!', 'Wait complete! The process pid 4')],
        exec: [says('My PID: 3', 'This is before exec'), ...HELLO],
        read_stdin: [says('Ready to receive console input!'), 'reads a line', { print: 'Here is your input: ' }, 'prints the line'],
        reparent: [
          says(
            '[Reparent] Child process, pid: 4, ppid: 3',
            '[Reparent] Child process reparenting to init, ppid: 1',
            '[INIT] Catch child process, pid: 4',
          ),
        ],
        exit: [EXIT, 'powers off'],
      },
    },
    faults: [
      {
        name: 'an orphan that keeps its parent',
        commands: {
          reparent: [says('[Reparent] Child process, pid: 4, ppid: 3', '[Reparent] Child process reparenting to init, ppid: 3')],
        },
        lost: ['orphan', 'orphan-reaped'],
      },
      {
        name: 'an exec that returns',
        commands: { exec: [says('My PID: 3', 'This is before exec', 'This is after exec')] },
        lost: ['exec', 'exec-stays'],
      },
      { name: 'a machine that stays on', commands: { exit: [EXIT] }, lost: ['powers-off'] },
    ],
  },
  'ostd-lab7': {
    solved: {
      boot: SHELL,
      commands: {
        hello_world: HELLO,
        reparent: [says('[Reparent] Child process reparenting to init, ppid: 1')],
        rr_test: turns(100, 199743, 185088, 170400, 170852, 145994, 124524, 108930, 108703, 93336, 77742),
        exit: [EXIT, 'powers off'],
      },
    },
    faults: [
      {
        name: 'a scheduler that never interrupts',
        commands: { rr_test: turns(11, 1346718, 1, 1, 1, 1, 1, 1, 1, 1, 1) },
        lost: ['preempted', 'fair'],
      },
      {
        name: 'a clock that stands still',
        commands: { rr_test: turns(0).slice(0, 2) },
        lost: ['clock', 'ten-seconds', 'over', 'preempted', 'fair'],
      },
    ],
  },
  'ostd-lab9': {
    solved: {
      boot: SHELL,
      commands: {
        ramfs: [says('Content of hello: Hello', 'Content of world: World')],
        pipe: [says('Parent: Writing to pipe...', "Child: Read 'Hello from parent!' from pipe")],
        fork: forked("[Child] My Parent's pid: 1"),
        wait: [says('Here is parent! Waiting for children with pid 10 ...', 'Wait complete! The process pid 10')],
        exec: [says('My PID: 11', 'This is before exec', 'Hello World!, my pid: 11')],
        exit: [EXIT, 'powers off'],
      },
    },
    faults: [
      {
        name: 'one file for every name, as students get it',
        commands: { ramfs: [says('Content of hello: World', 'Content of world: World')] },
        lost: ['hello', 'world', 'large', 'exits'],
      },
      {
        name: 'a file that ends after a page',
        commands: { ramfs: [says('Content of hello: Hello', 'Content of world: World', 'Failed to write to hello: Success')] },
        lost: ['large'],
      },
      { name: 'a pipe that is always empty', commands: { pipe: [says('Child: Failed to read from pipe')] }, lost: ['pipe'] },
      { name: 'an exec that fails', commands: { exec: [says('My PID: 11', 'This is before exec')] }, lost: ['processes'] },
    ],
  },
  'ostd-lab11': {
    solved: {
      boot: SHELL,
      commands: {
        mmap_anon_test: [says('Mmapped 100MB at 0x3fe0000000', 'Time elapsed for 100 forks with 100MB unmapped memory: 120 ms')],
        mmap_test: [says('munmap failed: Function not implemented', 'Content read from memory mapping: Hello World')],
        fork_time: [says('Result:', 'Total fork count: 100', 'Total time: 110000 microseconds')],
        fork_exec_time: [says('Hello World!, my pid: 4', 'Result:', 'Total fork+exec count: 100')],
        exit: [EXIT, 'powers off'],
      },
    },
    faults: [
      {
        name: 'memory that needs a file, as students get it',
        commands: { mmap_anon_test: [says('    message: assertion failed: vaddr != 0,'), 'powers off'] },
        lost: ['anonymous', 'lazy', 'exits'],
      },
      {
        name: 'memory at the address 0',
        commands: { mmap_anon_test: [says('Mmapped 100MB at 0x0000000000')] },
        lost: ['anonymous', 'lazy', 'exits'],
      },
      {
        name: 'memory that is there at once',
        commands: {
          mmap_anon_test: [
            says('Mmapped 100MB at 0x3fe0000000', '    message: called `Result::unwrap()` on an `Err` value: NoMemory,'),
            'powers off',
          ],
        },
        lost: ['lazy', 'exits'],
      },
      {
        name: 'a mapping without what the file holds',
        commands: { mmap_test: [says('Content read from memory mapping: ')] },
        lost: ['file'],
      },
      { name: 'a fork that runs out of memory', commands: { fork_time: [says('fork failed: Cannot allocate memory')] }, lost: ['forks'] },
    ],
  },
};
