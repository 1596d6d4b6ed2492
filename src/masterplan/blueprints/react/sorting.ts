/** Sorting of lists by their column headings. */
import { fileText } from '../layout.ts';

export function sortOrderFile(): string {
  return fileText(`
/** What \`aria-sort\` says of a column. */
export type SortDirection = 'ascending' | 'descending' | 'none';

/** How a list in the order \`sort\` (\`price\`, or \`-price\` downwards) is sorted by a column. */
export function directionOf(column: string, sort: string | undefined): SortDirection {
  if (sort === column) return 'ascending';
  return sort === \`-\${column}\` ? 'descending' : 'none';
}

/** The order after a click on a heading: upwards, then downwards, then as the list came. */
export function nextSort(column: string, sort: string | undefined): string {
  const following = { none: column, ascending: \`-\${column}\`, descending: '' };
  return following[directionOf(column, sort)];
}
`);
}

export function sortOrderTestFile(): string {
  return fileText(`
import { describe, expect, it } from 'vitest';
import { directionOf, nextSort } from './sort-order';

describe('directionOf', () => {
  it('tells upwards from downwards', () => {
    expect(directionOf('price', 'price')).toBe('ascending');
    expect(directionOf('price', '-price')).toBe('descending');
  });

  it('leaves other columns alone', () => {
    expect([directionOf('price', '-name'), directionOf('price', undefined)]).toEqual(['none', 'none']);
  });
});

describe('nextSort', () => {
  it('goes through both directions and back', () => {
    expect([undefined, 'price', '-price'].map((sort) => nextSort('price', sort))).toEqual([
      'price',
      '-price',
      '',
    ]);
  });

  it('begins upwards with another column', () => {
    expect(nextSort('price', '-name')).toBe('price');
  });
});
`);
}

export function sortHeadingFile(): string {
  return fileText(`
import { directionOf, nextSort } from './sort-order';

interface SortHeadingProps {
  /** The name that the API sorts by. */
  column: string;
  label: string;
  /** The order of the list. */
  sort: string | undefined;
  onSort(sort: string): void;
}

/** The heading of a column that sorts the list. */
export function SortHeading({ column, label, sort, onSort }: SortHeadingProps) {
  return (
    <th scope="col" aria-sort={directionOf(column, sort)}>
      <button type="button" className="sort" onClick={() => onSort(nextSort(column, sort))}>
        {label}
      </button>
    </th>
  );
}
`);
}

export function sortHeadingTestFile(): string {
  return fileText(`
import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it, vi } from 'vitest';
import { SortHeading } from './sort-heading';

function renderHeading(sort: string, onSort: (sort: string) => void) {
  render(
    <table>
      <thead>
        <tr>
          <SortHeading column="price" label="Price" sort={sort} onSort={onSort} />
        </tr>
      </thead>
    </table>,
  );
}

describe('SortHeading', () => {
  it('says how the list is sorted', () => {
    renderHeading('-price', vi.fn());

    expect(screen.getByRole('columnheader').getAttribute('aria-sort')).toBe('descending');
  });

  it('asks for the next order', async () => {
    const onSort = vi.fn();
    renderHeading('price', onSort);

    await userEvent.click(screen.getByRole('button', { name: 'Price' }));

    expect(onSort).toHaveBeenCalledWith('-price');
  });
});
`);
}
