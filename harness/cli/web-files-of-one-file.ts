/** Stands in for web-files.ts where the program is one file: the build puts the page's files here as texts (build/single-file.mjs). */
export const webFiles = (): Readonly<Record<string, string>> => {
  throw new Error('only the single file has the page as texts');
};
