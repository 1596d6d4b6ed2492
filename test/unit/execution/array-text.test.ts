import { describe, expect, it } from 'vitest';
import { arrayText } from '../../../src/execution/statements/json-rows.ts';

describe('the text of an array', () => {
  it('tells nothing from the word for it, and keeps quotes, backslashes, commas and line ends', () => {
    expect(arrayText([])).toBe('{}');
    expect(arrayText([null, undefined, 'NULL', ''])).toBe('{NULL,NULL,"NULL",""}');
    expect(arrayText([1, 0.5, true])).toBe('{1,0.5,true}');
    expect(arrayText(['a"b', 'c\\d', 'e,{f}\n'])).toBe('{"a\\"b","c\\\\d","e,{f}\n"}');
  });

  it('replaces what Postgres text cannot hold', () => {
    expect(arrayText(['a\0b'])).toBe('{"a\ufffdb"}');
  });
});
