/** Entities around planning and personal work. */
import type { KnownNoun } from '../known-noun.ts';

export const WORK_NOUNS: readonly KnownNoun[] = [
  {
    noun: 'todo',
    aliases: ['to do', 'todo item', 'todo task'],
    fields: [
      'title!: text',
      'description: longtext',
      'priority!: enum(low|medium|high) default medium',
      'due_date: date',
      'done: boolean',
    ],
    relations: ['project', 'category'],
    many: ['tags: many tag'],
  },
  {
    noun: 'task',
    fields: [
      'title!: text',
      'description: longtext',
      'status!: enum(open|in_progress|done) default open',
      'priority!: enum(low|medium|high) default medium',
      'due_date: date',
    ],
    relations: ['project', { relation: 'assignee: employee', instead: 'assignee: text' }],
    many: ['tags: many tag'],
  },
  {
    noun: 'project',
    fields: [
      'name!: text',
      'description: longtext',
      'status!: enum(planned|active|completed) default planned',
      'starts_on: date',
      'ends_on: date',
    ],
    relations: ['client'],
    order: [['starts_on', 'ends_on']],
    many: ['tags: many tag'],
  },
  {
    noun: 'note',
    fields: ['title!: text', 'body: longtext', 'pinned: boolean'],
    relations: ['category'],
    many: ['tags: many tag'],
  },
  { noun: 'tag', aliases: ['label', 'tagging'], fields: ['name!: text(50) unique'] },
  { noun: 'category', fields: ['name!: text(80) unique', 'description: longtext'] },
  {
    noun: 'habit',
    fields: [
      'name!: text',
      'frequency!: enum(daily|weekly|monthly) default daily',
      'active: boolean default true',
      'notes: longtext',
    ],
  },
  { noun: 'goal', fields: ['title!: text', 'description: longtext', 'target_date: date', 'achieved: boolean'] },
  {
    noun: 'bookmark',
    fields: ['title!: text', 'url!: text(500)', 'notes: longtext', 'favourite: boolean'],
    relations: ['category'],
    many: ['tags: many tag'],
  },
];
