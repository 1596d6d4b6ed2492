/** Requests that the blueprints are tried with: eight by hand, the rest drawn over the matrix of stacks, subjects and features. */
import { FEATURE_IDS, type FeatureId } from '../../src/masterplan/blueprints/model.ts';
import { BLUEPRINTS, type BlueprintCard } from '../../src/masterplan/blueprints/registry.ts';

export interface TriedRequest {
  readonly name: string;
  readonly userRequest: string;
}

/** One of each kind, and combinations that people ask for. */
const CHOSEN: readonly TriedRequest[] = [
  { name: 'todo', userRequest: 'Build a simple TODO app with FastAPI and React' },
  {
    name: 'shop, everything',
    userRequest:
      'An online shop with products, categories, customers, orders, suppliers, reviews and tags, with FastAPI and React, login, roles, ' +
      'file upload, soft delete, audit trail, rate limits, CSV import and export, background jobs, seed data and Postgres',
  },
  { name: 'blog api', userRequest: 'A REST API for a blog with posts, comments and tags with Flask, no front end' },
  { name: 'library in flask', userRequest: 'Book library with authors and loans with Flask and React' },
  { name: 'crm in typescript', userRequest: 'A CRM with Fastify and React, login and CSV export' },
  { name: 'helpdesk api', userRequest: 'A backend only helpdesk with Fastify, soft delete' },
  {
    name: 'tasks on the command line',
    userRequest: 'A Python command line tool for tasks and projects with CSV import',
  },
  { name: 'inventory library', userRequest: 'A TypeScript library for an inventory with products and suppliers' },
];

/** Words by which a request names a feature. */
const FEATURE_WORDS: Readonly<Record<FeatureId, string>> = {
  auth: 'login',
  roles: 'roles',
  upload: 'file upload',
  csv: 'CSV import and export',
  soft_delete: 'soft delete',
  audit: 'an audit trail',
  rate_limit: 'rate limits',
  jobs: 'background jobs',
  seed: 'seed data',
  postgres: 'Postgres',
};

const SUBJECTS = [
  'a booking system for rooms',
  'a learning platform with courses and students',
  'an inventory',
  'a CRM',
  'a helpdesk',
  'a blog with posts and comments',
  'a zoo with animals (name, species: enum(mammal|bird), born: date) and keepers (name)',
  'a clinic with patients and appointments',
];

const STACK_WORDS: Readonly<Record<string, string>> = {
  fastapi: 'FastAPI',
  flask: 'Flask',
  fastify: 'Fastify',
  'python-cli': 'a Python command line tool',
  'typescript-library': 'a TypeScript library',
};

/** A generator of numbers in [0, 1): mulberry32 (T. Ettinger). */
function numbersFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

function requestFor(card: BlueprintCard, next: () => number): string {
  const subject = SUBJECTS[Math.floor(next() * SUBJECTS.length)] ?? 'an inventory';
  const stack = STACK_WORDS[card.id] ?? card.label;
  const features = FEATURE_IDS.filter((id) => card.features.includes(id) && next() < 0.4).map(
    (id) => FEATURE_WORDS[id],
  );
  const front = card.hasFrontend ? (next() < 0.7 ? ' and React' : ', no front end') : '';
  const list = features.length === 0 ? '' : `, with ${features.join(', ')}`;
  return card.hasFrontend ? `Build ${subject} with ${stack}${front}${list}` : `Build ${stack} for ${subject}${list}`;
}

/** `count` requests in all. The same seed draws the same ones. */
export function triedRequests(count: number, seed: number): TriedRequest[] {
  const next = numbersFrom(seed);
  const drawn = Array.from({ length: Math.max(0, count - CHOSEN.length) }, (_, n): TriedRequest => {
    const card = BLUEPRINTS[Math.floor(next() * BLUEPRINTS.length)] ?? BLUEPRINTS[0];
    if (card === undefined) throw new RangeError('there are no blueprints');
    return { name: `drawn ${String(n + 1)}`, userRequest: requestFor(card, next) };
  });
  return [...CHOSEN, ...drawn].slice(0, count);
}
