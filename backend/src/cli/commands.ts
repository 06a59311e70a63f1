import { readConfigFromEnvironment, readDataDirFromEnvironment } from '../config.js'

export interface Command {
  /** how it is written, and what it does */
  usage: string
  says: string
  /** loads what it needs only then: a health check every few seconds must be cheap */
  run(flags: string[]): Promise<void>
}

const start = async (demo: boolean): Promise<void> =>
  (await import('./start.js')).start(readConfigFromEnvironment(), { demo })

/** Prints what is not well; a process that does not answer, or a configuration that cannot be, is not well either. */
const health = (part: 'gateway' | 'streams') => async (): Promise<void> => {
  const { gatewayHealth, streamsHealth } = await import('./health.js')
  const asked =
    part === 'gateway' ? gatewayHealth(readConfigFromEnvironment()) : streamsHealth(readDataDirFromEnvironment())
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
    run: async () => (await import('./migrate.js')).migrate(readConfigFromEnvironment()),
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
    run: async (flags) => (await import('./audit-store-users.js')).auditStoreUsers(readConfigFromEnvironment(), flags),
  },
  'keys rotate': {
    usage: 'keys rotate',
    says: 'makes a new wrapping key and wraps every data key anew, while the system runs',
    run: async () => (await import('./rotate-keys.js')).rotateKeys(readConfigFromEnvironment()),
  },
  canary: {
    usage: 'canary --customer <id> [--off]',
    says: 'makes a customer a decoy that rules watch, or an ordinary one again',
    run: async (flags) => (await import('./canary.js')).canaryCommand(flags),
  },
  backup: {
    usage: 'backup [--list] [--new-identity]',
    says: 'makes a backup of the running system, reads it back and marks it verified; --help tells all options',
    run: async (flags) => (await import('../backup/backup-command.js')).backupCommand(flags),
  },
  restore: {
    usage: 'restore [--from <target>] [--identity-file <file>] [--drill]',
    says: 'restores a backup into an empty data directory; --drill only tries it and records how it went',
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
    run: async (flags) => (await import('../import/command.js')).importCommand(flags),
  },
  'rules backtest': {
    usage: 'rules backtest --rule <name> [--file <rule.yml>] …',
    says: 'what a rule would have alerted over the past, beside its version in force; --help tells all options',
    run: async (flags) => (await import('./rules-backtest.js')).rulesBacktest(flags),
  },
  'rules test': {
    usage: 'rules test [--rules <dir>]',
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
    run: async (flags) => (await import('./detect.js')).detectCommand(flags),
  },
}

export const usage = (): string => {
  const width = Math.max(...Object.values(commands).map((command) => command.usage.length))
  const lines = Object.values(commands).map((command) => `  ${command.usage.padEnd(width)}  ${command.says}`)
  return ['usage: custodia <command>', '', ...lines, ''].join('\n')
}

/** The command that these words begin with, and what follows its name. */
export function commandOf(words: string[]): { command: Command; flags: string[] } | undefined {
  const given = words.join(' ')
  const name = Object.keys(commands).find((each) => given === each || given.startsWith(`${each} --`))
  const command = name === undefined ? undefined : commands[name]
  return command && { command, flags: words.slice(name?.split(' ').length) }
}
