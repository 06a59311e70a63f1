import { parseArgs } from 'node:util'
import { applyUsers, printableUsers } from '@custodia/streams/audit-store'
import type { Config } from '../config.js'
import { StartError } from './start-error.js'

export const auditStoreUsersFlags = { apply: { type: 'boolean' } } as const

const say = (line: string): void => void process.stdout.write(`${line}\n`)

/**
 * The three users of the audit store that the configuration names, as SQL for an administrator to read and run, with places
 * for the passwords; or, with `--apply`, made by CUSTODIA_CLICKHOUSE_ADMIN_URL with the passwords of the configuration.
 */
export async function auditStoreUsers({ clickhouse }: Config, flags: string[]): Promise<void> {
  const { values } = parseArgs({ args: flags, options: auditStoreUsersFlags })
  if (!clickhouse)
    throw new StartError('The embedded audit store has no users: name a server in CUSTODIA_CLICKHOUSE_URL.')
  try {
    if (!values.apply) return printableUsers(clickhouse).forEach((statement) => say(`${statement};`))
    say(`These users are there, each with its rights: ${(await applyUsers(clickhouse)).join(', ')}`)
  } catch (cause) {
    throw new StartError(cause instanceof Error ? cause.message : String(cause), { cause })
  }
}
