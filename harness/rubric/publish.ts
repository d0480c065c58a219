/**
 * The rubric that students get: the author's document without what is hidden. It is built anew from the visible parts alone, node
 * by node, so that nothing hidden can be left behind: no key, no anchor, no comment. Comments go, all of them, because no program
 * can find out which of them speaks of something hidden; how values are written (quotation marks, one line or several) stays.
 *
 * Left out: hidden checks and scenarios, checks of the build, `needs` that name a hidden check, `expect`, hints of attempts after the first; and how the course
 * builds what is handed in, since students have the lab's sources themselves, and check what their own build made.
 */
import { Document, isAlias, isMap, isScalar, isSeq, type Node, type Pair, parseDocument, Scalar, YAMLMap, YAMLSeq } from 'yaml';
import { mergedScenarios } from './extends.ts';
import { asMap, type Loose } from './loose.ts';
import { expandQemu } from './qemu.ts';
import { PUBLISHED_SEED, randomNamesIn } from './random.ts';
import { type Check, isHidden, type Rubric, type UnlistedChecks, unlistedOf } from './types.ts';

/** `text`: of the valid rubric that `rubric` was loaded from. The result passes `rubric check` where the rubric shows a check. */
export function publishedRubric(text: string, rubric: Rubric): string {
  const source = parseDocument(text, { stringKeys: true, merge: false });
  const unlisted = unlistedOf(rubric, (check) => isLeftOut(check, rubric));
  const contents = new Publisher(source, rubric).rubric();
  publishRandom(contents);
  const published = new Document(contents);
  if (unlisted !== null) contents.add(published.createPair('hidden-checks', unlisted));
  published.commentBefore = notice(unlisted);
  return published.toString({ lineWidth: 0 });
}

function notice(unlisted: UnlistedChecks | null): string {
  if (unlisted === null) return ' Published for students.';
  const { count, points } = unlisted;
  const checksText = count === 1 ? 'One hidden check' : `${count} hidden checks`;
  return ` Published for students. ${checksText}, worth ${points} points, not shown here.`;
}

/** Values of its own for students, and no names of values that only hidden parts use. */
function publishRandom(contents: YAMLMap): void {
  const random = contents.get('random');
  if (!isMap(random)) return;
  contents.delete('random');
  const used = randomNamesIn(new Document(contents).toString({ lineWidth: 0 }));
  if (used.size === 0) return;
  random.set('seed', PUBLISHED_SEED);
  for (const kind of ['words', 'numbers']) {
    const values = random.get(kind);
    if (!isMap(values)) continue;
    values.items = values.items.filter(({ key }) => used.has(String(scalarOf(key as Node))));
    if (values.items.length === 0) random.delete(kind);
  }
  contents.set('random', random);
}

/** Keys of `submission` that name what only the course's computer has. */
const OF_THE_GRADER = ['base', 'take', 'build', 'prebuilt'];

/** Students build by themselves, and what their compiler says is not known here. */
function isLeftOut(check: Check, rubric: Rubric): boolean {
  return check.kind === 'build' || isHidden(check, rubric);
}

class Publisher {
  readonly #source: Document;
  readonly #hiddenScenarios: ReadonlySet<string>;
  readonly #hiddenChecks: ReadonlySet<string>;
  readonly #visibleGroups: ReadonlySet<string | null>;
  /** What the document says, with the keys that `qemu` stands for: a line says other things where nothing is built. */
  readonly #expanded: Loose;
  readonly #hasLine: boolean;
  readonly #merged: ReturnType<typeof mergedScenarios>;

