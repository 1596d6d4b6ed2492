/** Entities around trade and business contacts. */
import type { KnownNoun } from '../known-noun.ts';

export const TRADE_NOUNS: readonly KnownNoun[] = [
  {
    noun: 'supplier',
    aliases: ['vendor'],
    fields: ['name!: text', 'contact_person: text', 'email: text', 'phone: text(40)', 'active: boolean default true'],
  },
  {
    noun: 'product',
    aliases: ['item', 'article in stock'],
    fields: [
      'name!: text',
      'sku!: text(40) unique',
      'price!: decimal(0..)',
      'quantity!: integer(0..) default 0',
      'description: longtext',
      'active: boolean default true',
    ],
    relations: ['supplier', 'category', 'warehouse'],
    many: ['tags: many tag'],
  },
  { noun: 'warehouse', fields: ['name!: text', 'city: text', 'capacity: integer(0..)'] },
  {
    noun: 'stock movement',
    aliases: ['movement'],
    fields: [
      'moved_on!: date',
      'kind!: enum(incoming|outgoing|correction)',
      'quantity!: integer(1..)',
      'notes: longtext',
    ],
    relations: ['product required', 'warehouse'],
  },
  {
    noun: 'customer',
    aliases: ['buyer'],
    fields: ['name!: text', 'email!: text unique', 'phone: text(40)', 'address: longtext(500)'],
  },
  {
    noun: 'order',
    aliases: ['sale', 'purchase'],
    fields: [
      'ordered_on!: date',
      'status!: enum(new|paid|shipped|cancelled) default new',
      'total!: decimal(0..) default 0',
    ],
    relations: [{ relation: 'customer required', instead: 'customer_name!: text' }],
  },
  {
    noun: 'order line',
    aliases: ['order item', 'line item'],
    fields: ['quantity!: integer(1..) default 1', 'unit_price!: decimal(0..)'],
    relations: ['order required cascade', 'product required'],
  },
  {
    noun: 'invoice',
    fields: ['number!: text(40) unique', 'issued_on!: date', 'due_on: date', 'amount!: decimal(0..)', 'paid: boolean'],
    relations: ['customer', 'client', 'order'],
    order: [['issued_on', 'due_on']],
  },
  {
    noun: 'expense',
    fields: [
      'description!: text',
      'amount!: decimal(0..)',
      'spent_on!: date',
      'method!: enum(cash|card|transfer) default card',
    ],
    relations: ['category', 'project'],
    many: ['tags: many tag'],
  },
  {
    noun: 'contact',
    fields: ['name!: text', 'email: text', 'phone: text(40)', 'notes: longtext'],
    relations: ['company'],
    many: ['tags: many tag'],
  },
  {
    noun: 'company',
    aliases: ['organisation', 'organization'],
    fields: ['name!: text', 'website: text', 'industry: text', 'active: boolean default true'],
    many: ['tags: many tag'],
  },
  {
    noun: 'client',
    fields: ['name!: text', 'email: text', 'phone: text(40)', 'active: boolean default true'],
    relations: ['company'],
  },
  {
    noun: 'deal',
    aliases: ['opportunity'],
    fields: [
      'title!: text',
      'value!: decimal(0..) default 0',
      'stage!: enum(lead|qualified|proposal|won|lost) default lead',
      'expected_on: date',
    ],
    relations: ['contact', 'company', 'customer'],
    many: ['tags: many tag'],
  },
  {
    noun: 'lead',
    fields: ['name!: text', 'email: text', 'source: text', 'status!: enum(new|contacted|converted|lost) default new'],
    relations: ['company'],
  },
];
