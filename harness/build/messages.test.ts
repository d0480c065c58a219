import { describe, expect, it } from 'vitest';
import { MOST_MESSAGES, messagesOf } from './messages.ts';

const FILES = ['src/blk.c', 'src/blk.h', 'kernel/src/main.rs', 'start.S'].map((path) => ({ path, from: path }));

function read(text: string, folder = '') {
  return messagesOf([text], FILES, '/build', folder).messages.map(
    ({ severity, file, line, column, text: said }) => `${severity} ${file}:${line}:${column} ${said}`,
  );
}

describe('what compilers complain of', () => {
  // Printed by gcc 12.2, GNU as and ld 2.40.
  it('gcc: errors first, with their places', () => {
    expect(
      read(`src/blk.c: In function 'write_block':
src/blk.c:3:7: warning: unused variable 'a' [-Wunused-variable]
    3 |   int a = 1
      |       ^
src/blk.c:3:12: error: expected ',' or ';' before 'return'
make: *** [Makefile:28: write_block.o] Error 1
`),
    ).toEqual([
      "error src/blk.c:3:12 expected ',' or ';' before 'return'",
      "warning src/blk.c:3:7 unused variable 'a' [-Wunused-variable]",
    ]);
  });

  it('a header that is missing, the assembler, and the linker', () => {
    expect(read('src/blk.c:1:10: fatal error: nothing.h: No such file or directory\ncompilation terminated.\n')).toEqual([
      'error src/blk.c:1:10 nothing.h: No such file or directory',
    ]);
    expect(read("start.S: Assembler messages:\nstart.S:4: Error: unrecognized opcode `lq a0,0(a1)'\n")).toEqual([
      "error start.S:4:null unrecognized opcode `lq a0,0(a1)'",
    ]);
    expect(
      read(`/usr/bin/riscv64-linux-gnu-ld: blk.o: in function \`write_block':
/build/src/blk.c:4: undefined reference to \`nobody'
collect2: error: ld returned 1 exit status
`),
    ).toEqual(["error src/blk.c:4:null undefined reference to `nobody'"]);
    expect(read("ld: blk.o: in function `f':\nblk.c:(.text+0x10): undefined reference to `g'\n")).toEqual([
      "error blk.c:null:null undefined reference to `g'",
    ]);
    expect(read('/usr/bin/riscv64-linux-gnu-ld: cannot find -lnothing: No such file or directory\n')).toEqual([
      'error null:null:null cannot find -lnothing: No such file or directory',
    ]);
  });

  // Printed by rustc 1.85 under cargo.
  it('rustc: the place in a line of its own, and cargo’s summaries left out', () => {
    expect(
      read(
        `warning: unused variable: \`x\`
 --> src/main.rs:2:9
  |
error[E0308]: mismatched types
  --> src/main.rs:12:18
   |
error: aborting due to 1 previous error; 1 warning emitted
warning: \`lab13\` (bin "lab13") generated 1 warning
error: could not compile \`lab13\` (bin "lab13") due to 1 previous error
error: linker \`rust-lld\` not found
`,
        'kernel',
      ),
    ).toEqual([
      'error kernel/src/main.rs:12:18 mismatched types',
      'error null:null:null linker `rust-lld` not found',
      'warning kernel/src/main.rs:2:9 unused variable: `x`',
    ]);
  });

  it('paths are those of the tree, from wherever make has gone', () => {
    expect(read(`make[1]: Entering directory '/build/src'\nblk.c:1:1: error: x\nmake[1]: Leaving directory '/build/src'\n`)).toEqual([
      'error src/blk.c:1:1 x',
    ]);
    expect(read('../src/blk.c:1:1: error: x\n/usr/include/x.h:1:1: error: y\n', 'kernel')).toEqual([
      'error src/blk.c:1:1 x',
      'error /usr/include/x.h:1:1 y',
    ]);
  });

  it('a header’s complaint comes once, and all of them are counted', () => {
    expect(read('src/blk.h:1:1: warning: x\n'.repeat(3))).toHaveLength(1);
    const many = Array.from({ length: 3000 }, (_, index) => `src/blk.c:${index + 1}:1: error: x\n`).join('');
    const { messages, leftOut } = messagesOf([many], FILES, '/build', '');
    expect([messages.length, leftOut]).toEqual([MOST_MESSAGES, 3000 - MOST_MESSAGES]);
  });
});
