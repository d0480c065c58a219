/** One build, from its sources to a kernel that nobody can change any more. */
import { join } from 'node:path';
import { printable } from '../evidence/printable.ts';
import { contentOf } from '../files/copy.ts';
import type { Scratch } from '../files/scratch.ts';
import { PathError } from '../files/system-error.ts';
import { type BuildMessage, type BuildResult, type BuildStepResult, failureText } from '../result/build.ts';
import { FolderTree } from '../submission/folder-tree.ts';
import type { HandInProblem, HostFault } from '../submission/handed-in.ts';
import { findImage } from '../submission/images.ts';
import { searchKernel } from '../submission/search.ts';
import { MOST_BYTES } from '../vocabulary/most-bytes.ts';
import type { BuildRecipe, BuildStep, SubmissionRules } from '../vocabulary/submission.ts';
import { type Entry, type Files, NO_FILES } from './cache.ts';
import { messagesOf } from './messages.ts';
import { missingTool } from './missing-tool.ts';
import { type Excess, MOST_FILES, MOST_PRINTED, runStep, type StepEnd } from './run-step.ts';
import type { Mount, Sandbox } from './sandbox/sandbox.ts';
import { type HashedFile, layOut } from './sources.ts';

export interface BuildSetup {
  readonly rules: SubmissionRules;
  readonly recipe: BuildRecipe;
  readonly sandbox: Sandbox;
  readonly environment: Readonly<Record<string, string>>;
  readonly readable: readonly Mount[];
}

/** What the build came to, and where its files lie, for as long as the scratch folder is there. */
export interface OneBuild {
  readonly entry: Entry;
  readonly files: Files;
  /** Whether the same sources would come to the same end: not where the time was up, or memory ran out. */
  readonly isLasting: boolean;
}

/** Throws HostError; what the signal was aborted with. */
export async function buildOnce(
  files: readonly HashedFile[],
  setup: BuildSetup,
  scratch: Scratch,
  signal: AbortSignal,
): Promise<OneBuild | HostFault> {
  const { rules, recipe, sandbox } = setup;
  const tree = join(scratch.path, 'tree');
  await layOut(files, tree, sandbox.owner);
  const { steps, failed } = await runSteps(tree, setup, scratch, signal);
  const top = sandbox.treeOf(tree);
  const { messages, leftOut } = messagesOf(
    steps.map(({ output }) => output),
    files,
    top,
    recipe.folder,
  );
  const build = {
    folder: sandbox.isClosed ? top : '',
    lines: 'none' as const,
    noLines: null,
    steps,
    messages,
    messagesLeftOut: leftOut,
    ...NOTHING_TAKEN,
  };
  if (failed !== null) {
    const tool = missingTool(failed.end.output, files, rules.base !== null);
    if (tool !== null) return { hostFault: `it cannot be built: ${printable(tool)} is missing in ${sandbox.name}` };
    const reason = failureOf(failed, recipe, messages);
    return {
      entry: { build: { ...build, outcome: 'failed', reason }, kernel: null, images: [] },
      files: NO_FILES,
      isLasting: failed.end.excess === null,
    };
  }
  return withKernel(build, tree, rules);
}

/** Filled in for each hand-in: the same sources may have come in several ways. */
const NOTHING_TAKEN = { taken: [], takenCount: 0, missing: [], ignored: [], ignoredCount: 0 };

interface Failed {
  readonly step: BuildStep;
  readonly end: StepEnd;
}

async function runSteps(
  tree: string,
  { recipe, sandbox, environment, readable }: BuildSetup,
  scratch: Scratch,
  signal: AbortSignal,
): Promise<{ steps: BuildStepResult[]; failed: Failed | null }> {
  const { folder, memory, disk, output } = recipe;
  const steps: BuildStepResult[] = [];
  let left = recipe.seconds;
  for (const [index, step] of recipe.steps.entries()) {
    const name = `${scratch.path.slice(scratch.path.lastIndexOf('/') + 1)}-${index}`;
    const command = sandbox.command({ argv: step.argv, tree, folder, environment, readable, memory, disk, name });
    const began = performance.now();
    const end = await runStep(command, { seconds: left, output, memory, disk, tree }, signal);
    left = Math.max(0.001, left - (performance.now() - began) / 1000);
    steps.push({ command: step.text, exitCode: end.exitCode, output: end.output });
    if (end.exitCode !== 0) return { steps, failed: { step, end } };
  }
  return { steps, failed: null };
}

