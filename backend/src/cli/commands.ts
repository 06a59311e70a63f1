import type { Config } from '../config.js'

export interface Command {
  /** how it is written, and what it does */
  usage: string
  says: string
  /** answers --help itself */
  helps?: true
  /** loads what it needs only then: a health check every few seconds must be cheap */
  run(flags: string[]): Promise<void>
}

const config = async (): Promise<Config> => (await import('../config.js')).readConfigFromEnvironment()

const start = async (demo: boolean): Promise<void> => (await import('./start.js')).start(await config(), { demo })

/** Prints what is not well; a process that does not answer, or a configuration that cannot be, is not well either. */
const health = (part: 'gateway' | 'streams') => async (): Promise<void> => {
  const { gatewayHealth, streamsHealth } = await import('./health.js')
  const { readDataDirFromEnvironment } = await import('../config.js')
  const asked = part === 'gateway' ? gatewayHealth(await config()) : streamsHealth(readDataDirFromEnvironment())
  const unwell = await asked.catch(() => [part])
  if (unwell.length === 0) return
  process.stderr.write(`not ready: ${unwell.join(', ')}\n`)
  process.exitCode = 1
}

/** Longest name first, where one begins with another. */
export const commands: Record<string, Command> = {
  'start --demo': {
    usage: 'start --demo',
    says: 'the same with demo people, customers, photos and a scripted insider',
    run: () => start(true),
  },
  start: {
    usage: 'start',
    says: 'the whole system on this machine',
    run: () => start(false),
  },
  all: {
    usage: 'all',
    says: 'the same as start',
    run: () => start(false),
  },
  gateway: {
    usage: 'gateway',
    says: 'one gateway, on servers that the configuration names',
    run: async () => void (await import('../main.js')),
  },
  streams: {
    usage: 'streams',
    says: 'one worker of landing and detection, on servers that the configuration names',
    run: async () => void (await import('@custodia/streams/main')),
  },
  migrate: {
    usage: 'migrate',
    says: 'brings the schemas of those servers to this version, once, before its processes start',
    run: async () => (await import('./migrate.js')).migrate(await config()),
  },
  'health gateway': {
    usage: 'health gateway',
    says: 'asks the gateway that runs here; exit code 0 when every part of the system is ready',
    run: health('gateway'),
  },
  'health streams': {
    usage: 'health streams',
    says: 'asks the worker that runs here, in the same way',
    run: health('streams'),
  },
  doctor: {
    usage: 'doctor [--json] [--keys]',
    says: 'examines every server, key and file that the configuration names, and says what to do; --keys explains them',
    run: async (flags) => (await import('./doctor/command.js')).doctorCommand(flags),
  },
  'audit-store users': {
    usage: 'audit-store users [--apply]',
    says: 'SQL of the users that read, write and migrate ClickHouse; --apply makes them, as the administrator',
    run: async (flags) => (await import('./audit-store-users.js')).auditStoreUsers(await config(), flags),
  },
  'keys rotate': {
    usage: 'keys rotate',
    says: 'makes a new wrapping key and wraps every data key anew, while the system runs',
    run: async () => (await import('./rotate-keys.js')).rotateKeys(await config()),
  },
  'administrator reset': {
    usage: 'administrator reset --username <name>',
    says: 'ends what an administrator signs in with who is locked out, prints a one-time link, and alarms everybody',
    run: async (flags) => (await import('../recovery/administrator-command.js')).administratorCommand(flags),
  },
  canary: {
    usage: 'canary --customer <id> [--off]',
    says: 'makes a customer a decoy that rules watch, or an ordinary one again',
    run: async (flags) => (await import('./canary.js')).canaryCommand(flags),
  },
  backup: {
    usage: 'backup [--list] [--new-identity]',
    says: 'makes a backup of the running system, reads it back and marks it verified; --help tells all options',
    helps: true,
    run: async (flags) => (await import('../backup/backup-command.js')).backupCommand(flags),
  },
  restore: {
    usage: 'restore [--from <target>] [--identity-file <file>] [--drill]',
    says: 'restores a backup into an empty data directory; --drill only tries it and records how it went',
    helps: true,
    run: async (flags) => (await import('../backup/restore-command.js')).restoreCommand(flags),
  },
  drill: {
    usage: 'drill [--json]',
    says: 'plays an insider on invented customers of the running system, and says how soon he was stopped',
    run: async (flags) => (await import('../drill/command.js')).drillCommand(flags),
  },
  import: {
    usage: 'import --file <file> …[--apply]',
    says: 'brings in customers and their photos; a dry run without --apply; --help tells all options',
    helps: true,
    run: async (flags) => (await import('../import/command.js')).importCommand(flags),
  },
  'people import': {
    usage: 'people import --file <file> --as <user name> [--apply]',
    says: 'joiners are invited, leavers frozen at once, as a CSV says; a dry run without --apply',
    run: async (flags) => (await import('../provisioning/people-command.js')).peopleCommand(flags),
  },
  'verify review': {
    usage: 'verify review --file <result.json> [--key <public key>]',
    says: 'whether the signed result of an access review is as it was signed',
    run: async (flags) => (await import('../reviews/verify-command.js')).verifyReview(flags),
  },
  'rules backtest': {
    usage: 'rules backtest --rule <name> [--file <rule.yml>] …',
    says: 'what a rule would have alerted over the past, beside its version in force; --help tells all options',
    helps: true,
    run: async (flags) => (await import('./rules-backtest.js')).rulesBacktest(flags),
  },
  'rules export': {
    usage: 'rules export --to <folder>',
    says: 'writes the rules in force and their cases as files',
    run: async (flags) => (await import('../rules/rules-command.js')).rulesExport(flags),
  },
  'rules import': {
    usage: 'rules import --from <folder>',
    says: 'offers rule files as proposals, to be backtested and approved on the page Rules',
    run: async (flags) => (await import('../rules/rules-command.js')).rulesImport(flags),
  },
  'rules test': {
    usage: 'rules test [--rules <file|dir>]',
    says: 'runs the cases that rules carry beside them (*.cases.yml), by default those of the shipped rules',
    run: async (flags) => (await import('./rules.js')).rulesTest(flags),
  },
  'rules convert': {
    usage: 'rules convert [--rules <file|dir>] [--table <name>]',
    says: 'prints rules as ClickHouse SQL over the audit store, or over a table of JSON events (id, time, position, doc)',
    run: async (flags) => (await import('./rules.js')).rulesConvert(flags),
  },
  detect: {
    usage: 'detect --rules <file|dir> --events <file|-> [--firings all] …',
    says: 'runs Sigma rules over JSON events and prints what fires, without a server; --help tells all options',
    helps: true,
    run: async (flags) => (await import('./detect.js')).detectCommand(flags),
  },
}

/** Every command, or those that begin with these words. */
export const usage = (words: string[] = []): string => {
  const name = words.join(' ')
  const begun = Object.entries(commands).flatMap(([each, command]) =>
    `${each} `.startsWith(`${name} `) ? command : [],
  )
  const shown = begun.length ? begun : Object.values(commands)
  const width = Math.max(...shown.map((command) => command.usage.length))
  const lines = shown.map((command) => `  ${command.usage.padEnd(width)}  ${command.says}`)
  return ['usage: custodia <command>', '', ...lines, ''].join('\n')
}

/** The command that these words begin with, and what follows its name; none where it takes nothing. */
export function commandOf(words: string[]): { command: Command; flags: string[] } | undefined {
  const given = words.join(' ')
  const name = Object.keys(commands).find((each) => given === each || given.startsWith(`${each} --`))
  const command = name === undefined ? undefined : commands[name]
  const flags = words.slice(name?.split(' ').length)
  return command && (flags.length === 0 || command.usage !== name) ? { command, flags } : undefined
}
