/** No sandbox: the build may do whatever the person may do who grades. For sources that are trusted, or inside a container that is thrown away. */
import type { Sandbox } from './sandbox.ts';

/** `environment`: the person's own, in which their toolchain is found. */
export function unsandboxed(environment: Readonly<Record<string, string>>): Sandbox {
  return {
    name: 'no sandbox',
    isClosed: false,
    treeOf: (tree) => tree,
    command: ({ argv, tree, folder, environment: added }) => ({
      file: argv[0]!,
      args: argv.slice(1),
      environment: { ...environment, ...added },
      cwd: folder === '' ? tree : `${tree}/${folder}`,
    }),
  };
}
