import type { RuleFile, RuleVersion } from '@custodia/contracts'
import { and, asc, desc, eq, inArray, isNull, sql } from 'drizzle-orm'
import { locks } from '../record-store/locks.js'
import type { Queries } from '../record-store/record-store.js'
import { ruleVersions } from '../record-store/schema.js'
import { inOrder } from '@custodia/streams/detection/workshop'
import { fileOf } from './file-names.js'
import { trialsOf } from './trial.js'

export type RuleVersionRow = typeof ruleVersions.$inferSelect

/** Who changes rules is alone in it until the transaction ends: what is judged together goes live together. */
export const lockRules = (tx: Queries): Promise<unknown> =>
  tx.execute(sql`select pg_advisory_xact_lock(${locks.rules})`)

/** The files in force, in the order of a set. */
export const liveFiles = async (tx: Queries): Promise<RuleFile[]> => {
  const rows = await tx
    .select({ name: ruleVersions.name, yaml: ruleVersions.yaml })
    .from(ruleVersions)
    .where(eq(ruleVersions.state, 'live'))
  return inOrder(rows.map(({ name, yaml }) => ({ file: fileOf(name), yaml })))
}

/** The newest proposal of each file. */
export const proposedFiles = async (tx: Queries): Promise<RuleFile[]> => {
  const rows = await tx
    .select({ name: ruleVersions.name, yaml: ruleVersions.yaml })
    .from(ruleVersions)
    .where(eq(ruleVersions.state, 'proposed'))
    .orderBy(asc(ruleVersions.number))
  const newest = new Map(rows.map(({ name, yaml }) => [name, yaml]))
  return [...newest].map(([name, yaml]) => ({ file: fileOf(name), yaml }))
}

export const versionRow = async (tx: Queries, name: string, number: number): Promise<RuleVersionRow | undefined> => {
  const [row] = await tx
    .select()
    .from(ruleVersions)
    .where(and(eq(ruleVersions.name, name), eq(ruleVersions.number, number)))
  return row
}

/** What is known of a file: its newest number, and the version in force. */
export const standOf = async (tx: Queries, name: string): Promise<{ last: number; live?: RuleVersionRow }> => {
  const [live] = await tx
    .select()
    .from(ruleVersions)
    .where(and(eq(ruleVersions.name, name), eq(ruleVersions.state, 'live')))
  const [last] = await tx
    .select({ number: ruleVersions.number })
    .from(ruleVersions)
    .where(eq(ruleVersions.name, name))
    .orderBy(desc(ruleVersions.number))
    .limit(1)
  return { last: last?.number ?? 0, ...(live && { live }) }
}

export const retire = (tx: Queries, name: string): Promise<unknown> =>
  tx
    .update(ruleVersions)
    .set({ state: 'retired' })
    .where(and(eq(ruleVersions.name, name), eq(ruleVersions.state, 'live')))

/**
 * The moment by the store's own clock, also within a transaction: gateways' clocks differ, and what is proposed and decided
 * in one step must not look decided first.
 */
export const storeClock = sql`clock_timestamp()`

/** Puts a version into force; the one before retires. */
export const goLive = async (
  tx: Queries,
  { name, number }: Pick<RuleVersionRow, 'name' | 'number'>,
  decided: { by: string | null; why: string | null },
): Promise<RuleVersionRow> => {
  await retire(tx, name)
  const [row] = await tx
    .update(ruleVersions)
    .set({ state: 'live', decidedAt: storeClock, decidedBy: decided.by, decision: decided.why })
    .where(and(eq(ruleVersions.name, name), eq(ruleVersions.number, number)))
    .returning()
  if (!row) throw new Error(`version ${number} of ${name} went away under the lock`)
  return row
}

/** Proposals whose author has been frozen since end, lifted or not; returns them. */
export const endThoseOfFrozen = (tx: Queries): Promise<Pick<RuleVersionRow, 'name' | 'number'>[]> =>
  tx
    .update(ruleVersions)
    .set({ state: 'ended', decidedAt: storeClock, decidedBy: 'system', decision: 'author_frozen' })
    .where(
      and(
        eq(ruleVersions.state, 'proposed'),
        sql`exists (select 1 from freezes where freezes.account_id = ${ruleVersions.author} and freezes.set_at >= ${ruleVersions.proposedAt})`,
      ),
    )
    .returning({ name: ruleVersions.name, number: ruleVersions.number })

/** Proposals of a file that nobody has made end; returns them. `hash`: those of this text alone. */
export const endOfFile = (
  tx: Queries,
  name: string,
  why: 'file_changed' | 'file_gone',
  hash?: string,
): Promise<Pick<RuleVersionRow, 'name' | 'number'>[]> =>
  tx
    .update(ruleVersions)
    .set({ state: 'ended', decidedAt: storeClock, decidedBy: 'system', decision: why })
    .where(
      and(
        eq(ruleVersions.state, 'proposed'),
        eq(ruleVersions.name, name),
        isNull(ruleVersions.author),
        hash === undefined ? undefined : sql`md5(${ruleVersions.yaml}) = ${hash}`,
      ),
    )
    .returning({ name: ruleVersions.name, number: ruleVersions.number })

/** Everything but texts, of every file. */
export const everyVersion = (tx: Queries) =>
  tx
    .select({
      name: ruleVersions.name,
      number: ruleVersions.number,
      state: ruleVersions.state,
      author: ruleVersions.author,
      createdAt: ruleVersions.createdAt,
      decidedAt: ruleVersions.decidedAt,
      decidedBy: ruleVersions.decidedBy,
      decision: ruleVersions.decision,
      hash: sql<string>`md5(${ruleVersions.yaml})`,
    })
    .from(ruleVersions)
    .orderBy(asc(ruleVersions.name), asc(ruleVersions.number))

/** Whose names a version tells. */
export const peopleOf = ({ author, decidedBy, trials }: RuleVersionRow): (string | undefined)[] => [
  author ?? undefined,
  decidedBy ?? undefined,
  ...trials.map(({ by }) => by),
]

/** Drafts and proposals, whole. */
export const openVersions = (tx: Queries): Promise<RuleVersionRow[]> =>
  tx
    .select()
    .from(ruleVersions)
    .where(inArray(ruleVersions.state, ['draft', 'proposed']))
    .orderBy(asc(ruleVersions.name), asc(ruleVersions.number))

export const asVersion = (row: RuleVersionRow, names: ReadonlyMap<string, string>): RuleVersion => ({
  name: row.name,
  number: row.number,
  state: row.state,
  yaml: row.yaml,
  cases: row.cases ?? undefined,
  base: row.base ?? undefined,
  rollback_to: row.rollbackTo ?? undefined,
  author: row.author ?? undefined,
  author_name: names.get(row.author ?? ''),
  reason: row.reason,
  created_at: row.createdAt.toISOString(),
  proposed_at: row.proposedAt?.toISOString(),
  decided_at: row.decidedAt?.toISOString(),
  decided_by: row.decidedBy ?? undefined,
  decided_by_name: names.get(row.decidedBy ?? ''),
  decision: row.decision ?? undefined,
  two_persons: row.twoPersons,
  trial: row.trial ?? undefined,
  trials: trialsOf(row).map((trial) => ({ ...trial, by_name: names.get(trial.by) })),
})
