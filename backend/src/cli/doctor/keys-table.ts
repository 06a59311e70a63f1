import { everyKey, isSecret, isToolKey, meaningOf } from '@custodia/streams/settings'
import type { z } from 'zod'

interface Row {
  name: string
  byDefault: string
  meaning: string
}

/** Every key of the environment, from the one table that the processes read it by. */
export const keyRows = (): Row[] =>
  Object.entries(everyKey)
    .filter(([name]) => !isToolKey(name))
    .map(([name, key]) => ({
      name,
      byDefault: defaultOf(key),
      meaning: meaningOf(key) + (isSecret(key) ? fromFile(name) : ''),
    }))

const fromFile = (name: string): string => ` (or ${name}_FILE, the path of a file that holds it)`

const defaultOf = (key: z.ZodType): string => {
  const { success, data } = key.safeParse(undefined)
  return success && data !== undefined ? String(data) : ''
}

export function keyTable(): string {
  const rows = keyRows()
  const width = Math.max(...rows.map(({ name }) => name.length))
  return rows
    .map(
      ({ name, byDefault, meaning }) => `${name.padEnd(width)}  ${meaning}${byDefault && `; default ${byDefault}`}\n`,
    )
    .join('')
}

export const markdownTable = (): string =>
  [
    '# Configuration',
    '',
    'Everything is set in the environment. `custodia doctor` examines it; a process that finds a wrong or unknown key names all of them and does not start.',
    'This file is made by `npx custodia doctor --keys --markdown > docs/configuration.md`; a test compares the two.',
    '',
    '| variable | default | meaning |',
    '|---|---|---|',
    ...keyRows().map(
      ({ name, byDefault, meaning }) => `| \`${name}\` | ${byDefault && `\`${byDefault}\``} | ${meaning} |`,
    ),
    '',
  ].join('\n')
