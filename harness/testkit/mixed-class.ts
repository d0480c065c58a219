/**
 * A class of 40 as it comes to a teaching assistant: exports of four platforms, a folder of archives, of repositories, of kernels and
 * of sources, five hand-ins that try to do harm, and three in which there is nothing.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tar, tarGz, type ZipMember, zip } from './archives.ts';
import type { TestFolder } from './command.ts';
import { ROOT } from './program.ts';

/** What a student must get: points, or a part of the sentence that says why there are none. */
export type Due = number | RegExp;

export interface MixedClass {
  /** What to name on the command line, in this order. */
  readonly paths: string[];
  /** By the student's id where an export has one, else by the submission's name. */
  readonly due: ReadonlyMap<string, Due>;
  /** Moodle's, for its participants. */
  readonly worksheet: string;
  readonly rubric: string;
}

/** The samples by their points in Lab 13. */
const SAMPLES = { passes: 100, 'writable-data': 66, 'wrong-type': 60, 'no-write': 20 } as const;
type Sample = keyof typeof SAMPLES;

const SAMPLE_NAMES = Object.keys(SAMPLES) as Sample[];

function sampleOf(at: number): Sample {
  return SAMPLE_NAMES[at % SAMPLE_NAMES.length]!;
}

function kernel(sample: Sample): Buffer {
  return readFileSync(join(ROOT, 'submissions/class', sample, 'kernel.elf'));
}

function source(sample: Sample): Buffer {
  return readFileSync(join(ROOT, 'submissions/source', sample, 'write_block.c'));
}

/** Makes the class below the folder. */
export function mixedClass(folder: TestFolder): MixedClass {
  const due = new Map<string, Due>();
  const paths = [
    moodleExport(folder, due),
    canvasExport(folder, due),
    blackboardExport(folder, due),
    gradescopeExport(folder, due),
    archives(folder, due),
    sources(folder, due),
    repositories(folder, due),
    hostile(folder, due),
    nothing(folder, due),
  ];
  return { paths, due, worksheet: worksheet(folder), rubric: rubric(folder) };
}

/** Seven participants: folders, a text field beside a file, an archive, a folder in a folder, a source file. */
function moodleExport(folder: TestFolder, due: Map<string, Due>): string {
  const members: ZipMember[] = [];
  for (let at = 0; at < 7; at++) {
    const sample = sampleOf(at);
    const student = `Student ${at}_${1100 + at}_assignsubmission`;
    const file = { 2: 'lab13.zip', 3: 'lab13/build/kernel.elf', 4: 'write_block.c' }[at] ?? 'kernel.elf';
    const data = { 2: zip([{ name: 'lab13/kernel.elf', data: kernel(sample) }]), 4: source(sample) }[at] ?? kernel(sample);
    members.push({ name: `${student}_file_/${file}`, data });
    members.push({ name: `${student}_onlinetext_/onlinetext.html`, data: '<p>It works.</p>' });
    due.set(String(1100 + at), SAMPLES[sample]);
  }
  return folder.put('moodle.zip', zip(members));
}

/** Six students: late, handed in again, an archive. */
function canvasExport(folder: TestFolder, due: Map<string, Due>): string {
  for (let at = 0; at < 6; at++) {
    const sample = sampleOf(at + 1);
    const id = 2200 + at;
    const late = at === 1 ? '_LATE' : '';
    const file = { 2: 'kernel-1.elf', 3: 'lab.tar.gz' }[at] ?? 'kernel.elf';
    const data = at === 3 ? tarGz([{ name: 'lab/kernel.elf', data: kernel(sample) }]) : kernel(sample);
    folder.put(`canvas/student${at}${late}_${id}_${9000 + at}_${file}`, data);
    due.set(String(id), SAMPLES[sample]);
  }
  return folder.at('canvas');
}

/** Five students, one of them with two attempts, of which the later counts. */
function blackboardExport(folder: TestFolder, due: Map<string, Due>): string {
  const members: ZipMember[] = [];
  const add = (user: string, time: string, sample: Sample) => {
    const before = `Lab 13_${user}_attempt_2026-11-${time}`;
    members.push({ name: `${before}.txt`, data: `Name: Student ${user.slice(1)} (${user})\nAssignment: Lab 13\n` });
    members.push({ name: `${before}_kernel.elf`, data: kernel(sample) });
    due.set(user, SAMPLES[sample]);
  };
  add('u3300', '28-10-00-00', 'no-write');
  add('u3300', '29-11-30-00', 'passes');
  for (let at = 1; at < 5; at++) add(`u330${at}`, '29-12-00-00', sampleOf(at));
  return folder.put('blackboard.zip', zip(members));
}

/** Four students in three submissions: two work together. */
function gradescopeExport(folder: TestFolder, due: Map<string, Due>): string {
  const list: string[] = [];
  const add = (number: number, sample: Sample, ...ids: string[]) => {
    folder.put(`gradescope/assignment_1_export/submission_${number}/kernel.elf`, kernel(sample));
    const people = ids.map((id) => `  - :name: Student ${id}\n    :sid: '${id}'\n    :email: ${id}@example.org\n`);
    list.push(`submission_${number}:\n  :submitters:\n${people.join('')}  :created_at: 2026-11-29 12:00:00.000000000 Z\n`);
    for (const id of ids) due.set(id, SAMPLES[sample]);
  };
  add(501, 'passes', 'g4400', 'g4401');
  add(502, 'wrong-type', 'g4402');
  add(503, 'writable-data', 'g4403');
  folder.put('gradescope/assignment_1_export/submission_metadata.yml', list.join(''));
  return folder.at('gradescope/assignment_1_export');
}

