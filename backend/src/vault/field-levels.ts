import { type CustomerField, customerFields, type FieldLevel } from '@custodia/contracts'
import type { Caller } from '../gateway/caller.js'
import { levelOf } from '../gateway/policy.js'
import { ProblemError } from '../gateway/problem.js'
import type { Field } from './personal-data.js'

const inTheClear = new Set<FieldLevel>(['plain', 'reveal', 'approval'])

/** Which of the fields this person gets in the clear under an approval only. Refuses with `field_not_allowed`, naming the fields, where this person's role does not get one of them in the clear. */
export function requireRevealable(who: Caller, fields: readonly Field[]): Field[] {
  const refused = fields.filter((field) => !inTheClear.has(levelOf(who, field)))
  if (refused.length) throw new ProblemError('field_not_allowed', { fields: refused })
  return fields.filter((field) => levelOf(who, field) === 'approval')
}

/** Whoever does not even see that a field is there does not change it. */
export function requireKnown(who: Caller, changes: object): void {
  const named = Object.keys(changes).filter((name): name is CustomerField => customerFields.includes(name as never))
  const refused = named.filter((field) => levelOf(who, field) === 'absent')
  if (refused.length) throw new ProblemError('field_not_allowed', { fields: refused })
}
