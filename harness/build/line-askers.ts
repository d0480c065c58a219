/**
 * Has compilers write line tables, whatever the build asks them for: programs with the compilers' names, first on PATH, that call the real one
 * with one option more. gcc and clang have no environment variable for options, and CFLAGS means something in some Makefiles only, and in most
 * of those it replaces what they ask for. Cargo calls rustc by the program that RUSTC_WRAPPER names. CARGO_PROFILE_RELEASE_DEBUG
 * would do for one profile alone, and not for one that a course names itself; RUSTFLAGS would replace the flags in the project's configuration.
 *
 * Of crates that come from elsewhere no lines are asked: rustc makes slightly different code of some of them with debug information (seen with
 * 1.85 and OSTD), and then there would be no lines at all. Cargo has rustc keep quiet about those crates, by which they are known here.
 *
 * The option that a linker is given to leave debug information out is dropped. What the second build makes is used only if it is the same in
 * memory (loaded.ts), so none of this can change what is graded.
 *
 * Reference: GCC's manual, "Options for Debugging"; Clang's manual, "Controlling Debug Information"; The Cargo Book, "Environment Variables"; the
 * rustc book, "Lint Levels", on --cap-lints.
 * Left out: compilers that are called by their whole path, `strip` as a step of its own, and gcc and clang in a container's image, whose PATH
 * nobody knows here.
 */
import { join } from 'node:path';
import { listFolder } from '../files/read.ts';
import { PathError } from '../files/system-error.ts';
import { makeFolder, writeProgram } from '../files/write.ts';
import type { Mount, Sandbox } from './sandbox/sandbox.ts';
import { PLACES } from './sandbox/sandbox.ts';

/** Whole names, or with a target before and a version after them. */
const COMPILER = /^(?:[a-z0-9_]+-)*(?:gcc|g\+\+|cc|c\+\+|clang|clang\+\+)(?:-[0-9.]+)?$/;

const RUSTC = 'rustc-with-lines';

/** What is added to a build so that its compilers write line tables. */
export interface LineAskers {
  readonly readable: readonly Mount[];
  /** Variables of a build in which Cargo is asked, and of one in which gcc and clang are asked as well. */
  readonly cargo: Readonly<Record<string, string>>;
  readonly all: Readonly<Record<string, string>>;
}

/** Whether a kernel is Cargo's: what gcc makes are programs then, which such kernels hold as data, and debug information in them would be in memory. */
export function isCargos(files: readonly { readonly path: string }[], folder: string): boolean {
  const manifest = folder === '' ? MANIFEST : `${folder}/${MANIFEST}`;
  return files.some(({ path }) => path === MANIFEST || path === manifest);
}

const MANIFEST = 'Cargo.toml';

/** Writes the programs to a new folder. `environment`: of the build. Throws HostError. */
export function lineAskers(folder: string, sandbox: Sandbox, environment: Readonly<Record<string, string>>): LineAskers {
  makeFolder(folder);
  const at = sandbox.isClosed ? PLACES.lines : folder;
  writeProgram(join(folder, RUSTC), RUSTC_ASKER);
  const path = environment['PATH'];
  for (const [name, program] of compilersIn(path?.split(':') ?? [])) writeProgram(join(folder, name), asker(program));
  const cargo = { RUSTC_WRAPPER: `${at}/${RUSTC}`, ...environment };
  const all = { ...cargo, ...(path === undefined ? {} : { PATH: `${at}:${path}` }) };
  return { readable: sandbox.isClosed ? [{ from: folder, at }] : [], cargo, all };
}

/** By name: the program that a shell would find. */
function compilersIn(folders: readonly string[]): Map<string, string> {
  const found = new Map<string, string>();
  for (const folder of folders) {
    for (const name of namesIn(folder)) if (COMPILER.test(name) && !found.has(name)) found.set(name, join(folder, name));
  }
  return found;
}

function namesIn(folder: string): string[] {
  try {
    return listFolder(folder).flatMap(({ name }) => (name === null ? [] : [name]));
  } catch (error) {
    if (error instanceof PathError) return [];
    throw error;
  }
}

const RUSTC_ASKER = `#!/bin/sh
for option do
  case $option in
    --cap-lints | --cap-lints=*) exec "$@" ;;
  esac
done
exec "$@" -C debuginfo=1 -C strip=none
`;

/** -g1: lines and functions, but no variables. */
function asker(program: string): string {
  return `#!/bin/sh
for option do
  shift
  case $option in
    -s | -Wl,-s | -Wl,-S | -Wl,--strip-all | -Wl,--strip-debug) ;;
    *) set -- "$@" "$option" ;;
  esac
done
exec '${program.replaceAll("'", "'\\''")}' "$@" -g1
`;
}
