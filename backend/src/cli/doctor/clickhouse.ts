import { existsSync } from 'node:fs'
import { inspectClickHouse, privateSocketPath, type ClickHouseFacts } from '@custodia/streams/audit-store'
import type { Config } from '../../config.js'
import { clockOutcome, fail, gibibytes, notYet, ok, warn, type Check, type Outcome } from './finding.js'

/** The oldest one that knows every statement used here. */
const oldestMajor = 25

type Right = ClickHouseFacts['lacks'][number]

export const clickhouse = ({ clickhouse: servers, dataDir }: Config): Check => ({
  name: 'ClickHouse',
  otherwise: servers
    ? 'see that the server runs, and that CUSTODIA_CLICKHOUSE_*URL name its host, port, users and passwords'
    : 'the embedded one does not run: start the system, or set CUSTODIA_CLICKHOUSE_URL',
  run: async () => {
    if (!servers && !existsSync(dataDir)) return [notYet]
    const places = servers
      ? placesOf(servers)
      : [{ place: { socketPath: privateSocketPath(dataDir, 'audit.sock') }, needs: every }]
    const [first, ...others] = await Promise.all(
      places.map(async ({ place, needs }) => ({ facts: await inspectClickHouse(place), needs })),
    )
    if (!first) return []
    const { facts } = first
    return [
      ...version(facts),
      ...[first, ...others].flatMap(({ facts, needs }) => rights(facts, needs)),
      ...schema(facts),
      ...space(facts),
      ...clockOutcome(facts.clockMs, facts.clockExactMs),
    ]
  },
})

const every: Right[] = ['SELECT', 'INSERT', 'CREATE TABLE']

/** The users that this configuration names, each with what its work needs. */
function placesOf({ reader, writer, migrator }: NonNullable<Config['clickhouse']>) {
  const needs = new Map<string, Right[]>()
  const add = (url: string | undefined, right: Right) =>
    url !== undefined && needs.set(url, [...(needs.get(url) ?? []), right])
  add(reader, 'SELECT')
  add(writer, 'INSERT')
  add(migrator, 'CREATE TABLE')
  return [...needs].map(([url, rights]) => ({ place: { url }, needs: rights }))
}

const version = ({ version }: ClickHouseFacts): Outcome[] =>
  Number(version.split('.')[0]) >= oldestMajor
    ? [ok(`version ${version}`)]
    : [warn(`version ${version}`, `use ${oldestMajor}.1 or newer: older ones were never tried`)]

/** Each user is named by its work: names and addresses of a configuration are not printed. */
function rights({ lacks }: ClickHouseFacts, needs: Right[]): Outcome[] {
  const missing = needs.filter((right) => lacks.includes(right))
  const user = `the user for ${needs.map((right) => works[right]).join(', ')}`
  if (missing.length > 0)
    return [
      fail(
        `${user} may not ${missing.join(', ')}`,
        'run `custodia audit-store users`, and what it prints as the administrator',
      ),
    ]
  return [ok(`${user} may ${needs.join(', ')}`)]
}
const works: Record<Right, string> = { SELECT: 'reading', INSERT: 'writing', 'CREATE TABLE': 'migrating' }

function schema({ missing, newer, lacks }: ClickHouseFacts): Outcome[] {
  if (lacks.includes('SELECT')) return []
  if (newer) return [warn('a newer version of Custodia migrated it', 'finish the upgrade')]
  if (missing.length > 0)
    return [
      warn(`${missing.length} migrations wait: ${missing.join(', ')}`, 'run `custodia migrate`, or start streams'),
    ]
  return [ok('every migration has run')]
}

const space = ({ disks }: ClickHouseFacts): Outcome[] =>
  disks.map(({ name, freeBytes, totalBytes }) => {
    const found = `disk ${name}: ${gibibytes(freeBytes)} of ${gibibytes(totalBytes)} free`
    if (freeBytes < 1024 ** 3) return fail(found, 'make room now: nothing is landed when it is full')
    if (freeBytes / totalBytes < 0.1) return warn(found, 'make room, or keep audit data for a shorter time')
    return ok(found)
  })
