// Lists the packages that the bundler has put in: for people, their licences (THIRD-PARTY-LICENSES.txt); for tools that audit, which find
// no dependencies in package.json, a bill of materials (bom.json, CycloneDX 1.6). Both come from what was bundled, so that they are right.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** @import { Metafile } from 'esbuild' */

/**
 * @typedef {object} Package
 * @property {string} folder
 * @property {string} name
 * @property {string} version
 * @property {string} license its identifier in the SPDX list
 * @property {readonly string[]} needs folders of the packages that it depends on
 * @property {string} text of its licence
 */

/**
 * Where Node finds a package that a package needs: in its own node_modules, or in one further out.
 *
 * @param {string} name
 * @param {string} folder of the package that needs it
 * @returns {string}
 */
function folderOf(name, folder) {
  const inside = `${folder}/node_modules/${name}`;
  if (existsSync(inside)) return inside;
  const further = folder.lastIndexOf('/node_modules/');
  return further < 0 ? `node_modules/${name}` : folderOf(name, folder.slice(0, further));
}

/**
 * @param {string} folder
 * @returns {Package}
 */
function readPackage(folder) {
  const { name, version, license, author, dependencies = {} } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const file = readdirSync(folder).find((entry) => /^licen[cs]e\b/i.test(entry));
  const text =
    file === undefined ? standardText(license, author) : readFileSync(join(folder, file), 'utf8').replaceAll('\r\n', '\n').trim();
  if (typeof license !== 'string' || text === undefined)
    throw new Error(`${folder}: what is bundled must name its licence and have its text`);
  const needs = Object.keys(dependencies).map((need) => folderOf(need, folder));
  return { folder, name, version, license, needs, text: `${text}${textWithin(name)}` };
}

/**
 * Of code of others that a package has in it in compiled form, and says nothing of: the file with its name in build/licences.
 *
 * @param {string} name
 */
function textWithin(name) {
  const file = new URL(`licences/${name}.txt`, import.meta.url);
  return existsSync(file) ? `\n\n${readFileSync(file, 'utf8').trim()}` : '';
}

/**
 * A package may name its licence and its author, and leave the text out, which is the same for all: that of the SPDX list (MIT).
 *
 * @param {unknown} license
 * @param {unknown} author
 */
function standardText(license, author) {
  if (license !== 'MIT' || typeof author !== 'string') return undefined;
  return `MIT License

Copyright (c) ${author}

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated documentation files (the
"Software"), to deal in the Software without restriction, including without limitation the rights to use, copy, modify, merge, publish,
distribute, sublicense, and/or sell copies of the Software, and to permit persons to whom the Software is furnished to do so, subject to the
following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF
MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY
CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE
SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.`;
}

/**
 * The packages that code in a bundle comes from, in the order of their URLs. One that lies in two folders counts once.
 *
 * @param {readonly Metafile[]} bundles
 * @returns {Package[]}
 */
function bundledPackages(bundles) {
  /** @type {Set<string>} */
  const folders = new Set();
  for (const { outputs } of bundles) {
    const inputs = Object.values(outputs).flatMap((output) => Object.entries(output.inputs));
    for (const [input, { bytesInOutput }] of inputs) {
      const [folder] = /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input) ?? [];
      if (folder !== undefined && bytesInOutput > 0) folders.add(folder);
    }
  }
  const packages = new Map([...folders].map(readPackage).map((one) => [urlOf(one), one]));
  return [...packages.keys()].sort().map((url) => /** @type {Package} */ (packages.get(url)));
}

/**
 * A package's URL, by the specification of that name.
 *
 * @param {Pick<Package, 'name' | 'version'>} package_
 */
function urlOf({ name, version }) {
  return `pkg:npm/${name.replace('@', '%40')}@${version}`;
}

/** @param {readonly Package[]} packages */
function billOfMaterials(packages) {
  const { name, version, license } = JSON.parse(readFileSync('package.json', 'utf8'));
  const own = `${name}@${version}`;
  /** @param {(package_: Package) => boolean} which */
  const refs = (which) => packages.filter(which).map(urlOf);
  return {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: {
      lifecycles: [{ phase: 'build' }],
      component: { type: 'application', 'bom-ref': own, name, version, licenses: [{ license: { id: license } }] },
    },
    components: packages.map((one) => ({
      type: 'library',
      'bom-ref': urlOf(one),
      ...groupAndName(one.name),
      version: one.version,
      scope: 'required',
      licenses: [{ license: { id: one.license } }],
      purl: urlOf(one),
    })),
    dependencies: [
      { ref: own, dependsOn: refs(() => true) },
      ...packages.map((one) => ({ ref: urlOf(one), dependsOn: refs((other) => one.needs.includes(other.folder)) })),
    ],
  };
}

/** @param {string} name */
function groupAndName(name) {
  const slash = name.indexOf('/');
  return slash < 0 ? { name } : { group: name.slice(0, slash), name: name.slice(slash + 1) };
}

/** @param {readonly Package[]} packages */
function licenses(packages) {
  const line = '='.repeat(80);
  const parts = packages.map(({ name, version, license, text }) => `${line}\n${name} ${version} (${license})\n${line}\n\n${text}\n`);
  return `The code here contains code of these packages, under the licences that follow.\n\n${parts.join('\n')}`;
}

/**
 * The licences of the packages that are in a bundle, as a text.
 *
 * @param {readonly Metafile[]} bundles
 */
export const licensesOf = (bundles) => licenses(bundledPackages(bundles));

/**
 * @param {readonly Metafile[]} bundles
 * @param {string} outdir
 */
export async function listThirdParties(bundles, outdir) {
  const packages = bundledPackages(bundles);
  await writeFile(join(outdir, 'bom.json'), `${JSON.stringify(billOfMaterials(packages), null, 2)}\n`);
  await writeFile(join(outdir, 'THIRD-PARTY-LICENSES.txt'), licenses(packages));
}
