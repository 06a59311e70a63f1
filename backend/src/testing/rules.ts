import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const shippedRules = fileURLToPath(new URL('../../../streams/rules', import.meta.url))

/** A shipped rule with another limit and other responses: `{ 'bulk-export.yml': text }`. */
export function shippedRule(name: string, over: { limit: number; respond: string }): Record<string, string> {
  const file = `${name}.yml`
  const text = readFileSync(join(shippedRules, file), 'utf8')
    .replace(/\bgt: \d+/, `gt: ${over.limit}`)
    .replace(/respond: \[.*\]/, `respond: ${over.respond}`)
  return { [file]: text }
}
