/** Whose source file it is: the submission's own, or a library's, by the folders that Cargo and the Rust project put theirs in. */

/** Two folders, one in the other. */
const FOLDERS: readonly (readonly [outer: RegExp, inner: RegExp])[] = [
  [/^rustc$/, /^[0-9a-f]{7,}$/],
  [/^rust$/, /^library$/],
  [/^library$/, /^(?:core|alloc|std|compiler_builtins)$/],
  [/^\.cargo$/, /^(?:registry|git)$/],
];

/** The crates that come with the compiler. */
const RUST = /^(?:core|alloc|std|std_detect|compiler_builtins|panic_abort|panic_unwind|unwind|test|proc_macro)$/;

export function isRustLibrary(crate: string): boolean {
  return RUST.test(crate);
}

/** A published crate's folder: NAME-VERSION. */
const CRATE = /[\w.]-\d+\.\d+\.\d/;

/** Whether the file belongs to Rust's own library, a published crate or a git dependency. */
export function isLibrary(file: string): boolean {
  const folders = file.split('/').slice(0, -1);
  return folders.some(
    (folder, at) => CRATE.test(folder) || FOLDERS.some(([outer, inner]) => outer.test(folder) && inner.test(folders[at + 1] ?? '')),
  );
}
