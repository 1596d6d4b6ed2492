export interface FencedBlock {
  /** What stands behind the opening fence, in lower case; '' for nothing. */
  readonly tag: string;
  readonly text: string;
}

const OPENING = /^ {0,3}(`{3,}|~{3,})[ \t]*([^`\s]*)[^`]*$/;

/**
 * The code blocks of an answer. A block ends at a bare fence that is at least as long as the one that opened it, as CommonMark says;
 * `open` = the last one did not end. A fence with a tag inside a block of the same length opens a block within the block.
 */
export function fencedBlocks(text: string): { readonly blocks: FencedBlock[]; readonly open: boolean } {
  const blocks: FencedBlock[] = [];
  let current: { fence: string; tag: string; lines: string[]; depth: number } | null = null;
  for (const line of text.replaceAll('\r\n', '\n').split('\n')) {
    const fence: RegExpExecArray | null = OPENING.exec(line);
    const mark: string = fence?.[1] ?? '';
    if (current === null) {
      if (mark !== '') current = { fence: mark, tag: (fence?.[2] ?? '').toLowerCase(), lines: [], depth: 0 };
      continue;
    }
    const same = mark !== '' && mark[0] === current.fence[0] && mark.length >= current.fence.length;
    const bare = (fence?.[2] ?? '') === '';
    if (same && bare && current.depth === 0) {
      blocks.push({ tag: current.tag, text: `${current.lines.join('\n')}\n` });
      current = null;
      continue;
    }
    if (same) current.depth += bare ? -1 : 1;
    current.lines.push(line);
  }
  return { blocks, open: current !== null };
}
