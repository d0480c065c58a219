/** For the commands' tests: runs a command in this process, in a folder of its own, on machines that play scripts. */

import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import type { Environment } from '../cli/environment.ts';
import { TOOL } from '../cli/version.ts';
import type { Crew } from '../grading/crew.ts';
import { machineHost } from '../grading/processes/machine-host.ts';
import { JOBS } from '../grading/worker-jobs.ts';
import type { Host } from '../run/host.ts';
import { systemFiles } from '../submission/system-files.ts';
import { fakeMachines, type Step } from './fake-machine.ts';

/** A folder that is there for one test. */
export class TestFolder {
  readonly path = mkdtempSync(join(tmpdir(), 'bootgrade-cli-'));

  /** Writes a file; returns its path. */
  put(file: string, content: string | Uint8Array): string {
    const path = this.at(file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
    return path;
  }

  at(file: string): string {
    return join(this.path, file);
  }

  read(file: string): string {
    return readFileSync(this.at(file), 'utf8');
  }

  /** The texts of all files below one of its folders, by their paths there. */
  texts(folder: string): Record<string, string> {
    const entries = readdirSync(this.at(folder), { recursive: true, withFileTypes: true });
    const paths = entries.filter((entry) => entry.isFile()).map((entry) => relative(this.at(folder), join(entry.parentPath, entry.name)));
    return Object.fromEntries(paths.sort().map((path) => [path, this.read(join(folder, path))]));
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

export interface Printed {
  readonly environment: Environment;
  readonly out: () => string;
  readonly err: () => string;
}

/** Keeps what a command prints. */
export function capture({ progress = false } = {}): Printed {
  let out = '';
  let err = '';
  const environment: Environment = {
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
    colors: false,
    progress,
    withCrew: (_, work) => work(inThisProcess(machineHost(TOOL))),
  };
  return { environment, out: () => out, err: () => err };
}

/** Does in this process what workers do. */
export function inThisProcess(host: Host): Crew {
  return {
    host,
    alone: (_, work) => work(() => {}),
    many: async (job, { setup, tasks, alone, signal }, events) => {
      const perform = JOBS[job](setup, { host, files: systemFiles }, () => {});
      for (const task of [...tasks, ...alone]) {
        if (signal.aborted) return;
        events.started(task);
        events.answered(task, perform(task));
      }
    },
    stop: async () => {},
  };
}

/** Machines that play the steps for the kernel's text. */
export function fakeHost(stepsFor: (kernel: string) => readonly Step[]): Host {
  return { createMachine: fakeMachines(stepsFor), seconds: () => 0, guard: 600, beat: () => {}, tool: 'bootgrade 0' };
}
