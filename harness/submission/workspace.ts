/** Room for what a reading of hand-ins unpacks: folders that are made when they are needed, and gone when the work is done. */
import { join } from 'node:path';
import { type Scratch, scratchFolder } from '../files/scratch.ts';
import { HostError } from '../files/system-error.ts';
import { makeFolder } from '../files/write.ts';

export class Workspace {
  #scratch: Promise<Scratch> | undefined;
  #made = 0;
  #isGone = false;

  /** A path inside it at which nothing is yet. Throws HostError. */
  async place(): Promise<string> {
    this.#refuseWhenGone();
    this.#scratch ??= scratchFolder();
    return join((await this.#scratch).path, String(this.#made++));
  }

  /** A new, empty folder. Throws HostError. */
  async folder(): Promise<string> {
    const path = await this.place();
    // It would make the folders above it again.
    this.#refuseWhenGone();
    makeFolder(path);
    return path;
  }

  /** Whoever still reads when the work has been stopped must not begin another folder. */
  #refuseWhenGone(): void {
    if (this.#isGone) throw new HostError('the work was stopped');
  }

  /** Takes all of it away. Throws HostError. */
  async remove(): Promise<void> {
    this.#isGone = true;
    const scratch = this.#scratch;
    this.#scratch = undefined;
    await (await scratch)?.remove();
  }
}

/** Does work that needs room for as long as it lasts. */
export async function withWorkspace<Result>(work: (workspace: Workspace) => Promise<Result>): Promise<Result> {
  const workspace = new Workspace();
  try {
    return await work(workspace);
  } finally {
    await workspace.remove();
  }
}
