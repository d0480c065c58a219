/** Gives the student a file. */

/** What a file system may not take, or takes for something else. */
const UNUSUAL = /[^\w.\- ]/g;
const LONGEST = 100;

/** A submission's name is what somebody called a file. */
export function fileNameFor(name: string, extension: string): string {
  const plain = name.replace(UNUSUAL, '_').replace(/^\.+/, '').slice(0, LONGEST);
  return `${plain === '' ? 'report' : plain}.${extension}`;
}

export function save(name: string, type: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The browser has to have begun to read it.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