function failureOf({ step, end }: Failed, recipe: BuildRecipe, messages: readonly BuildMessage[]): string {
  if (end.excess !== null) return `the build ${excessText(end.excess, recipe)}, and was ended`;
  return failureText(messages) ?? `the build failed: ${printable(step.text, 80)} ended with exit code ${end.exitCode}`;
}

function excessText(excess: Excess, { seconds, memory, disk }: BuildRecipe): string {
  switch (excess) {
    case 'time':
      return `took more than ${seconds} ${seconds === 1 ? 'second' : 'seconds'}`;
    case 'memory':
      return `took more than ${memory / 2 ** 20}M of memory`;
    case 'disk':
      return `took more than ${disk / 2 ** 20}M of the disk`;
    case 'files':
      return `made more than ${MOST_FILES} files`;
    case 'output':
      return `printed more than ${MOST_PRINTED / 2 ** 20}M`;
  }
}

type Unfinished = Omit<BuildResult, 'outcome' | 'reason'>;

/** Every process of the build is gone by now, so that what is found here is what is kept. */
function withKernel(build: Unfinished, tree: string, { kernel: patterns, images }: SubmissionRules): OneBuild | HostFault {
  const search = searchKernel(new FolderTree(tree), { kernel: patterns, several: 'error' });
  if (search === undefined) return withoutKernel(build, `nothing matches ${patterns.join(' or ')}`);
  // A build that leaves several kernels is not this computer's fault, and says itself which to remove.
  if ('hostFault' in search.kernel && search.kernel.undecided === true) return withoutKernel(build, search.kernel.hostFault);
  if ('hostFault' in search.kernel) return search.kernel;
  if ('problem' in search.kernel) return withoutKernel(build, search.kernel.problem);
  const { file, path } = search.kernel;
  try {
    const { sha256 } = contentOf(path, MOST_BYTES.kernel);
    const kernel = { file, sha256, alsoMatched: [...search.alsoMatched], lines: null };
    const made = imagesIn(tree, images.built);
    if ('problem' in made) return withoutImage(build, made.problem);
    const entry: Entry = { build: { ...build, outcome: 'built', reason: null }, kernel, images: made.map(({ image }) => image) };
    return { entry, files: { kernelPath: path, linesPath: null, imagePaths: made.map(({ path: from }) => from) }, isLasting: true };
  } catch (error) {
    if (!(error instanceof PathError)) throw error;
    return withoutKernel(build, `${file} is no kernel: ${error.message}`);
  }
}

interface MadeImage {
  readonly image: Entry['images'][number];
  readonly path: string;
}

/** The images that drives are to hold. Throws HostError. */
function imagesIn(tree: string, patterns: readonly string[]): MadeImage[] | HandInProblem {
  const made: MadeImage[] = [];
  for (const pattern of patterns) {
    const found = findImage({ folder: tree }, '', pattern);
    if ('problem' in found) return found;
    const { file, path } = found;
    try {
      const { bytes, sha256 } = contentOf(path, MOST_BYTES.contents);
      if (bytes === 0) return { problem: `${file} is empty` };
      made.push({ image: { pattern, file, sha256 }, path });
    } catch (error) {
      if (!(error instanceof PathError)) throw error;
      return { problem: `${file} cannot be the image of a drive: ${error.message}` };
    }
  }
  return made;
}

function withoutKernel(build: Unfinished, problem: string): OneBuild {
  return failedBuild(build, `the build made no kernel: ${problem}`);
}

/** A kernel without its drives would be run for nothing. */
function withoutImage(build: Unfinished, problem: string): OneBuild {
  return failedBuild(build, `the build made no image of a drive: ${problem}`);
}

function failedBuild(build: Unfinished, reason: string): OneBuild {
  return { entry: { build: { ...build, outcome: 'failed', reason }, kernel: null, images: [] }, files: NO_FILES, isLasting: true };
}
