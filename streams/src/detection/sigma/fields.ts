/** Any JSON event a rule may look at. Our own access events, and those of other systems. */
export type RuleEvent = Readonly<Record<string, unknown>>

/** What a value test looks at: the leaves of an event, without nulls. */
export type Scalar = string | number | boolean
export const isScalar = (value: unknown): value is Scalar =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'

/** Names of fields have so many parts between dots at most. */
const MOST_PARTS = 32
/** Whether a name has more parts than anything that an event has: each may be told apart at any of its dots. */
export const hasTooManyParts = (name: string): boolean => name.split('.', MOST_PARTS + 1).length > MOST_PARTS

/** Reads one field of an event; undefined = missing. A path through arrays gives an array of what its elements have. */
export type FieldReader = (event: object) => unknown

/**
 * Compiles a field name. `a.b.c` is tried as a literal key first, then `a.b` with `c` inside it, then `a` with `b.c`:
 * the longest literal prefix wins.
 */
export const fieldReader = (name: string, rests = new Map<string, FieldReader>()): FieldReader => {
  const splits: { key: string; rest: FieldReader }[] = []
  for (let dot = name.lastIndexOf('.'); dot > 0; dot = name.lastIndexOf('.', dot - 1)) {
    const after = name.slice(dot + 1)
    const rest = rests.get(after) ?? fieldReader(after, rests)
    rests.set(after, rest)
    splits.push({ key: name.slice(0, dot), rest })
  }
  if (!splits.length)
    return (event) => (Object.hasOwn(event, name) ? (event as Record<string, unknown>)[name] : undefined)
  return (event) => {
    if (Object.hasOwn(event, name)) return (event as Record<string, unknown>)[name]
    for (const { key, rest } of splits)
      if (Object.hasOwn(event, key)) return inside((event as Record<string, unknown>)[key], rest)
    return undefined
  }
}

const inside = (value: unknown, rest: FieldReader): unknown => {
  if (typeof value !== 'object' || value === null) return undefined
  if (!Array.isArray(value)) return rest(value)
  const found = value.map((element) => inside(element, rest)).filter((element) => element !== undefined)
  return found.length ? found : undefined
}

/** Whether the value, or any element of an array, passes. Objects and nulls never do. */
export const anyScalar = (value: unknown, test: (value: Scalar) => boolean): boolean => {
  if (!Array.isArray(value)) return isScalar(value) && test(value)
  for (const element of value) if (anyScalar(element, test)) return true
  return false
}

/** `field: null`: no value, missing or null. Of an array, any element that is null. */
export const isNothing = (value: unknown): boolean =>
  value === undefined || value === null || (Array.isArray(value) && value.some(isNothing))

/** Whether any leaf of the event passes, at any depth. Keys are not looked at. */
export const anyLeaf = (value: unknown, test: (value: Scalar) => boolean): boolean => {
  if (typeof value !== 'object' || value === null) return isScalar(value) && test(value)
  for (const element of Array.isArray(value) ? value : Object.values(value)) if (anyLeaf(element, test)) return true
  return false
}

const readers = new Map<string, FieldReader>()

/** The values of a field, arrays flattened, nulls and objects left out: what correlations group by and count. */
export const fieldValues = (event: object, name: string): Scalar[] => {
  let read = readers.get(name)
  if (!read) readers.set(name, (read = fieldReader(name)))
  const value = read(event)
  if (isScalar(value)) return [value]
  return Array.isArray(value) ? value.flat(Infinity).filter(isScalar) : []
}
