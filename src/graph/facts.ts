/** The one place where this stage takes the vocabulary of file facts from the atomizer. */
export * from '../atomization/index.ts';
