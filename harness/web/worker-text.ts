/** The worker's script as a text. The build puts it here (build/web.mjs): a worker that starts from a text is held to the page's policy. */
export const workerText = (): string => {
  throw new Error('only the built page has the script of its worker');
};
