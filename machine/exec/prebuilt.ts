/** The generated module's bytes where a build has put them in (build.mjs): generating takes longer than starting a small kernel. */
export const PREBUILT: Uint8Array<ArrayBuffer> | undefined = undefined;
