import { isIdNumber, normaliseIdNumber, Role, Username, type PeopleLineWhy } from '@custodia/contracts'
import { parse } from 'csv-parse/sync'
import { z } from 'zod'
import { signInNameOf } from '../identity/account.js'

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
export type PeopleLine = { line: number; row: PeopleRow } | RefusedLine
export interface RefusedLine {
  line: number
  /** as it stands there, if anything does */
  username: string
  /** in words */
  problem: string
  why: Extract<PeopleLineWhy, 'not_understood' | 'administrator' | 'named_twice'>
  /** not_understood: which */
  columns?: string[]
}

/** Reads CSV with a header line (username, status, display_name, role, team, branch, phone, address, id_number). Each line stands for itself; of two about one person the first counts. */
export function readPeople(text: string): PeopleLine[] {
  const records = parse(text, {
    columns: (names: string[]) => names.map((name) => name.trim().toLowerCase()),
    bom: true,
    skip_empty_lines: true,
    relax_column_count: true,
    info: true,
  }) as unknown as { record: Record<string, string>; info: { lines: number } }[]
  const firstOf = new Map<string, number>()
  return records.map(({ record, info: { lines: line } }): PeopleLine => {
    const filled = Object.fromEntries(Object.entries(record).filter(([, value]) => value.trim() !== ''))
    const read = Row.safeParse(filled)
    const username = filled['username']?.trim().slice(0, 64) ?? ''
    if (read.success) {
      const name = signInNameOf(read.data.username)
      const first = firstOf.get(name)
      if (first !== undefined)
        return {
          line,
          username,
          why: 'named_twice',
          problem: `line ${first} is about the same person: keep one of them`,
        }
      firstOf.set(name, line)
      return { line, row: read.data }
    }
    const { issues } = read.error
    const administrator = filled['role']?.trim().toLowerCase() === 'admin'
    return {
      line,
      username,
      why: administrator ? 'administrator' : 'not_understood',
      columns: [...new Set(issues.map(({ path }) => path.join('.')))],
      problem: issues.map(({ path, message }) => `${path.join('.') || 'line'}: ${message}`).join('; '),
    }
  })
}
