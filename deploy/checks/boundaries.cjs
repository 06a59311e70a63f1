/** Which room may know which. Each rule says what to do instead. */
const only = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to })
const vendor = (name, pkg, home, also = []) =>
  only(
    name,
    `${pkg} is imported by its adapter alone (${home}); go through the port.`,
    // what a benchmark measures us against uses the vendor's package bare
    { pathNot: [home, ...also, '\\.test\\.ts$', '/testing/', 'e2e/', '^loadtest/bench/bare/'] },
    { path: `^node_modules/${pkg}(/|$)` },
  )

module.exports = {
  forbidden: [
    only(
      'no-cycles',
      'Two files that need each other are one file, or miss a third: move the shared part out.',
      {},
      { circular: true },
    ),
    only(
      'contracts-are-pure',
      'Contracts know zod only, so that browser, gateway and streams can all read them.',
      { path: '^streams/contracts/src', pathNot: '\\.test\\.ts$' },
      { pathNot: ['^streams/contracts/src', '^node_modules/zod'] },
    ),
    only(
      'streams-below-backend',
      'Streams never import the backend: put the shared shape into contracts.',
      { path: '^streams/src' },
      { path: '^backend' },
    ),
    only(
      'dashboard-reads-contracts',
      'The dashboard knows the contracts only; ask the API for the rest.',
      { path: '^dashboard/src' },
      { path: '^(backend|streams/src|streams/dist)' },
    ),
    only(
      'landing-and-detection-are-strangers',
      'They share the log and nothing else.',
      { path: '^streams/src/landing' },
      { path: '^streams/src/detection' },
    ),
    only(
      'detection-and-landing-are-strangers',
      'They share the log and nothing else; a test may land what it then asks SQL about.',
      { path: '^streams/src/detection', pathNot: '/testing/' },
      { path: '^streams/src/landing' },
    ),
    only(
      'deciding-is-pure',
      'Sigma, windows, correlations and decisions import contracts only: pass what they need as an argument.',
      { path: '^streams/src/detection/(sigma|windows|correlate|decide)', pathNot: '\\.test\\.ts$' },
      {
        pathNot: [
          '^streams/src/detection/(sigma|windows|correlate|decide)',
          '^streams/contracts',
          '^node_modules/(zod|yaml)',
          '^(node:)?crypto$',
        ],
      },
    ),
    vendor('lmdb-in-its-adapter', 'lmdb', '^streams/src/event-log', ['^streams/src/integrity/read-log']), // the reader of audits trusts no code of ours
    vendor('kafkajs-in-its-adapter', 'kafkajs', '^streams/src/event-log/kafka'),
    vendor('clickhouse-in-its-adapter', '@clickhouse/client', '^streams/src/audit-store'),
    vendor('chdb-in-its-server', 'chdb', '^streams/src/audit-store/server'),
    vendor('s3-in-its-adapter', '@aws-sdk', '^backend/src/photo-store/s3', ['^backend/src/backup/s3-target']),
    vendor('nodemailer-in-its-adapter', 'nodemailer', '^backend/src/notices/adapters/email'),
    vendor('pg-in-its-adapter', 'pg', '^backend/src/record-store'),
  ],
  options: {
    doNotFollow: { path: 'node_modules|/dist/' },
    exclude: { path: '/dist/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'deploy/checks/tsconfig.tests.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['types', 'import', 'default'],
      extensions: ['.ts', '.js', '.vue', '.json'],
    },
  },
}