  constructor(source: Document, rubric: Rubric) {
    const { scenarios, checks } = rubric;
    this.#source = source;
    this.#hiddenScenarios = new Set(scenarios.filter(({ hidden }) => hidden).map(({ name }) => name));
    this.#hiddenChecks = new Set(checks.filter((check) => isLeftOut(check, rubric)).map(({ id }) => id));
    this.#visibleGroups = new Set(checks.flatMap((check) => (isLeftOut(check, rubric) ? [] : [check.group])));
    this.#expanded = source.toJS({ maxAliasCount: -1 });
    this.#hasLine = Object.hasOwn(asMap(this.#expanded['machine']), 'qemu');
    expandQemu(this.#expanded);
    this.#merged = mergedScenarios(this.#expanded);
  }

  rubric(): YAMLMap {
    const rubric = this.#map(this.#source.contents, (key, value) => {
      if (key === 'expect' || key === 'hidden-checks') return null;
      if (key === 'scenarios') return this.#map(value, (name, scenario) => this.#scenario(name, scenario));
      if (key === 'checks') return this.#list(value, (check) => this.#check(check));
      if (key === 'groups') return this.#groups(value);
      if (key === 'submission') return this.#submission(value);
      if (key === 'machine' && this.#hasLine) return this.#written(this.#expanded['machine']);
      return this.#copy(value);
    });
    if (!rubric.has('submission')) rubric.add(this.#source.createPair('submission', this.#submission(null)));
    return rubric;
  }

  #submission(written: Node | null): YAMLMap {
    const map = this.#map(written, (part, of) => (OF_THE_GRADER.includes(part) ? null : this.#copy(of)));
    for (const [key, value] of Object.entries(asMap(this.#expanded['submission']))) {
      if (!map.has(key) && !OF_THE_GRADER.includes(key)) map.add(this.#source.createPair(key, value));
    }
    return map;
  }

  /** A value that is not written in this form in the document. */
  #written(value: unknown): Node {
    return this.#source.createNode(value, { aliasDuplicateObjects: false }) as Node;
  }

  #scenario(name: string, scenario: Node | null): Node | null {
    if (this.#hiddenScenarios.has(name)) return null;
    const base = entryOf(this.#resolve(scenario), 'extends');
    // What a visible scenario takes from a hidden one is written out: the base is not there any more.
    if (base !== null && this.#extendsHidden(name)) return this.#written(this.#merged.get(name));
    return this.#map(scenario, (key, value) => (key === 'needs' ? this.#condition(value) : this.#copy(value)));
  }

  #condition(needs: Node | null): Node | null {
    const whole = entryOf(this.#resolve(needs), 'scenario');
    if (whole === null) return this.#needs(needs);
    return this.#hiddenScenarios.has(String(scalarOf(this.#resolve(whole)))) ? null : this.#copy(needs);
  }

  #extendsHidden(name: string): boolean {
    const base = this.#source.getIn(['scenarios', name, 'extends']);
    return typeof base === 'string' && (this.#hiddenScenarios.has(base) || this.#extendsHidden(base));
  }

  #check(check: Node | null): Node | null {
    if (this.#hiddenChecks.has(String(scalarOf(this.#resolve(entryOf(this.#resolve(check), 'id')))))) return null;
    return this.#map(check, (key, value) => {
      if (key === 'needs') return this.#needs(value);
      if (key === 'hint') return this.#hint(value);
      return this.#copy(value);
    });
  }

  /** Those of a visible check. */
  #groups(groups: Node | null): Node | null {
    const map = this.#map(groups, (id, group) => (this.#visibleGroups.has(id) ? this.#copy(group) : null));
    return map.items.length === 0 ? null : map;
  }

  #needs(needs: Node | null): Node | null {
    const isVisible = (need: Node | null) => !this.#hiddenChecks.has(String(scalarOf(this.#resolve(need))));
    if (!isSeq(this.#resolve(needs))) return isVisible(needs) ? this.#copy(needs) : null;
    return nullIfEmpty(this.#list(needs, (need) => (isVisible(need) ? this.#copy(need) : null)));
  }

  #hint(hint: Node | null): Node | null {
    if (!isSeq(this.#resolve(hint))) return this.#copy(hint);
    const stages = this.#list(hint, (stage) => {
      const from = scalarOf(this.#resolve(entryOf(this.#resolve(stage), 'from-attempt')));
      return from === 1 ? this.#copy(stage) : null;
    });
    return nullIfEmpty(stages);
  }

  /** A map with what `each` makes of its values; null leaves the key out. */
  #map(node: Node | null, each: (key: string, value: Node | null) => Node | null): YAMLMap {
    const source = this.#resolve(node);
    const map = new YAMLMap();
    if (!isMap(source)) return map;
    map.flow = source.flow;
    for (const { key, value } of source.items as Pair<Node, Node | null>[]) {
      const made = each(String(scalarOf(key)), value);
      if (made !== null) map.add({ key: spaced(this.#copy(key), key), value: made });
    }
    return map;
  }

  #list(node: Node | null, each: (item: Node | null) => Node | null): YAMLSeq {
    const source = this.#resolve(node);
    const list = new YAMLSeq();
    if (!isSeq(source)) return list;
    list.flow = source.flow;
    for (const item of source.items as (Node | null)[]) {
      const made = each(item);
      if (made !== null) list.add(item === null ? made : spaced(made, item));
    }
    return list;
  }

  /** Value and style, without comments and anchors; aliases are written out. */
  #copy(node: Node | null): Node {
    const source = this.#resolve(node);
    if (isMap(source)) return this.#map(source, (_, value) => this.#copy(value));
    if (isSeq(source)) return this.#list(source, (item) => this.#copy(item));
    const scalar = new Scalar(scalarOf(source));
    if (isScalar(source)) {
      const { type, format, source: written, minFractionDigits } = source;
      Object.assign(scalar, { type, format, source: written, minFractionDigits });
    }
    return scalar;
  }

  #resolve(node: Node | null): Node | null {
    return isAlias(node) ? (node.resolve(this.#source) as Node) : node;
  }
}

/** Copies whether there is an empty line before the node. */
function spaced<T extends Node>(made: T, source: Node): T {
  if (source.spaceBefore) made.spaceBefore = true;
  return made;
}

function nullIfEmpty(list: YAMLSeq): YAMLSeq | null {
  return list.items.length === 0 ? null : list;
}

function scalarOf(node: Node | null): unknown {
  return isScalar(node) ? node.value : null;
}

function entryOf(map: Node | null, key: string): Node | null {
  return isMap(map) ? ((map.items as Pair<Node, Node | null>[]).find((pair) => scalarOf(pair.key) === key)?.value ?? null) : null;
}
