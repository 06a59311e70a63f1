import { AccessEvent, FinalOutcome } from '@custodia/contracts'
import { z } from 'zod'
import type { Scalar } from './fields.js'
import { didYouMean, type KnownEvents } from './known-events.js'
import { RuleError } from './rule-error.js'

/** Refuses a value of which no event has any in that field: a rule that looks for one stays silent for ever. */
export type NeedValue = (field: string, written: string, newTest: () => (value: Scalar) => boolean) => void

/** All that a field may have, where its schema says so. */
const optionsOf = (schema: z.core.$ZodType): readonly Scalar[] | undefined => {
  if (schema instanceof z.ZodOptional) return optionsOf(schema.unwrap())
  if (schema instanceof z.ZodArray) return optionsOf(schema.element)
  if (schema instanceof z.ZodEnum) return schema.options
  return schema instanceof z.ZodBoolean ? [true, false] : undefined
}

/** What rules see in the place of `held` is how it ended; one whose verdict came too late they see as allowed. */
const seen = { ...AccessEvent.shape, outcome: FinalOutcome.exclude(['expired']) }

const closed: ReadonlyMap<string, readonly Scalar[]> = new Map(
  Object.entries(seen).flatMap(([field, schema]) => {
    const options = optionsOf(schema)
    return options ? [[field, options]] : []
  }),
)

/** `events`: undefined: they may have anything. */
export const needValueOf =
  (events: KnownEvents | undefined): NeedValue =>
  (field, written, newTest) => {
    const options = events && closed.get(field)
    if (!options || options.some(newTest())) return
    const names = options.map(String)
    const meant = didYouMean(written, names)
    throw new RuleError({
      en: `\`${field}\` is never \`${written}\`${meant.en || `: it is one of ${names.join(', ')}`}`,
      zh: `\`${field}\` 不会是 \`${written}\`${meant.zh || `：须为 ${names.join('、')} 之一`}`,
    })
  }
