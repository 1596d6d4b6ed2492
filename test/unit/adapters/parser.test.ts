import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import fc from 'fast-check';
import {
  decodeSource,
  hasGrammar,
  LANGUAGE_IDS,
  languageOf,
  openParser,
  type SourceParser,
} from '../../../src/adapters/parser/index.ts';

describe('languageOf', () => {
  it.each([
    ['app/main.py', 'python'],
    ['src/App.TSX', 'tsx'],
    ['lib/index.mjs', 'javascript'],
    ['Dockerfile', 'dockerfile'],
    ['deploy/Dockerfile.web', 'dockerfile'],
    ['Gemfile', 'ruby'],
    ['.prettierrc', 'json'],
    ['notes', 'text'],
    ['archive.unknown', 'text'],
    ['C:\\src\\a.go', 'go'],
  ])('%s is %s', (path, language) => {
    expect(languageOf(path)).toBe(language);
  });

  it.each([
    ['#!/usr/bin/env python3\n', 'python'],
    ['#!/usr/bin/env -S FOO=1 node --trace\n', 'javascript'],
    ['#!/bin/sh -e\r\n', 'bash'],
    ['#!/usr/bin/python3.11\n', 'python'],
    ['#!/opt/strange\n', 'text'],
  ])('reads the interpreter of %j', (head, language) => {
    expect(languageOf('bin/tool', Buffer.from(head))).toBe(language);
  });
});

describe('decodeSource', () => {
  const samples: readonly (readonly [string, Buffer, string, string, boolean])[] = [
    ['UTF-8', Buffer.from('é = "😀"\n'), 'utf-8', 'é = "😀"\n', false],
    ['UTF-8 with a mark', Buffer.from('\ufeffa = 1\n'), 'utf-8', 'a = 1\n', true],
    ['UTF-16 little endian', Buffer.from('\ufeffa = "é"\n', 'utf16le'), 'utf-16le', 'a = "é"\n', true],
    ['UTF-16 big endian', Buffer.from('\ufeffa = 1\n', 'utf16le').swap16(), 'utf-16be', 'a = 1\n', true],
    [
      'UTF-16 without a mark',
      Buffer.from('value = 1\nother = 2\n', 'utf16le'),
      'utf-16le',
      'value = 1\nother = 2\n',
      false,
    ],
    ['Latin-1', Buffer.from('naïve = 1\n', 'latin1'), 'latin1', 'naïve = 1\n', false],
    ['a broken UTF-8 mark', Buffer.from([0xef, 0xbb, 0xbf, 0xff]), 'latin1', 'ï»¿ÿ', false],
  ];

  it.each(samples)('reads %s', (_name, bytes, encoding, text, bom) => {
    const source = decodeSource(bytes);
    expect([source.encoding, source.text, source.bom]).toEqual([encoding, text, bom]);
  });

  it('gives slices that join to the bytes, whatever the bytes are', () => {
    const anyBytes = fc.oneof(
      fc.uint8Array({ maxLength: 3000 }),
      fc.string({ unit: 'grapheme', maxLength: 1500 }).map((text) => new Uint8Array(Buffer.from(text))),
      fc
        .string({ unit: 'binary', maxLength: 1500 })
        .map((text) => new Uint8Array(Buffer.from(`\ufeff${text}`, 'utf16le'))),
    );
    fc.assert(
      fc.property(anyBytes, fc.array(fc.nat()), (bytes, cuts) => {
        const source = decodeSource(bytes);
        const length = source.text.length;
        const splitsPair = (i: number): boolean =>
          /[\udc00-\udfff]/.test(source.text[i] ?? '') && source.encoding === 'utf-8';
        const points = [...new Set([0, ...cuts.map((cut) => cut % (length + 1)), length])]
          .filter((point) => !splitsPair(point))
          .sort((a, b) => a - b)
          .map((point) => source.byteOffsetOf(point));
        const joined = points.slice(1).map((end, i) => bytes.subarray(points[i], end));
        expect(length === 0 || Buffer.concat(joined).equals(bytes)).toBe(true);
      }),
    );
  });

  it('finds the byte of every character of a long text', () => {
    const text = 'aé漢😀'.repeat(2000);
    const source = decodeSource(Buffer.from(text));
    let bytes = 0;
    let index = 0;
    for (const character of text) {
      expect(source.byteOffsetOf(index)).toBe(bytes);
      index += character.length;
      bytes += Buffer.byteLength(character);
    }
  });
});

describe('openParser', () => {
  let parser: SourceParser;
  beforeAll(async () => {
    parser = await openParser();
  });
  afterAll(() => parser.close());

  it.each(LANGUAGE_IDS.filter(hasGrammar))('loads the grammar of %s', (language) => {
    const tree = parser.parse(language, '\n');
    expect(tree?.rootNode.type).toMatch(/\w+/);
    tree?.delete();
  });

  it('has no tree for a language without a grammar', () => {
    expect(parser.parse('sql', 'select 1;')).toBeNull();
  });

  it('takes a lone carriage return for a line end, at equal positions', () => {
    const tree = parser.parse('python', 'def f():\r  a = 1\rb = 2\r');
    expect(tree?.rootNode.hasError).toBe(false);
    expect(tree?.rootNode.namedChildren.map((node) => node.startIndex)).toEqual([0, 17]);
    tree?.delete();
  });

  it('gives up when the budget is used, and parses the next text from its beginning', () => {
    expect(parser.parse('javascript', 'f(a, [1, 2, {b: c}]);\n'.repeat(50_000), { budgetMs: 1 })).toBeNull();
    const tree = parser.parse('javascript', 'let a = 1;');
    expect(tree?.rootNode.toString()).toContain('lexical_declaration');
    tree?.delete();
  });

  it('reads nesting of 20,000 levels', () => {
    const tree = parser.parse('python', `x = ${'('.repeat(20_000)}1${')'.repeat(20_000)}\n`);
    expect(tree?.rootNode.hasError).toBe(false);
    tree?.delete();
  });
});
