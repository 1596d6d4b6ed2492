/**
 * Entities that requests name, with the fields and relations that suit them. Matching is by words (singular or plural), not by
 * meaning. A relation is made only where the project has its target; `instead` is a field that stands in for it otherwise.
 */
export interface KnownRelation {
  /** Written as in field-text.ts. */
  readonly relation: string;
  /** Field used where the target is not part of the project. */
  readonly instead?: string;
}

export interface KnownNoun {
  readonly noun: string;
  readonly aliases?: readonly string[];
  readonly fields: readonly string[];
  readonly relations?: readonly (string | KnownRelation)[];
  /** Relations of which only the first with a target in the project is made. */
  readonly oneOf?: readonly string[];
  /** Pairs of fields of which the second must not lie before the first. */
  readonly order?: readonly (readonly [string, string])[];
}

const WORK: readonly KnownNoun[] = [
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
  },
  { noun: 'note', fields: ['title!: text', 'body: longtext', 'pinned: boolean'], relations: ['category'] },
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
  },
];

const READING: readonly KnownNoun[] = [
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
  },
];

const TRADE: readonly KnownNoun[] = [
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
  },
  {
    noun: 'contact',
    fields: ['name!: text', 'email: text', 'phone: text(40)', 'notes: longtext'],
    relations: ['company'],
  },
  {
    noun: 'company',
    aliases: ['organisation', 'organization'],
    fields: ['name!: text', 'website: text', 'industry: text', 'active: boolean default true'],
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
  },
  {
    noun: 'lead',
    fields: ['name!: text', 'email: text', 'source: text', 'status!: enum(new|contacted|converted|lost) default new'],
    relations: ['company'],
  },
];

const PLACES: readonly KnownNoun[] = [
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
  { noun: 'tenant', fields: ['name!: text', 'email: text', 'phone: text(40)'], relations: ['property'] },
];

const PEOPLE: readonly KnownNoun[] = [
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

export const KNOWN_NOUNS: readonly KnownNoun[] = [...WORK, ...READING, ...TRADE, ...PLACES, ...PEOPLE];

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
    words: ['shop', 'store', 'online shop', 'e commerce', 'ecommerce'],
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
    words: ['helpdesk', 'help desk', 'ticketing', 'issue tracker', 'bug tracker'],
    core: ['ticket'],
    usual: ['agent', 'ticket', 'comment'],
  },
  {
    title: 'Room booking',
    words: ['hotel', 'hostel', 'room booking'],
    core: ['room', 'booking'],
    usual: ['room', 'guest', 'booking'],
  },
  {
    title: 'Learning platform',
    words: ['learning platform', 'lms', 'e learning', 'online courses', 'school'],
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
