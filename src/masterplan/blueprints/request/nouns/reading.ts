/** Entities around reading and writing. */
import type { KnownNoun } from '../known-noun.ts';

export const READING_NOUNS: readonly KnownNoun[] = [
  { noun: 'author', aliases: ['writer'], fields: ['name!: text', 'born_on: date', 'biography: longtext'] },
  { noun: 'publisher', fields: ['name!: text', 'city: text'] },
  {
    noun: 'book',
    fields: [
      'title!: text',
      'isbn: text(20) unique',
      'published_year: integer(1000..2100)',
      'pages: integer(1..20000)',
      'summary: longtext',
    ],
    relations: [{ relation: 'author required', instead: 'author_name: text' }, 'publisher'],
    many: ['tags: many tag'],
  },
  {
    noun: 'member',
    aliases: ['borrower', 'reader'],
    fields: ['name!: text', 'email!: text unique', 'phone: text(40)', 'joined_on: date'],
  },
  {
    noun: 'loan',
    aliases: ['lending'],
    fields: ['loaned_on!: date', 'due_on!: date', 'returned: boolean'],
    relations: ['book required', { relation: 'member required', instead: 'borrower!: text' }],
    order: [['loaned_on', 'due_on']],
  },
  {
    noun: 'post',
    aliases: ['blog post', 'article'],
    fields: ['title!: text', 'body!: longtext(20000)', 'published: boolean', 'published_on: date'],
    relations: ['author', 'category'],
    many: ['tags: many tag'],
  },
  {
    noun: 'comment',
    fields: ['author_name!: text', 'body!: longtext', 'approved: boolean'],
    oneOf: ['post required cascade', 'ticket required cascade', 'idea required cascade'],
  },
  {
    noun: 'review',
    fields: ['reviewer!: text', 'rating!: integer(1..5)', 'body: longtext'],
    oneOf: ['book cascade', 'movie cascade', 'product cascade', 'recipe cascade', 'restaurant cascade'],
  },
  {
    noun: 'question',
    fields: ['title!: text', 'body: longtext', 'solved: boolean'],
    relations: ['course', 'category'],
    many: ['tags: many tag'],
  },
  {
    noun: 'answer',
    fields: ['author_name!: text', 'body!: longtext', 'accepted: boolean'],
    relations: ['question required cascade'],
  },
  {
    noun: 'idea',
    aliases: ['suggestion'],
    fields: ['title!: text', 'description: longtext', 'status!: enum(new|considered|accepted|declined) default new'],
    many: ['tags: many tag'],
  },
];
