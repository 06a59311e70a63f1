import { isIdNumber, normaliseIdNumber, Role, Username } from '@custodia/contracts'
import { parse } from 'csv-parse/sync'
import { z } from 'zod'

const word = z.string().trim().max(64)
/** Several are told apart by semicolons: one's own, and those of the people one lives with. */
const several = z
  .string()
  .max(1000)
  .transform((value) =>
    value
      .split(/[;；]/)
      .map((each) => each.trim())
      .filter(Boolean),
  )
/** Whoever makes files alone must not make administrators. */
const administrators =
  'one of staff, service, finance, manager, analyst, auditor: nobody becomes administrator by a file'
const Row = z.object({
  username: Username,
  status: z.enum(['joins', 'leaves', 'stays']),
  display_name: word.optional(),
  role: Role.exclude(['admin'], administrators).optional(),
  team: word.optional(),
  branch: word.optional(),
  phone: several.optional(),
  address: several.optional(),
  id_number: z
    .string()
    .transform(normaliseIdNumber)
    .refine((number) => isIdNumber(number, new Date()), 'is no ID number')
    .optional(),
})
export type PeopleRow = z.infer<typeof Row>

/** A line of the file: what it says, or what is wrong with it. */
export type PeopleLine =
  { line: number; row: PeopleRow } | { line: number; problem: string; columns: string[]; administrator: boolean }

/** Reads CSV with a header line (username, status, display_name, role, team, branch, phone, address, id_number). Each line stands for itself. */
export function readPeople(text: string): PeopleLine[] {
  const records = parse(text, {
    columns: (names: string[]) => names.map((name) => name.trim().toLowerCase()),
    bom: true,
    skip_empty_lines: true,
    relax_column_count: true,
    info: true,
  }) as unknown as { record: Record<string, string>; info: { lines: number } }[]
  return records.map(({ record, info: { lines: line } }) => {
    const filled = Object.fromEntries(Object.entries(record).filter(([, value]) => value.trim() !== ''))
    const read = Row.safeParse(filled)
    if (read.success) return { line, row: read.data }
    const { issues } = read.error
    return {
      line,
      columns: [...new Set(issues.map(({ path }) => path.join('.')))],
      administrator: filled['role']?.trim().toLowerCase() === 'admin',
      problem: issues.map(({ path, message }) => `${path.join('.') || 'line'}: ${message}`).join('; '),
    }
  })
}
