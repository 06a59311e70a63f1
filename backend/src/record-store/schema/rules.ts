import type { PastTrial, RuleTrial, RuleVersionState } from '@custodia/contracts'
import { sql } from 'drizzle-orm'
import { boolean, index, integer, jsonb, pgTable, primaryKey, text, uniqueIndex } from 'drizzle-orm/pg-core'
import { at, createdAt } from './columns.js'

/** Rule files, version by version. A version's text is never changed once it left the draft. */
export type KeptTrial = Omit<PastTrial, 'of_this_text'> & { text: string }

export const ruleVersions = pgTable(
  'rule_versions',
  {
    /** the file's name without `.yml` */
    name: text('name').notNull(),
    number: integer('number').notNull(),
    state: text('state').$type<RuleVersionState>().notNull(),
    yaml: text('yaml').notNull(),
    cases: text('cases'),
    /** the version that it was made from */
    base: integer('base'),
    /** a rolling back: the version whose text this is */
    rollbackTo: integer('rollback_to'),
    /** account id; null: it came as a file */
    author: text('author'),
    reason: text('reason').notNull(),
    /** it freezes or holds, or what it replaces does; of what a person made also: a rule in force might see less */
    twoPersons: boolean('two_persons').notNull(),
    trial: jsonb('trial').$type<RuleTrial>(),
    /** every one there was, with a hash of the text that it is about */
    trials: jsonb('trials').$type<KeptTrial[]>().notNull().default([]),
    createdAt: createdAt(),
    proposedAt: at('proposed_at'),
    decidedAt: at('decided_at'),
    decidedBy: text('decided_by'),
    decision: text('decision'),
  },
  (t) => [
    primaryKey({ columns: [t.name, t.number] }),
    uniqueIndex('rule_versions_live')
      .on(t.name)
      .where(sql`${t.state} = 'live'`),
    index('rule_versions_state').on(t.state),
  ],
)
