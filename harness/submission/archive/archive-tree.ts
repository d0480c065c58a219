/**
 * An unpacked archive, as a tree. Its names are only in memory; the files' contents lie in a temporary folder under numbers. So no name that
 * somebody chose ever becomes a path of this computer's, and no link of an archive is ever made.
 */
import { bytewise } from '../bytewise.ts';
import type { HandInProblem, KernelFile, TreePlace } from '../handed-in.ts';
import { join, type Tree, type TreeEntry } from '../tree.ts';

export interface FolderNode {
  readonly kind: 'folder';
  readonly children: Map<string, Node>;
}

export interface FileNode {
  readonly kind: 'file';
  /** Where its content lies. */
  readonly path: string;
}

export interface LinkNode {
  readonly kind: 'link';
  readonly target: string;
}

export interface OtherNode {
  readonly kind: 'other';
}

export type Node = FolderNode | FileNode | LinkNode | OtherNode;

/** Links that lead from one to the next, as Linux has it (path_resolution(7)). */
const MOST_LINKS = 40;

/** Files that are listed for other processes, which look for sources among them. */
const MOST_LISTED = 20_000;

function collect(folder: FolderNode, below: string, files: Map<string, string>): void {
  for (const [name, node] of folder.children) {
    if (files.size > MOST_LISTED) return;
    const path = join(below, name);
    if (node.kind === 'file') files.set(path, node.path);
    else if (node.kind === 'folder' && !name.startsWith('.')) collect(node, path, files);
  }
}

export class ArchiveTree implements Tree {
  readonly #top: FolderNode;

  constructor(top: FolderNode) {
    this.#top = top;
  }

  list(folder: string): TreeEntry[] | null {
    const node = this.#node(folder);
    if (node?.kind !== 'folder') return null;
    const entries = Array.from(node.children, ([name, { kind }]): TreeEntry => ({ name, kind, unusable: null }));
    return entries.sort((a, b) => bytewise(a.name, b.name));
  }

  get place(): TreePlace {
    const files = new Map<string, string>();
    collect(this.#top, '', files);
    return { files: files.size > MOST_LISTED ? {} : Object.fromEntries(files) };
  }

  open(file: string): KernelFile | HandInProblem {
    const found = this.#follow(file);
    if ('problem' in found) return found;
    if (found.kind === 'file') return { file, path: found.path };
    return { problem: found.kind === 'folder' ? `${file} is a folder, not a file` : `${file} is a device or a pipe, not a file` };
  }

  at(folder: string): ArchiveTree {
    const node = this.#node(folder);
    return new ArchiveTree(node?.kind === 'folder' ? node : { kind: 'folder', children: new Map() });
  }

  /** Without following links. */
  #node(path: string): Node | undefined {
    let node: Node | undefined = this.#top;
    for (const part of path.split('/')) {
      if (part === '') continue;
      if (node?.kind !== 'folder') return undefined;
      node = node.children.get(part);
    }
    return node;
  }

  /** What the path leads to: anything but a link. */
  #follow(path: string): Exclude<Node, LinkNode> | HandInProblem {
    const left = path.split('/');
    const above: FolderNode[] = [this.#top];
    let links = 0;
    for (let part = left.shift(); part !== undefined; part = left.shift()) {
      if (part === '' || part === '.') continue;
      if (part === '..') {
        if (above.length === 1) return { problem: `${path} is a symbolic link that leads out of the submission` };
        above.pop();
        continue;
      }
      const node = above.at(-1)!.children.get(part);
      if (node === undefined || links > MOST_LINKS)
        return { problem: `${path} ${links === 0 ? 'is not there' : 'is a symbolic link that leads to nothing'}` };
      if (node.kind === 'link') {
        links++;
        if (node.target.startsWith('/')) return { problem: `${path} is a symbolic link that leads out of the submission` };
        left.unshift(...node.target.split('/'));
      } else if (node.kind === 'folder') {
        above.push(node);
      } else {
        if (left.some((rest) => rest !== ''))
          return { problem: `${path} ${links === 0 ? 'is not there' : 'is a symbolic link that leads to nothing'}` };
        return node;
      }
    }
    return above.at(-1)!;
  }
}
