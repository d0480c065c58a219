/** The script of the watchdog's thread as a text. The build of the single file puts it here (build/single-file.mjs). */
export const watchdogThread = (): string => {
  throw new Error('only the single file has the script of the watchdog as a text');
};
