import { z } from 'zod'
import { parseSelection } from './detection.js'
import { every, type Expression, some } from './expression.js'
import { itemExpression } from './item.js'
import type { CompileContext } from './modifiers/modifier.js'
import type { RuleDocument } from './nodes.js'
import { schemaSays } from './reason.js'

const instant = /^(\d{4}-\d\d-\d\d)(?:T(\d\d:\d\d)Z)?$/

/** The end of that day, or that very minute; both UTC. */
const expiryOf = (text: string): number => {
  const [, day, minute] = instant.exec(text) ?? []
  const start = Date.parse(minute === undefined ? `${day}T00:00Z` : text)
  // 2027-02-30 is a day that only JavaScript knows
  if (day === undefined || Number.isNaN(start) || new Date(start).toISOString().slice(0, 10) !== day) return NaN
  return minute === undefined ? start + 86_400_000 : start
}

const expiry = schemaSays('is a day like 2027-01-31, the last on which it holds, or a minute like 2027-01-31T18:00Z')

/** What a rule does not look at, by whose word, why, and until when: an exception that nobody ends ends by itself. */
export const Exceptions = z.array(
  z.strictObject({
    when: z
      .record(z.string(), z.unknown(), schemaSays('is a selection: fields and their values'))
      .refine((when) => Object.keys(when).length > 0, schemaSays('says nothing: it would leave out every event')),
    owner: z.string().trim().min(1, schemaSays('says by whose word this is: a name')),
    reason: z.string().trim().min(3, schemaSays('says why, in three letters or more')),
    expires: z
      .string(expiry)
      .transform(expiryOf)
      .refine((at) => !Number.isNaN(at), expiry),
  }),
)
export type Exceptions = z.infer<typeof Exceptions>

/** Holds until the event's own time has come so far, whenever it is judged. */
const before = (limit: number): Expression =>
  itemExpression({
    field: 'time',
    groups: [[{ kind: 'compare', op: 'lt', limit, part: 'instant' }]],
    all: false,
    negated: false,
    cased: false,
    applied: [],
  })

/** What is left of the events when those that an exception covers are left out. */
export const outsideOf = (document: RuleDocument, exceptions: Exceptions, context: CompileContext): Expression => {
  const excepted = exceptions.map(({ expires }, index) => {
    const path = ['custodia', 'exceptions', index, 'when']
    return every([parseSelection('when', document.node(path), document, context), before(expires)])
  })
  return { kind: 'not', of: some(excepted) }
}
