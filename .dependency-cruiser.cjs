// The architecture, executable: imports point one way, down this list. Stages that share a rank may not import each other.
const RANKS = [
  ['domain'],
  ['config'],
  ['db'],
  ['adapters'],
  ['masterplan', 'atomization'],
  ['graph'],
  ['validation'],
  ['review'],
  ['execution'],
  ['operations'],
  ['api'],
  ['cli'],
];

const upward = RANKS.flatMap((rank, i) =>
  rank.map((folder) => {
    const above = RANKS.slice(i + 1).flat();
    const beside = rank.filter((other) => other !== folder && i < RANKS.length - 1);
    return {
      name: `${folder}-imports-down`,
      comment: `src/${folder} may import only what stands below it; the way back up is an outbox event`,
      severity: 'error',
      from: { path: `^src/${folder}/` },
      to: { path: `^src/(${[...above, ...beside].join('|') || 'nothing-above'})/` },
    };
  }),
);

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    ...upward,
    {
      name: 'no-cycles',
      comment: 'A circle of files has no bottom to start reading from',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'domain-is-pure',
      comment: 'The nouns and their states know neither packages nor Node',
      severity: 'error',
      from: { path: '^src/domain/' },
      to: { pathNot: '^src/domain/' },
    },
    {
      name: 'through-the-door',
      comment:
        'Another stage is entered through its index.ts (blueprint data, SQL and adapters excepted: each file there is a door)',
      severity: 'error',
      from: { path: '^src/(masterplan|atomization|graph|validation|review|execution|operations|api|cli)/' },
      to: {
        path: '^src/(masterplan|atomization|graph|validation|review|execution|operations)/.+',
        pathNot: ['^src/[^/]+/index\\.ts$', '^src/$1/'],
      },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(dist|node_modules)/' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default'] },
  },
};
