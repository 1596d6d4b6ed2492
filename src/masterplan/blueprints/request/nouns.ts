/** All known entities, and the subjects that stand for sets of them. */
import type { KnownNoun } from './known-noun.ts';
import { PEOPLE_NOUNS } from './nouns/people.ts';
import { PLACES_NOUNS } from './nouns/places.ts';
import { READING_NOUNS } from './nouns/reading.ts';
import { TRADE_NOUNS } from './nouns/trade.ts';
import { WORK_NOUNS } from './nouns/work.ts';

export type { KnownNoun } from './known-noun.ts';

export const KNOWN_NOUNS: readonly KnownNoun[] = [
  ...WORK_NOUNS,
  ...READING_NOUNS,
  ...TRADE_NOUNS,
  ...PLACES_NOUNS,
  ...PEOPLE_NOUNS,
];

/** Subjects that stand for a set of entities. */
export interface KnownDomain {
  readonly title: string;
  readonly words: readonly string[];
  /** Entities that such a project always has. */
  readonly core: readonly string[];
  /** Entities where the request names none besides the subject. */
  readonly usual: readonly string[];
}

export const KNOWN_DOMAINS: readonly KnownDomain[] = [
  {
    title: 'Book library',
    words: ['book library', 'library', 'bookshelf'],
    core: ['book'],
    usual: ['author', 'book', 'loan'],
  },
  { title: 'Blog', words: ['blog', 'weblog', 'blogging'], core: ['post'], usual: ['post', 'comment'] },
  {
    title: 'Inventory',
    words: ['inventory', 'stock management', 'warehouse management'],
    core: ['product'],
    usual: ['product', 'supplier'],
  },
  {
    title: 'Shop',
    words: [
      'shop',
      'store',
      'online shop',
      'online store',
      'web shop',
      'webshop',
      'e commerce',
      'e-commerce',
      'ecommerce',
    ],
    core: ['product'],
    usual: ['product', 'customer', 'order', 'order line'],
  },
  {
    title: 'CRM',
    words: ['crm', 'customer relationship management'],
    core: ['contact'],
    usual: ['company', 'contact', 'deal'],
  },
  {
    title: 'Helpdesk',
    words: [
      'helpdesk',
      'help desk',
      'service desk',
      'ticketing',
      'ticket system',
      'customer support',
      'issue tracker',
      'bug tracker',
    ],
    core: ['ticket'],
    usual: ['agent', 'ticket', 'comment'],
  },
  {
    title: 'Room booking',
    words: [
      'hotel',
      'hostel',
      'room booking',
      'booking system',
      'booking app',
      'booking platform',
      'reservation system',
    ],
    core: ['room', 'booking'],
    usual: ['room', 'guest', 'booking'],
  },
  {
    title: 'Learning platform',
    words: [
      'learning platform',
      'learning management system',
      'learning',
      'lms',
      'e learning',
      'e-learning',
      'online courses',
      'online course platform',
      'school',
    ],
    core: ['course'],
    usual: ['course', 'lesson', 'student', 'enrollment'],
  },
  {
    title: 'Clinic',
    words: ['clinic', 'medical practice', 'hospital'],
    core: ['patient', 'appointment'],
    usual: ['patient', 'doctor', 'appointment'],
  },
  { title: 'Recipe book', words: ['recipe book', 'cookbook'], core: ['recipe'], usual: ['recipe', 'ingredient'] },
  {
    title: 'Project tracker',
    words: ['project tracker', 'project management', 'kanban', 'kanban board'],
    core: ['project', 'task'],
    usual: ['project', 'task'],
  },
];
