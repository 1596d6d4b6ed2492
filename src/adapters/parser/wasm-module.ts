const options: Readonly<Record<string, unknown>> = {};

/** The object that holds the parser's WebAssembly exports once the first parser of this thread is open. */
export function wasmModule(): Readonly<Record<string, unknown>> {
  return options;
}
