import { expect, it } from 'vitest';
import type { SubmissionResult } from '../result/result.ts';
import { errored, hostile, subject } from '../testkit/sample-hostile.ts';
import { result, writableData } from '../testkit/sample-results.ts';
import { badge } from './badge.ts';
import { wholeText } from './format.ts';

function picture(...results: SubmissionResult[]): string {
  const [part] = badge.parts;
  if (part?.scope !== 'class') throw new Error('no part for the class');
  const subjects = results.map((of) => subject(of));
  return wholeText(part.render(subjects, {}, []));
}

const said = (svg: string) => /<title>(.*)<\/title>/.exec(svg)?.[1];
const color = (svg: string) => /<rect x=.* fill="(#\w+)"/.exec(svg)![1]!;

it('has the points of one submission', () => {
  const of = writableData();
  expect(said(picture(of))).toBe(`score: ${of.score}/${of.maxScore}`);
  expect(said(picture(result()))).toBe(`score: ${result().maxScore}/${result().maxScore}`);
  expect(color(picture(of))).not.toBe(color(picture(result())));
});

it('says that the grader failed, which is no zero', () => {
  expect(said(picture(errored()))).toBe('score: grader failed');
  expect(color(picture(errored()))).not.toBe(color(picture(writableData())));
});

it('says of several submissions how many passed', () => {
  expect(said(picture(result({ name: 'a' }), { ...writableData(), name: 'b' }, { ...errored(), name: 'c' }))).toBe('score: 1 of 3 passed');
  expect(said(picture())).toBe('score: 0 of 0 passed');
});

it('has texts that end before the picture does, and nothing that others wrote', () => {
  const svg = picture(hostile());
  const [, width] = /^<svg xmlns="http:\/\/www.w3.org\/2000\/svg" width="(\d+)"/.exec(svg)!;
  const texts = [...svg.matchAll(/<text x="(\d+)" y="14" textLength="(\d+)"/g)].map(([, x, length]) => Number(x) + Number(length));
  expect(texts).toHaveLength(2);
  expect(Math.max(...texts)).toBeLessThan(Number(width));
  expect(svg).toMatch(/^[\x20-\x7e\n]*$/);
});

it('has white text that is readable on its colors', () => {
  const part = (hex: string) => {
    const value = Number.parseInt(hex, 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  const colors = [result(), writableData(), errored()].flatMap((of) => [...picture(of).matchAll(/<rect[^>]* fill="#(..)(..)(..)"/g)]);
  for (const [, red, green, blue] of colors) {
    const luminance = 0.2126 * part(red!) + 0.7152 * part(green!) + 0.0722 * part(blue!);
    expect(1.05 / (luminance + 0.05)).toBeGreaterThanOrEqual(4.5);
  }
});
