/** What counts as code. Expected by the languages' references. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CodeLanguage, codeTokens, lineWith } from './code-tokens.ts';

const words = (text: string, language: CodeLanguage = 'C') => codeTokens(text, language).map((token) => token.text);

describe('tokens of C', () => {
  it('are names, numbers and single characters, with their lines', () => {
    expect(codeTokens('a1 = b->c\n + 0x1f;', 'C')).toEqual([
      ...['a1', '=', 'b', '-', '>', 'c'].map((text) => ({ text, line: 1 })),
      ...['+', '0x1f', ';'].map((text) => ({ text, line: 2 })),
    ]);
  });

  it('are not what comments, strings and characters hold', () => {
    expect(words('a // goto\nb /* goto\n /* */ c "goto \\" goto" d \'"\' e')).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(words('a // one \\\n goto\nb')).toEqual(['a', 'b']);
    // A string that is not ended would be an error; what follows on the next line is code.
    expect(words('a "x\ngoto')).toEqual(['a', 'goto']);
    expect(words('a /* never ended goto')).toEqual(['a']);
  });

  it('keep the lines behind a comment', () => {
    expect(codeTokens('/* \n\n */ goto', 'C')).toEqual([{ text: 'goto', line: 3 }]);
  });
});

describe('tokens of Rust', () => {
  it('are not what nested comments and raw strings hold', () => {
    expect(words('a /* /* unsafe */ unsafe */ b r#"unsafe " unsafe"# c br"unsafe" d "x\nunsafe" e', 'Rust')).toEqual([
      'a',
      'b',
      'c',
      'd',
      'e',
    ]);
  });

  it('tell lifetimes from characters, and names from raw strings', () => {
    expect(words("'a 'b' '\\'' b'\\n' x", 'Rust')).toEqual(['a', 'b', 'x']);
    expect(words("fn f<'a>(x: &'a str) { '𝄞' }", 'Rust')).toEqual([...'fn f < a > ( x : & a str ) { }'.split(' ')]);
    expect(words('r#unsafe bar"x" unsafe_name', 'Rust')).toEqual(['r', '#', 'unsafe', 'bar', 'unsafe_name']);
  });
});

describe('words', () => {
  it('are found as a whole, over blanks and comments', () => {
    const tokens = codeTokens('unsafe_fn();\nasm /* x */ ! ("nop");', 'Rust');
    const line = (text: string) => lineWith(tokens, codeTokens(text, 'Rust'));
    expect([line('asm!'), line('unsafe'), line('unsafe_fn('), line('std::asm')]).toEqual([2, null, 1, null]);
  });
});

it('any text has tokens, each of which stands in its line', () => {
  const piece = fc.constantFrom('"', "'", '\\', '/*', '*/', '//', '\n', 'r#', '#', 'a', ' ', '𝄞', 'br"', '\ud800');
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 60 }), fc.constantFrom<CodeLanguage>('C', 'Rust'), (pieces, language) => {
      const text = pieces.join('');
      const lines = text.split('\n');
      for (const token of codeTokens(text, language)) expect(lines[token.line - 1]).toContain(token.text);
    }),
    { numRuns: 300 },
  );
});
