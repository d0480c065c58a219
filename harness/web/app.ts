/** The page: takes a kernel or a folder, has it graded, and shows the report. It keeps nothing, and sends nothing anywhere. */
import { TOOL } from '../cli/version.ts';
import { type Choice, ChoiceProblem, choiceOfDrop, choiceOfFile, choiceOfFolder, choiceOfHandle, folderPicker } from './choosing.ts';
import { courseOfPage } from './course.ts';
import { element } from './element.ts';
import { Grader } from './grader.ts';
import { LiveView } from './live-view.ts';
import type { Answer, Chosen, Graded } from './messages.ts';
import { ReportFrame } from './report-frame.ts';
import { fileNameFor, save } from './save.ts';

const choose = element('choose', HTMLElement);
const file = element('file', HTMLInputElement);
const folder = element('folder', HTMLInputElement);
const pickFolder = element('pick-folder', HTMLButtonElement);
const again = element('again', HTMLButtonElement);
const boot = element('boot', HTMLButtonElement);
const problem = element('problem', HTMLElement);
const progress = element('progress', HTMLElement);
const bar = element('bar', HTMLProgressElement);
const stop = element('stop', HTMLButtonElement);
const status = element('status', HTMLElement);
const result = element('result', HTMLElement);
const heading = element('result-heading', HTMLElement);
const frame = new ReportFrame(element('report', HTMLIFrameElement));

const course = courseOfPage();

const grader = new Grader(answered);
const live = new LiveView();
/** Reads once more what was chosen last; null: it can be read only once. */
let last: Choice | null = null;
/** What was read last. */
let files: Chosen | undefined;
let shown: Graded | undefined;
/** How many choices were made: one that is slow to read gives way to a later one. */
let choices = 0;
/** Of the grading that runs: how many scenarios it has, and those that it has come to. */
let scenarios = 1;
let begun: string[] = [];

function say(text: string, { done = false } = {}): void {
  status.textContent = text;
  status.classList.toggle('done', done);
}

function complain(text: string): void {
  problem.textContent = text;
}

async function take(choice: Choice): Promise<void> {
  const number = ++choices;
  const wasRunning = grader.running;
  ended();
  complain('');
  say(wasRunning ? 'What was being graded is stopped. Reading your files …' : 'Reading your files …');
  try {
    if (course === undefined) throw new ChoiceProblem('This page has no rubric: a course makes its page with "bootgrade web".');
    const read = await choice();
    if (number !== choices) return;
    const { chosen } = read;
    last = read.again;
    again.hidden = last === null;
    result.hidden = true;
    shown = undefined;
    progress.hidden = false;
    bar.removeAttribute('value');
    files = chosen;
    boot.hidden = false;
    live.close();
    grader.begin({ kind: 'grade', course, chosen });
    say(`Grading ${chosen.name} …`);
  } catch (error) {
    if (number !== choices) return;
    say('');
    complain(error instanceof ChoiceProblem ? error.message : `What you chose cannot be read: ${messageOf(error)}`);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Nothing runs any more. */
function ended(): void {
  grader.stop();
  const hadFocus = document.activeElement === stop;
  progress.hidden = true;
  if (hadFocus) (pickFolder.hidden ? folder : pickFolder).focus();
}

function answered(answer: Answer): void {
  switch (answer.kind) {
    case 'begun':
      scenarios = answer.scenarios;
      begun = [];
      return;
    case 'entered':
      return entered(answer.phase, answer.scenario);
    case 'failed':
      ended();
      say('');
      return complain(`There is no result, which is not your kernel's fault. ${answer.message}`);
    case 'done':
      return done(answer);
  }
}

function entered(phase: (Answer & { kind: 'entered' })['phase'], scenario: string | null): void {
  if (scenario === null) return;
  if (!begun.includes(scenario)) begun.push(scenario);
  bar.value = (begun.length - 1) / scenarios;
  const which = `${scenario} (${begun.length} of ${scenarios})`;
  say(phase === 'explanation' ? `Running ${which} again, to find the reason …` : `Running ${which} …`);
}

function done(graded: Graded): void {
  const hadFocus = document.activeElement === stop;
  ended();
  shown = graded;
  result.hidden = false;
  frame.show(graded.html);
  say(`${graded.name}: ${graded.score}, ${graded.outcome}`, { done: true });
  if (hadFocus) heading.focus();
}

file.addEventListener('change', () => {
  const [chosen] = file.files ?? [];
  // So that the same file, built anew, can be chosen again.
  file.value = '';
  if (chosen !== undefined) void take(choiceOfFile(chosen));
});
folder.addEventListener('change', () => {
  const chosen = [...(folder.files ?? [])];
  folder.value = '';
  void take(choiceOfFolder(chosen));
});
stop.addEventListener('click', () => {
  ended();
  say('Stopped. There is no result.');
});
again.addEventListener('click', () => {
  if (last !== null) void take(last);
});

boot.addEventListener('click', () => {
  if (course !== undefined && files !== undefined) live.begin(course, files);
});

const picker = folderPicker();
if (picker !== null) {
  element('folder-label', HTMLElement).hidden = true;
  pickFolder.hidden = false;
  pickFolder.addEventListener('click', async () => {
    const handle = await picker();
    if (handle !== null) await take(choiceOfHandle(handle));
  });
}

/** The whole page takes what is dropped: the browser would open a file that falls beside the field. */
document.addEventListener('dragover', (event) => {
  event.preventDefault();
  choose.classList.add('over');
});
document.addEventListener('dragleave', () => choose.classList.remove('over'));
document.addEventListener('drop', (event) => {
  event.preventDefault();
  choose.classList.remove('over');
  try {
    if (event.dataTransfer !== null) void take(choiceOfDrop(event.dataTransfer));
  } catch (error) {
    if (!(error instanceof ChoiceProblem)) throw error;
    complain(error.message);
  }
});

element('save-report', HTMLButtonElement).addEventListener('click', () => {
  if (shown !== undefined) save(fileNameFor(shown.name, 'html'), 'text/html', shown.html);
});
element('save-result', HTMLButtonElement).addEventListener('click', () => {
  if (shown !== undefined) save(fileNameFor(shown.name, 'json'), 'application/json', shown.json);
});

element('tool', HTMLElement).textContent = TOOL;
if (course !== undefined) {
  document.title = course.title;
  element('title', HTMLElement).textContent = course.title;
}
// A page that was opened from a folder has no service worker; it needs none.
if (location.protocol.startsWith('http') && 'serviceWorker' in navigator) {
  navigator.serviceWorker.register('service-worker.js').catch(() => {
    // Then the page needs the network each time.
  });
}
