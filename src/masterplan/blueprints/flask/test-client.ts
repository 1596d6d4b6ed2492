/**
 * Tests of the HTTP interface in the words of Flask's test client. They are written once, for FastAPI's client, so that both back
 * ends are held to the same interface; the clients differ in names only.
 */

/** What FastAPI's client calls a thing, and what Flask's does. */
const WORDS: readonly (readonly [RegExp, string])[] = [
  [/^from fastapi\.encoders import jsonable_encoder\n/gm, ''],
  [/^from fastapi\.testclient import TestClient$/gm, 'from flask.testing import FlaskClient'],
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

/** A test file for Flask, from the one for FastAPI. */
export function withFlaskClient(text: string): string {
  const told = WORDS.reduce((current, [from, to]) => current.replace(from, to), text);
  const streamed = told.includes('BytesIO(')
    ? told.replace(/^from typing /m, 'from io import BytesIO\nfrom typing ')
    : told;
  if (!streamed.includes('as_json(')) return streamed;
  return streamed.replace(FACTORIES, (imports) => `${imports}from tests.payloads import as_json\n`);
}
