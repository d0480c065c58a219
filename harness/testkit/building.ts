/** For tests of builds: a course's sources, students, and a cache, in a folder of the test; kernels are built of them in a real sandbox. */
import { chmodSync, existsSync, mkdirSync } from 'node:fs';
import { type OpenBuilder, openBuilder } from '../build/open.ts';
import { FolderTree } from '../submission/folder-tree.ts';
import type { Submission } from '../submission/handed-in.ts';
import { type BuildCount, type BuildRecipe, kernelsOnly } from '../vocabulary/submission.ts';
import { TestFolder } from './command.ts';

const RECIPE: BuildRecipe = {
  steps: [],
  folder: '',
  environment: {},
  seconds: 30,
  output: 65_536,
  memory: 2 ** 30,
  disk: 64 * 2 ** 20,
  dependencies: null,
  tools: [],
  image: null,
};

/** What a student's script says to make a kernel. */
export const MAKES = 'echo kernel > kernel.elf\n';

export interface WantedBuild extends Partial<Pick<OpenBuilder, 'jobs' | 'unsandboxed' | 'environment' | 'masked'>> {
  readonly lines: readonly string[];
  readonly recipe?: Partial<BuildRecipe>;
  readonly kernel?: string;
}

export class BuildFolder extends TestFolder {
  constructor() {
    super();
    // Builds run as somebody else where the tests run as root.
    chmodSync(this.path, 0o755);
  }

  /** Builds what each student handed in over the folder `course`: their `own.sh` is a part of it, and `lines` are run. */
  async build(students: readonly string[], wanted: WantedBuild): Promise<{ built: Submission[]; count: BuildCount | undefined }> {
    const { lines, recipe = {}, kernel = 'kernel.elf', ...options } = wanted;
    if (!existsSync(this.at('course'))) mkdirSync(this.at('course'));
    const steps = lines.map((text) => ({ argv: ['/bin/sh', '-c', text], text }));
    const { builder, close } = await openBuilder({
      rules: { ...kernelsOnly([kernel]), format: 'raw', base: 'course', take: ['own.sh'] },
      recipe: { ...RECIPE, steps, ...recipe },
      rubricFolder: this.path,
      masked: [this.path],
      cache: this.at('cache'),
      jobs: 2,
      unsandboxed: false,
      environment: { PATH: process.env['PATH'] ?? '' },
      home: this.path,
      ...options,
    });
    const handIns = students.map((name) => {
      const submission: Submission = { name, kernel: { problem: 'none' }, alsoMatched: [], sources: null };
      return { submission, files: new FolderTree(this.at(name)) };
    });
    let count: BuildCount | undefined;
    try {
      const built = await builder.build(handIns, (now) => (count = now), new AbortController().signal);
      return { built, count };
    } finally {
      await close();
    }
  }

  /** The one student's build, by a script of their own. */
  async run(script: string, recipe: Partial<BuildRecipe> = {}): Promise<Submission> {
    this.put('s1001/own.sh', script);
    const { built } = await this.build(['s1001'], { lines: ['sh own.sh'], recipe });
    return built[0]!;
  }

  /** What the last step printed. */
  async printed(script: string, recipe: Partial<BuildRecipe> = {}): Promise<string> {
    return (await this.run(script, recipe)).build!.steps.at(-1)!.output;
  }
}
