import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { type Placeholders as SigmaPlaceholders, readPlaceholderFile } from '../sigma/placeholder-file.js'
import type { RuleError } from '../sigma/rule-error.js'
import { DetectError } from './detect-error.js'

const Value = z.union([z.string(), z.number(), z.boolean()]).transform(String)
const Values = z.union([z.array(Value), Value.transform((one) => [one])])
/** What `%name%` stands for: a value, or a list of them. */
export const Placeholders = z.record(z.string(), Values)

/** A map of names to a value or a list of values, as YAML or JSON: what `%name%` stands for. */
export const readPlaceholders = async (file: string): Promise<SigmaPlaceholders> => {
  try {
    return readPlaceholderFile({ file, yaml: await readFile(file, 'utf8') })
  } catch (cause) {
    const { line, message } = cause as Partial<RuleError> & Error
    const place = line === undefined ? file : `${file}:${line}`
    throw new DetectError(`placeholders cannot be read from ${place}: ${message}`, { cause })
  }
}
