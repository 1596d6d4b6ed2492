/** Entities around places, events and leisure. */
import type { KnownNoun } from '../known-noun.ts';

export const PLACES_NOUNS: readonly KnownNoun[] = [
  {
    noun: 'room',
    fields: [
      'name!: text(80) unique',
      'capacity!: integer(1..) default 1',
      'price_per_night: decimal(0..)',
      'available: boolean default true',
      'description: longtext',
    ],
  },
  { noun: 'guest', fields: ['name!: text', 'email: text', 'phone: text(40)'] },
  {
    noun: 'booking',
    aliases: ['reservation'],
    fields: [
      'starts_on!: date',
      'ends_on!: date',
      'status!: enum(requested|confirmed|cancelled) default requested',
      'notes: longtext',
    ],
    relations: ['room required', { relation: 'guest required', instead: 'guest_name!: text' }],
    order: [['starts_on', 'ends_on']],
  },
  { noun: 'restaurant', fields: ['name!: text', 'city: text', 'cuisine: text', 'rating: integer(1..5)'] },
  {
    noun: 'recipe',
    fields: [
      'title!: text',
      'instructions!: longtext',
      'servings: integer(1..100)',
      'minutes: integer(1..)',
      'difficulty!: enum(easy|medium|hard) default easy',
    ],
    relations: ['category'],
    many: ['tags: many tag'],
  },
  {
    noun: 'ingredient',
    fields: ['name!: text', 'amount: decimal(0..)', 'unit: text(20)'],
    relations: ['recipe required cascade'],
  },
  {
    noun: 'event',
    fields: [
      'title!: text',
      'description: longtext',
      'starts_at!: datetime',
      'ends_at: datetime',
      'capacity: integer(1..)',
    ],
    relations: [{ relation: 'venue', instead: 'place: text' }],
    order: [['starts_at', 'ends_at']],
    many: ['tags: many tag'],
  },
  { noun: 'venue', fields: ['name!: text', 'address: longtext(500)', 'capacity: integer(1..)'] },
  {
    noun: 'attendee',
    aliases: ['participant'],
    fields: ['name!: text', 'email!: text', 'confirmed: boolean'],
    oneOf: ['event required cascade', 'course required cascade'],
  },
  {
    noun: 'movie',
    aliases: ['film'],
    fields: [
      'title!: text',
      'director: text',
      'released_year: integer(1880..2100)',
      'watched: boolean',
      'rating: integer(1..5)',
    ],
    many: ['tags: many tag'],
  },
  {
    noun: 'vehicle',
    aliases: ['car'],
    fields: [
      'name!: text',
      'plate!: text(20) unique',
      'built_year: integer(1900..2100)',
      'kilometres: integer(0..)',
      'available: boolean default true',
    ],
  },
  {
    noun: 'plant',
    fields: ['name!: text', 'species: text', 'watering_days!: integer(1..365) default 7', 'last_watered_on: date'],
    relations: ['room'],
  },
  {
    noun: 'property',
    aliases: ['apartment', 'house', 'listing'],
    fields: [
      'title!: text',
      'address!: text',
      'price: decimal(0..)',
      'rooms: integer(0..)',
      'available: boolean default true',
    ],
  },
  { noun: 'tenant', fields: ['name!: text', 'email: text', 'phone: text(40)'], relations: ['home: property'] },
];
