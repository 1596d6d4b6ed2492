/** UTF-16 positions of lines and columns that count from 0. Lines end as Python and language servers end them. */
export class LineIndex {
  private readonly starts: number[] = [0];
  private readonly length: number;

  constructor(text: string) {
    this.length = text.length;
    for (let i = 0; i < text.length; i++) {
      const unit = text.charCodeAt(i);
      if (unit === 10 || (unit === 13 && text.charCodeAt(i + 1) !== 10)) this.starts.push(i + 1);
    }
  }

  readonly indexAt = (line: number, column: number): number => {
    const start = this.starts[line];
    return start === undefined ? this.length : Math.min(this.length, start + column);
  };
}
