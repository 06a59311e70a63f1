import { readFile } from 'node:fs/promises'
import { parse } from 'yaml'
import { z } from 'zod'
import { DetectError } from './detect-error.js'

const Value = z.union([z.string(), z.number(), z.boolean()]).transform(String)
const Values = z.union([z.array(Value), Value.transform((one) => [one])])
/** What `%name%` stands for: a value, or a list of them. */
export const Placeholders = z.record(z.string(), Values)

/** A map of names to a value or a list of values, as YAML or JSON: what `%name%` stands for. */
export const readPlaceholders = async (file: string): Promise<Record<string, string[]>> => {
  try {
    return Placeholders.parse(parse(await readFile(file, 'utf8')))
  } catch (cause) {
    const why = cause instanceof z.ZodError ? 'it is a map of names to values' : (cause as Error).message
    throw new DetectError(`placeholders cannot be read from ${file}: ${why}`, { cause })
  }
}
