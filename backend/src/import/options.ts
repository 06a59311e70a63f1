import { basename, dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { BusinessType, businessTypes, ConsentInput, InformationType, Purpose } from '@custodia/contracts'
import { inPlainWords } from '@custodia/streams/settings'
import { z } from 'zod'
import { ImportRefused } from './codes.js'
import { encodings } from './encoding.js'

/** One option a line: what it takes, and what it means. */
const options = {
  file: ['<file>', 'the table: CSV with a header line, UTF-8, UTF-16 or GB18030 (GBK)'],
  photos: ['<folder|zip>', 'where the photos are that the rows name'],
  consent: ['<source>', 'what tells of the consent, e.g. "account opening form 2026, clause 4"'],
  'consent-given': ['<date>', 'when it was given, unless a column says so'],
  'consent-way': ['<way>', 'pop_up, signature or paper (default)'],
  purposes: ['<list>', 'what it is for: identity_check,contract,complaint,compliance'],
  'consent-types': [
    '<list>',
    'what it covers: basic,contact,id_number,id_photo,face,financial (default: what the row brings)',
  ],
  as: ['<user name>', 'the administrator in whose name this is done; every event names them'],
  owner: [
    '<user name>',
    'a member of staff whose customers these will be, unless a column says so; team and branch are theirs',
  ],
  'business-type': ['<type>', `unless a column says so: ${businessTypes.join(', ')}`],
  map: ['<header=field,…>', 'columns with headers of their own; field - ignores one'],
  encoding: [`<${encodings.join('|')}>`, 'when it is guessed wrong'],
  report: [
    '<file>',
    'where the report goes, .csv or .ndjson (default: <table>.dry-run.csv, with --apply <table>.import.csv)',
  ],
  apply: ['', 'does it; without it everything is checked and nothing is changed'],
} as const

export const importUsage = [
  'usage: custodia import --file <file> [--photos <folder|zip>] --consent <source> --purposes <list> --as <user name> …',
  '',
  ...Object.entries(options).map(([name, [takes, means]]) => `  ${`--${name} ${takes}`.padEnd(42)} ${means}`),
  '',
  'Every row needs name, id_number, owner (or --owner) and business_type (or --business-type); all columns: docs/import.md.',
  '',
].join('\n')

export const importFlags = Object.fromEntries(
  Object.entries(options).map(([name, [takes]]) => [
    name,
    { type: takes ? ('string' as const) : ('boolean' as const) },
  ]),
)

const helpLine = '`custodia import --help` lists every option.'

const list = <T extends string>(item: z.ZodType<T, T>) =>
  z
    .string()
    .transform((text) => text.split(',').map((part) => part.trim()))
    .pipe(z.array(z.string().pipe(item as z.ZodType<T, string>)).min(1))
const map = z.string().transform((text, context) => {
  const pairs = text.split(',').map((pair) => pair.split('='))
  if (pairs.some(([header, field, more]) => !header?.trim() || !field?.trim() || more !== undefined))
    context.addIssue({ code: 'custom', message: 'is written header=field,header=field' })
  return new Map(pairs.map(([header = '', field = '']) => [header, field]))
})
const Flags = z.object({
  file: z.string().min(1),
  photos: z.string().min(1).optional(),
  consent: z.string().trim().min(3).max(200),
  'consent-given': z.string().optional(),
  'consent-way': ConsentInput.shape.way.default('paper'),
  purposes: list(Purpose),
  'consent-types': list(InformationType).optional(),
  as: z.string().min(1),
  owner: z.string().min(1).optional(),
  'business-type': BusinessType.optional(),
  map: map.optional(),
  encoding: z.enum(encodings).optional(),
  report: z
    .string()
    .regex(/\.(csv|ndjson)$/, 'ends in .csv or .ndjson')
    .optional(),
  apply: z.boolean().default(false),
})
export type ImportOptions = z.output<typeof Flags> & { report: string }

/** Throws ImportRefused naming all that is missing or wrong at once, never a value. */
export function readOptions(flags: string[]): ImportOptions {
  let given: Record<string, unknown>
  try {
    given = parseArgs({ args: flags, options: importFlags }).values
  } catch (error) {
    throw new ImportRefused(`${(error as Error).message.split('. ')[0]}.\n${helpLine}`)
  }
  const parsed = Flags.safeParse(given, { error: inPlainWords })
  if (!parsed.success) {
    const wrong = parsed.error.issues.map(({ path, message, code }) =>
      code === 'invalid_type' ? `--${String(path[0])} is missing` : `--${String(path[0])}: ${message}`,
    )
    throw new ImportRefused(`${[...new Set(wrong)].join('\n')}\n${helpLine}`)
  }
  const {
    file,
    apply,
    report = join(dirname(file), `${basename(file)}.${apply ? 'import' : 'dry-run'}.csv`),
  } = parsed.data
  return { ...parsed.data, report }
}
