/** How much of a demangled name is shown. */

/** The last part of a path of names, without generic arguments: `write_block` of `lab::blk::Device<T>::write_block`. */
export function shortName(name: string): string {
  const parts = split(name)
    .filter(({ depth }) => depth === 0)
    .map(({ text }) => text)
    .join('')
    .split('::')
    .filter((part) => part !== '');
  // A closure is known by the function that it is in.
  let from = parts.length - 1;
  while (from > 0 && parts[from]!.startsWith('{')) from--;
  return parts.slice(Math.max(from, 0)).join('::') || name;
}

/**
 * The path of a function without generic arguments, for where no source line says where it is: `lab::blk::write_block`, and of a method
 * `<Device as Disk>::write_block`, where the types' own paths are left out.
 */
export function pathName(name: string): string {
  let path = '';
  let isType = false;
  for (const { text, depth } of split(name)) {
    if (depth === 0) {
      path += text;
      continue;
    }
    // Angle brackets after a name hold its arguments; those at the beginning of a part hold a type.
    if (depth === 1 && text === '<') isType = path === '' || path.endsWith('::');
    if (!isType) continue;
    if (depth === 1) path += text.split(' ').map(withoutPath).join(' ');
  }
  return path || name;
}

/** `&Device` of `&lab::blk::Device`. */
function withoutPath(word: string): string {
  const sigils = /^[&*[(]{0,8}/.exec(word)![0];
  return word.includes('::') ? `${sigils}${word.split('::').at(-1)!}` : word;
}

/** The name cut at its angle brackets; a bracket has the depth of what it encloses. The `>` of `->` is none. */
function split(name: string): { text: string; depth: number }[] {
  let depth = 0;
  return name.split(/(<|(?<!-)>)/).flatMap((text) => {
    if (text === '') return [];
    if (text === '<') depth++;
    const part = { text, depth };
    if (text === '>' && depth > 0) depth--;
    return [part];
  });
}
