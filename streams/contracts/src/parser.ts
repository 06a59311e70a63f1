import type { z } from 'zod'

type Check = (value: unknown) => boolean

/**
 * `schema.safeParse`, and for the values that come by the thousand a shorter way to the same answer: a check of the same
 * definition that says yes only to what is of the contract and nothing else, which zod would hand back as it is. Of
 * everything else, of what is refused above all, zod has the word.
 */
export const parserOf = <T>(schema: z.ZodType<T>): ((value: unknown) => z.ZodSafeParseResult<T>) => {
  const isExactly = checkOf(schema)
  if (!isExactly) return (value) => schema.safeParse(value)
  return (value) => (isExactly(value) ? { success: true, data: value as T } : schema.safeParse(value))
}

/** Undefined for whatever it does not know in full: refinements, transforms, catch-alls, checks of later versions. */
const checkOf = (schema: z.core.$ZodType): Check | undefined => {
  const { def } = (schema as z.core.$ZodTypes)._zod
  switch (def.type) {
    case 'string':
      return stringCheck(def)
    case 'number':
      return both((value) => Number.isFinite(value), def.checks, numberCheck)
    case 'boolean':
      return def.coerce ? undefined : (value) => typeof value === 'boolean'
    case 'literal':
      return oneOf(def.values)
    case 'enum':
      return oneOf(Object.values(def.entries))
    case 'optional':
      return checkOf(def.innerType) // one that is there and undefined goes the long way
    case 'array':
      return arrayCheck(def)
    case 'object':
      return objectCheck(def)
    case 'union':
      return unionCheck(def)
    default:
      return undefined
  }
}

const objectCheck = ({ shape, catchall, checks }: z.core.$ZodObjectDef): Check | undefined => {
  if (catchall || checks?.length) return undefined
  const fields = new Map<string, { check: Check; required: boolean }>()
  for (const [name, schema] of Object.entries(shape)) {
    const check = checkOf(schema)
    if (!check) return undefined
    fields.set(name, { check, required: schema._zod.optin === undefined })
  }
  const allRequired = [...fields.values()].filter(({ required }) => required).length
  return (value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
    let required = 0
    for (const name in value) {
      const field = fields.get(name)
      if (!field?.check((value as Record<string, unknown>)[name])) return false // unknown ones zod leaves out
      if (field.required) required++
    }
    return required === allRequired
  }
}

/** Only one that tells its options apart by a field: elsewhere an earlier option could take what fits a later one. */
const unionCheck = (def: z.core.$ZodUnionDef): Check | undefined => {
  if (!('discriminator' in def) || def.checks?.length) return undefined
  const options = def.options.map(checkOf)
  return options.every((option) => option !== undefined)
    ? (value) => options.some((option) => option(value))
    : undefined
}

const arrayCheck = ({ element, checks }: z.core.$ZodArrayDef): Check | undefined => {
  const check = checkOf(element)
  return check && both((value) => Array.isArray(value) && value.every(check), checks, lengthCheck)
}

const stringCheck = (def: z.core.$ZodStringDef & { format?: string; pattern?: RegExp }): Check | undefined => {
  if (def.coerce) return undefined
  const { format, pattern } = def
  if (format === undefined) return both((value) => typeof value === 'string', def.checks, lengthCheck)
  // a format is its pattern here, and nothing beside it
  if (format !== 'datetime' || !pattern || def.checks?.length) return undefined
  return (value) => typeof value === 'string' && pattern.test(value)
}

type Checks = readonly z.core.$ZodCheck<never>[] | undefined

/** A type's own check and then all that were added to it; undefined where one of them is not known. */
const both = (
  isOfType: Check,
  checks: Checks,
  checkFor: (def: z.core.$ZodChecks['_zod']['def']) => Check | undefined,
) => {
  const known: Check[] = [isOfType]
  for (const check of checks ?? []) {
    const one = checkFor((check as unknown as z.core.$ZodChecks)._zod.def)
    if (!one) return undefined
    known.push(one)
  }
  const [, second, third, ...more] = known
  if (more.length > 0) return (value: unknown) => known.every((check) => check(value))
  return (value: unknown) => isOfType(value) && (!second || second(value)) && (!third || third(value))
}

const lengthCheck = (def: z.core.$ZodChecks['_zod']['def']): Check | undefined => {
  const length = (value: unknown) => (value as string | unknown[]).length
  if (def.check === 'min_length') return (value) => length(value) >= def.minimum
  if (def.check === 'max_length') return (value) => length(value) <= def.maximum
  return undefined
}

const numberCheck = (def: z.core.$ZodChecks['_zod']['def']): Check | undefined => {
  if (def.check === 'number_format' && def.format === 'safeint') return Number.isSafeInteger
  if (def.check === 'greater_than' && typeof def.value === 'number') {
    const least = def.value
    return def.inclusive ? (value) => (value as number) >= least : (value) => (value as number) > least
  }
  return undefined
}

const oneOf = (values: readonly unknown[]): Check => {
  const known = new Set(values)
  return (value) => known.has(value)
}
