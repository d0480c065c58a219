// The package has no types of its own: as far as it is used here.
declare module 'postject' {
  /** Puts a section into an executable, in place, and changes the fuse's text to say so. */
  export function inject(file: string, section: string, contents: Uint8Array, options: { readonly sentinelFuse: string }): Promise<void>;
}
