import { describe, expect, it } from 'vitest';
import { MgeError } from '../../../src/domain/index.ts';
import type { ProjectModel } from '../../../src/masterplan/blueprints/model.ts';
import { entityOf } from '../../../src/masterplan/blueprints/request/entities.ts';
import { checkFeatureNames } from '../../../src/masterplan/blueprints/request/reserved.ts';
import { KNOWN_DOMAINS, KNOWN_NOUNS } from '../../../src/masterplan/blueprints/request/nouns.ts';
import { understandBeside, understandRequest } from '../../../src/masterplan/blueprints/request/understand.ts';

function entitiesOf(project: ProjectModel): string[] {
  return project.entities.map((entity) => entity.names.human);
}

function refusalOf(request: string): MgeError {
  try {
    understandRequest(request);
  } catch (error) {
    if (error instanceof MgeError) return error;
    throw error;
  }
  throw new Error(`"${request}" was not refused`);
}

describe('understandRequest', () => {
  it.each([
    ['Build a simple TODO app with FastAPI and React', ['todo'], 'Todo app'],
    ['Please build me a to-do list', ['todo'], 'Todo app'],
    ['Book library with authors and loans', ['author', 'book', 'loan'], 'Book library'],
    ['A blog with posts and comments', ['post', 'comment'], 'Blog'],
    ['inventory of products and suppliers', ['supplier', 'product'], 'Inventory'],
    ['Companies with their contacts', ['company', 'contact'], 'Companies and contacts'],
    ['online shop', ['product', 'customer', 'order', 'order line'], 'Shop'],
    ['a collection of board games and movies', ['movie'], 'Movie app'],
    ['a blog with tags', ['tag', 'post', 'comment'], 'Blog'],
    ['a library', ['author', 'book', 'loan'], 'Book library'],
    ['a CRM', ['company', 'contact', 'deal'], 'CRM'],
    ['an inventory with categories', ['category', 'supplier', 'product'], 'Inventory'],
    ['a booking system', ['room', 'guest', 'booking'], 'Room booking'],
    ['a helpdesk', ['agent', 'ticket', 'comment'], 'Helpdesk'],
    ['an app for learning', ['course', 'lesson', 'student', 'enrollment'], 'Learning platform'],
  ])('finds the entities of %j', (request, entities, title) => {
    const { project } = understandRequest(request);

    expect(entitiesOf(project)).toEqual(entities);
    expect(project.title).toBe(title);
  });

  it('relates entities where both are there, and stands in for those that are not', () => {
    const loan = (request: string) =>
      understandRequest(request).project.entities.find((e) => e.names.human === 'loan')!;

    expect(loan('library with loans').fields.map((field) => field.name)).toContain('borrower');
    expect(loan('library with loans').relations.map((relation) => relation.target)).toEqual(['Book']);
    expect(loan('library with members and loans').fields.map((field) => field.name)).not.toContain('borrower');
    expect(loan('library with members and loans').relations.map((relation) => relation.target)).toEqual([
      'Book',
      'Member',
    ]);
  });

  it('adds what an entity cannot do without, and says so', () => {
    const { project, assumed } = understandRequest('track my order lines');

    expect(entitiesOf(project)).toEqual(['order', 'product', 'order line']);
    expect(assumed.join('\n')).toContain('orders: added, because each order line refers to one');
  });

  it('says which features it leaves out', () => {
    const { leftOut } = understandRequest('A TODO app with payments, dark mode, search and unicorn dust');

    expect(leftOut).toEqual(['payments', 'themes', 'not understood, so not built: "unicorn dust"']);
  });

  it('builds the features that the blueprint knows, and leaves out the others', () => {
    const { project, leftOut } = understandRequest('A Python command line tool for todos with login and CSV export');

    expect(project.features).toEqual(['csv']);
    expect(leftOut).toEqual(['sign-in and user accounts']);
  });

  it.each([
    ['A TODO app with FastAPI and React', 'react'],
    ['A TODO app', 'react'],
    ['A TODO backend without a front end', null],
    ['todos, backend only', null],
    ['A REST API for todos', null],
    ['A REST API for todos with a React front end', 'react'],
    ['Create a small JSON API to track books, no UI', null],
  ])('takes the stack of %j', (request, frontend) => {
    const { project, leftOut } = understandRequest(request);

    expect(project.stack).toEqual({ blueprint: 'fastapi', frontend });
    expect(leftOut).toEqual([]);
  });

  it.each([
    ['A TODO app with Flask and React', 'react'],
    ['Book library in Flask', 'react'],
    ['A Flask API for tasks', null],
    ['Flask backend for a shop, without a front end', null],
  ])('builds %j with Flask', (request, frontend) => {
    const { project, leftOut } = understandRequest(request);

    expect(project.stack).toEqual({ blueprint: 'flask', frontend });
    expect(leftOut).toEqual([]);
  });

  it.each([
    'A Python command line tool for books',
    'a CLI to track my expenses',
    'Build a command-line tool in Python that manages tasks',
    'terminal app for notes',
  ])('builds a command-line tool for %j', (request) => {
    const { project, leftOut } = understandRequest(request);

    expect(project.stack).toEqual({ blueprint: 'python-cli', frontend: null });
    expect(leftOut).toEqual([]);
  });

  it('confirms the features that every project has', () => {
    expect(understandRequest('todos with search and pagination').understood).toEqual(
      expect.arrayContaining(['search over the texts of each entity', 'pages of 20 records']),
    );
  });

  it('reads entities that the request spells out', () => {
    const { project } = understandRequest(
      'Zoo with animals (name, species: enum(mammal|bird), born: date, weight: decimal(0..) required)',
    );
    const [animal] = project.entities;

    expect(animal!.display).toBe('name');
    expect(animal!.fields.map((field) => [field.name, field.type, field.required])).toEqual([
      ['name', 'text', true],
      ['species', 'enum', false],
      ['born', 'date', false],
      ['weight', 'decimal', true],
    ]);
  });

  it.each(['TODO app (simple, fast)', 'todos (1)', 'TODO app (with FastAPI and React)'])(
    'does not take the remark in %j for fields',
    (request) => {
      expect(understandRequest(request).project.entities[0]!.fields.map((field) => field.name)).toContain('due_date');
    },
  );

  const ZOO = 'Zoo with animals (name, species) and keepers (name).';
  it.each([
    [`${ZOO} Each animal belongs to one keeper.`, 'Animal', 'Keeper', true],
    [`${ZOO} Every animal belongs to a keeper`, 'Animal', 'Keeper', true],
    [`${ZOO} An animal may belong to one keeper`, 'Animal', 'Keeper', false],
    [`${ZOO} Each animal has exactly one keeper.`, 'Animal', 'Keeper', true],
    [`${ZOO} A keeper has many animals`, 'Animal', 'Keeper', false],
    [`${ZOO} Keepers have animals`, 'Animal', 'Keeper', false],
    [`${ZOO} Show the animals of a keeper.`, 'Animal', 'Keeper', false],
    ['Keepers (name) with animals (name, species)', 'Animal', 'Keeper', false],
    ['Animals (name), each animal belongs to one keeper (name, phone)', 'Animal', 'Keeper', true],
    ['Keepers (name) have many animals (name, born: date)', 'Animal', 'Keeper', false],
    ['Animals (name) of a keeper (name)', 'Animal', 'Keeper', false],
    ['Animals (name). Each animal belongs to one customer.', 'Animal', 'Customer', true],
    ['Animals (name, keeper), keepers (name). Each animal belongs to one keeper.', 'Animal', 'Keeper', true],
    [
      'Feeding times (starts: datetime), animals (name). Each feeding time belongs to one animal.',
      'FeedingTime',
      'Animal',
      true,
    ],
  ])('relates the entities of %j', (request, child, parent, required) => {
    const { project, leftOut, understood } = understandRequest(request);
    const entity = (name: string) => project.entities.find((e) => e.names.pascal === name);

    expect(entity(child)!.relations).toMatchObject([{ target: parent, required }]);
    expect(entity(parent)!.relations).toEqual([]);
    expect(entity(child)!.fields.map((field) => field.name)).not.toContain('keeper');
    expect(understood.join('\n')).toContain(`${parent.toLowerCase()} (a`);
    expect(leftOut.filter((entry) => !entry.includes('"zoo"'))).toEqual([]);
  });

  it.each([
    ['A blog with posts and tags', 'Post', 'Tag'],
    ['posts with tags', 'Post', 'Tag'],
    ['Books with labels', 'Book', 'Tag'],
    ['Students and courses many to many', 'Student', 'Course'],
    ['Students and courses (many-to-many)', 'Student', 'Course'],
    ['many-to-many between students and courses', 'Student', 'Course'],
    ['authors and books, many-to-many', 'Book', 'Author'],
    ['Animals (name, tags) with many tags (name)', 'Animal', 'Tag'],
    [`${ZOO} Each animal belongs to many keepers.`, 'Animal', 'Keeper'],
    [`${ZOO} Keepers have many animals. Animals have many keepers.`, 'Keeper', 'Animal'],
    [`${ZOO} A many-to-many relationship between animals and keepers.`, 'Animal', 'Keeper'],
    [`${ZOO} The animals and the keepers are n:m`, 'Animal', 'Keeper'],
  ])('links many with many in %j', (request, owner, target) => {
    const { project, leftOut, understood } = understandRequest(request);
    const entity = (name: string) => project.entities.find((e) => e.names.pascal === name)!;

    expect(entity(owner).many).toMatchObject([{ target }]);
    expect(entity(target).many).toEqual([]);
    expect([...entity(owner).relations, ...entity(target).relations].map((r) => r.target)).not.toContain(target);
    expect(entity(owner).fields.map(({ name }) => name)).not.toContain(entity(owner).many[0]!.name);
    expect(understood.join()).toContain(`many ${target.toLowerCase()}s`);
    expect(leftOut.filter((entry) => !entry.includes('"zoo"'))).toEqual([]);
  });

  it('says that the command-line blueprint links nothing of many with many', () => {
    const { project, leftOut } = understandRequest('A Python command line tool for books with tags');

    expect(project.entities.flatMap(({ many }) => many)).toEqual([]);
    expect(leftOut).toEqual(['relations of many with many: tags of books']);
  });

  it('refuses an entity that a wanted feature brings itself', () => {
    expect(() =>
      checkFeatureNames([entityOf('job', [], [])], ['jobs'], (reason) => new MgeError('REQUEST_NOT_SERVED', reason)),
    ).toThrow(/"job" cannot name an entity.*background jobs/);
    expect(() =>
      checkFeatureNames([entityOf('job', [], [])], ['auth'], (reason) => new MgeError('REQUEST_NOT_SERVED', reason)),
    ).not.toThrow();
  });

  it('says how it reads words that can be meant otherwise', () => {
    expect(understandRequest('Keepers (name) with animals (name)').assumed).toEqual([
      '"keepers with animals": each animal refers to one keeper',
    ]);
  });

  it.each([
    [`${ZOO} Each animal belongs to one vet.`, /"animal belongs"/],
    [`${ZOO} Each animal belongs to many vets.`, /"animal belongs"/],
    [`${ZOO} Each animal belongs to one keeper. Each keeper has one animal.`, /circle.*"each keeper has one animal"/],
    [
      'Animals (name), keepers (name), cages (name). Each animal belongs to a keeper. Each keeper belongs to a cage. Each cage belongs to an animal.',
      /circle.*"each cage belongs to an animal"/,
    ],
  ])('builds no relation that it cannot, and says so: %j', (request, told) => {
    expect(understandRequest(request).leftOut.join('\n')).toMatch(told);
  });

  it('does not make entities of nouns that it does not know', () => {
    const { project, leftOut } = understandRequest('A zoo with animals (name) and keepers');

    expect(entitiesOf(project)).toEqual(['animal']);
    expect(leftOut).toContain('not understood, so not built: "keepers"');
  });

  it.each([
    'A Rust game engine',
    'an iOS app for todos',
    'Write a TODO app in Go',
    'a todo app with Django and Vue',
    'Build a game',
    'A Discord bot for my todos',
    'Train a neural network',
    'Make me happy',
    'Crea una aplicación de tareas',
    '🦄🦄🦄',
  ])('refuses %j as a whole and lists what it can do', (request) => {
    const error = refusalOf(request);

    expect(error.code).toBe('REQUEST_NOT_SERVED');
    expect(error.message).toContain('Book library');
    expect(error.details['can']).toMatchObject({ entities: expect.arrayContaining(['todo']) as unknown });
  });

  it.each([
    ['things (id, name)', '"id" cannot name a field'],
    ['things (metadata)', '"metadata" cannot name a field'],
    ['sessions (name)', '"session" cannot name an entity'],
    ['things (name, name)', 'there twice'],
    ['things (price: money)', '"money" is no field type'],
    ['things (size: enum(s))', 'at least two different values'],
  ])('explains why %j cannot be built', (request, reason) => {
    expect(refusalOf(request).message).toContain(reason);
  });

  it('reads hostile words as words', () => {
    const { project, leftOut } = understandRequest('todos"); DROP TABLE users; -- ${process.exit(1)} `rm -rf /`');

    expect(entitiesOf(project)).toEqual(['todo']);
    expect(JSON.stringify(project)).not.toMatch(/drop|exit|rm -rf/i);
    expect(leftOut.length).toBeGreaterThan(0);
  });

  it('knows no noun twice, and every noun that a subject stands for', () => {
    const words = KNOWN_NOUNS.flatMap((known) => [known.noun, ...(known.aliases ?? [])]);

    expect(words.filter((word, index) => words.indexOf(word) < index)).toEqual([]);
    for (const domain of KNOWN_DOMAINS) {
      expect(words).toEqual(expect.arrayContaining([...domain.core, ...domain.usual]));
    }
  });

  it.each(KNOWN_NOUNS.map((known) => known.noun))('can build %s alone', (noun) => {
    const { project } = understandRequest(`app for ${noun}`);

    expect(entitiesOf(project)).toContain(noun);
  });
});

describe('understandBeside', () => {
  it('reports features but not the entities of the spec', () => {
    expect(understandBeside('Zoo animals with payments and search', ['Animal'])).toMatchObject({
      understood: ['search over the texts of each entity'],
      leftOut: ['payments', 'not understood, so not built: "zoo animals"'],
    });
  });

  it('takes relations from the spec only, and says so', () => {
    expect(understandBeside('Each todo belongs to one customer', ['Todo', 'Customer']).leftOut.join()).toMatch(
      /spec.*"each todo belongs to one customer"/,
    );
  });

  it('still refuses another kind of project', () => {
    expect(() => understandBeside('A Rust game engine', ['Animal'])).toThrow(MgeError);
  });
});
