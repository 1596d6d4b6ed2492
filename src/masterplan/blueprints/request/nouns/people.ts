/** Entities around people, care, support and learning. */
import type { KnownNoun } from '../known-noun.ts';

export const PEOPLE_NOUNS: readonly KnownNoun[] = [
  {
    noun: 'employee',
    aliases: ['staff member'],
    fields: ['name!: text', 'email!: text unique', 'position: text', 'salary: decimal(0..)', 'hired_on: date'],
    relations: ['department'],
  },
  { noun: 'department', fields: ['name!: text(80) unique', 'location: text'] },
  {
    noun: 'ticket',
    aliases: ['issue', 'bug', 'support request'],
    fields: [
      'subject!: text',
      'description!: longtext',
      'status!: enum(open|in_progress|resolved|closed) default open',
      'priority!: enum(low|medium|high|urgent) default medium',
    ],
    relations: ['customer', { relation: 'agent', instead: 'assignee: text' }],
    many: ['tags: many tag'],
  },
  { noun: 'agent', fields: ['name!: text', 'email!: text unique', 'active: boolean default true'] },
  {
    noun: 'course',
    aliases: ['class'],
    fields: [
      'title!: text',
      'description: longtext',
      'level!: enum(beginner|intermediate|advanced) default beginner',
      'starts_on: date',
      'published: boolean',
    ],
    relations: [{ relation: 'teacher', instead: 'teacher_name: text' }],
    many: ['tags: many tag'],
  },
  {
    noun: 'lesson',
    fields: ['title!: text', 'content: longtext(20000)', 'position!: integer(1..) default 1', 'minutes: integer(1..)'],
    relations: ['course required cascade'],
  },
  { noun: 'student', aliases: ['pupil', 'learner'], fields: ['name!: text', 'email!: text unique', 'born_on: date'] },
  { noun: 'teacher', aliases: ['instructor'], fields: ['name!: text', 'email: text', 'subject: text'] },
  {
    noun: 'enrollment',
    aliases: ['enrolment'],
    fields: ['enrolled_on!: date', 'status!: enum(active|completed|dropped) default active', 'grade: integer(0..100)'],
    relations: ['student required', 'course required'],
  },
  { noun: 'patient', fields: ['name!: text', 'born_on: date', 'phone: text(40)', 'notes: longtext'] },
  { noun: 'doctor', aliases: ['physician'], fields: ['name!: text', 'speciality: text', 'phone: text(40)'] },
  {
    noun: 'appointment',
    aliases: ['appointment booking'],
    fields: [
      'starts_at!: datetime',
      'ends_at: datetime',
      'status!: enum(scheduled|completed|cancelled) default scheduled',
      'reason: longtext',
    ],
    relations: [{ relation: 'patient required', instead: 'person!: text' }, 'doctor'],
    order: [['starts_at', 'ends_at']],
  },
  {
    noun: 'workout',
    fields: [
      'performed_on!: date',
      'kind!: enum(strength|endurance|mobility) default strength',
      'minutes!: integer(1..)',
      'notes: longtext',
    ],
  },
  {
    noun: 'exercise',
    fields: ['name!: text', 'sets: integer(1..)', 'repetitions: integer(1..)', 'weight: decimal(0..)'],
    relations: ['workout required cascade'],
  },
  {
    noun: 'pet',
    fields: [
      'name!: text',
      'species!: enum(dog|cat|bird|rodent|reptile|other) default dog',
      'born_on: date',
      'notes: longtext',
    ],
    relations: [{ relation: 'owner', instead: 'owner_name: text' }],
  },
  { noun: 'owner', fields: ['name!: text', 'email: text', 'phone: text(40)'] },
  {
    noun: 'candidate',
    aliases: ['applicant'],
    fields: [
      'name!: text',
      'email!: text unique',
      'stage!: enum(applied|interview|offer|hired|rejected) default applied',
      'notes: longtext',
    ],
    relations: ['job'],
  },
  {
    noun: 'job',
    aliases: ['vacancy', 'job opening'],
    fields: ['title!: text', 'description: longtext', 'location: text', 'open: boolean default true'],
    relations: ['company', 'department'],
  },
];
