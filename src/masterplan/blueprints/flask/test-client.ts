/**
 * Tests of the HTTP interface in the words of Flask's test client. They are written once, for FastAPI's client, so that both back
 * ends are held to the same interface; the clients differ in names only.
 */

/** What FastAPI's client calls a thing, and what Flask's does. */
const WORDS: readonly (readonly [RegExp, string])[] = [
  [/^from fastapi\.encoders import jsonable_encoder\n/gm, ''],
  [/^from fastapi\.testclient import TestClient$/gm, 'from flask.testing import FlaskClient'],
  [/^( +)with TestClient\((.*)\) as client:\n +yield client$/gm, '$1return $2.test_client()'],
  [/\bIterator\[TestClient\]/g, 'FlaskClient'],
  [/\bTestClient\b/g, 'FlaskClient'],
  [/\bjsonable_encoder\(/g, 'as_json('],
  [/\.json\(\)/g, '.json'],
  [/\bparams=/g, 'query_string='],
  [/\bcontent=/g, 'data='],
  [/\.content\b/g, '.data'],
  [/files=\{"file": \(([^,]+), (.+?)(, "[^"]*")?\)\}/g, 'data={"file": (BytesIO($2), $1$3)}'],
  [/\bclient\.request\((\w+), /g, 'client.open(method=$1, path='],
];

const FACTORIES = /^from tests\.factories import (?:\([^)]*\)|[^\n]*)\n/m;

/** Imports of names that only one of the clients needs. */
function withImports(text: string): string {
  const streams = text.includes('BytesIO(')
    ? text.replace(/^from typing /m, 'from io import BytesIO\nfrom typing ')
    : text;
  const iterators = /\bIterator\[/.test(streams)
    ? streams
    : streams.replace(/^from collections\.abc import Iterator\n\n?/m, '');
  if (!iterators.includes('as_json(')) return iterators;
  return iterators.replace(FACTORIES, (imports) => `${imports}from tests.payloads import as_json\n`);
}

/** A test file for Flask, from the one for FastAPI. */
export function withFlaskClient(text: string): string {
  return withImports(WORDS.reduce((current, [from, to]) => current.replace(from, to), text));
}