/** Five students with an archive each, and what lies about in such folders. */
function archives(folder: TestFolder, due: Map<string, Due>): string {
  const inside = (sample: Sample) => ({ name: 'lab13/target/kernel.elf', data: kernel(sample) });
  folder.put('archives/a1.zip', zip([inside('passes'), { name: '__MACOSX/lab13/._kernel.elf', data: 'x' }], { zip64: true }));
  folder.put('archives/a2.tar', tar([inside('wrong-type')]));
  folder.put('archives/a3.tar.gz', tarGz([inside('writable-data')]));
  folder.put('archives/a4.zip', zip([{ name: 'work.zip', data: zip([inside('no-write')]) }]));
  // A name in NFD, as macOS packs it.
  folder.put('archives/a5/Abgabe/ru\u0308ckgabe/kernel.elf', kernel('passes'));
  folder.put('archives/roster.csv', 'submission,id\na1,a1\n');
  folder.put('archives/README.txt', 'Hand-ins of group A');
  folder.put('archives/.DS_Store', 'x');
  const points = { a1: 'passes', a2: 'wrong-type', a3: 'writable-data', a4: 'no-write', a5: 'passes' } as const;
  for (const [name, sample] of Object.entries(points)) due.set(name, SAMPLES[sample]);
  return folder.at('archives');
}

/** Three students with sources, one of them with a mistake that the compiler sees. */
function sources(folder: TestFolder, due: Map<string, Due>): string {
  folder.put('sources/b1/write_block.c', source('passes'));
  folder.put('sources/b2.c', source('wrong-type'));
  folder.put('sources/b3/lab/write_block.c', 'int write_block(void) { return 1 }\n');
  due
    .set('b1', SAMPLES.passes)
    .set('b2.c', SAMPLES['wrong-type'])
    .set('b3', /write_block\.c:1:\d+/);
  return folder.at('sources');
}

/** Two clones. */
function repositories(folder: TestFolder, due: Map<string, Due>): string {
  for (const [name, sample] of [
    ['c1', 'passes'],
    ['c2', 'no-write'],
  ] as const) {
    const path = folder.at(`clones/${name}`);
    mkdirSync(path, { recursive: true });
    cpSync(join(ROOT, 'submissions/class', sample, 'kernel.elf'), join(path, 'kernel.elf'));
    const git = (...argv: string[]) => execFileSync('git', ['-C', path, '-c', 'user.name=s', '-c', 'user.email=s@example.org', ...argv]);
    git('init', '--quiet');
    git('add', '.');
    git('commit', '--quiet', '--message', 'Hand in');
    due.set(name, SAMPLES[sample]);
  }
  return folder.at('clones');
}

/** An archive that climbs, one that unpacks to far too much, a link to somebody's kernel, a script, and a build that does not end. */
function hostile(folder: TestFolder, due: Map<string, Due>): string {
  folder.put('hostile/d1.zip', zip([{ name: '../../../d1/kernel.elf', data: kernel('passes') }]));
  folder.put('hostile/d2.zip', zip([{ name: 'kernel.elf', data: Buffer.alloc(1 << 28) }]));
  mkdirSync(folder.at('hostile/d3'));
  symlinkSync(folder.at('archives/a5/Abgabe/ru\u0308ckgabe/kernel.elf'), folder.at('hostile/d3/kernel.elf'));
  folder.put('hostile/d4/kernel.elf', '#!/bin/sh\nrm -rf "$HOME"\n');
  folder.put('hostile/d5/write_block.c', '#include "/dev/zero"\n');
  due
    .set('d1', /leads out/)
    .set('d2', /./)
    .set('d3', /link/)
    .set('d4', /script/)
    .set('d5', /build failed/);
  return folder.at('hostile');
}

/** Three students in whose folders there is nothing, nothing of use, and an empty archive. */
function nothing(folder: TestFolder, due: Map<string, Due>): string {
  mkdirSync(folder.at('nothing/e1'), { recursive: true });
  folder.put('nothing/e2/notes.md', 'I could not come to the lab.');
  writeFileSync(folder.at('nothing/e3.zip'), zip([]));
  for (const name of ['e1', 'e2', 'e3']) due.set(name, /matches|is not write_block\.c/);
  return folder.at('nothing');
}

/** Moodle's worksheet of the seven, and of one who has handed in nothing. */
function worksheet(folder: TestFolder): string {
  const rows = Array.from({ length: 8 }, (_, at) => `Participant ${1100 + at},Student ${at},,"100.00",Yes,,,\n`);
  const header =
    'Identifier,Full name,Grade,Maximum Grade,Grade can be changed,Last modified (submission),Last modified (grade),Feedback comments\n';
  return folder.put('worksheet.csv', header + rows.join(''));
}

/** Lab 13 from sources, or from kernels that are handed in. */
function rubric(folder: TestFolder): string {
  const text = readFileSync(join(ROOT, 'rubrics/lab13-source.yaml'), 'utf8')
    .replace('base: ../submissions/c', `base: ${join(ROOT, 'submissions/c')}`)
    .replace('  kernel: kernel.elf', '  kernel: kernel.elf\n  prebuilt: true');
  return folder.put('lab13.yaml', text);
}
