import { Role, type PolicyCell, type PolicyDocument } from '@custodia/contracts'

const worded = (cell: PolicyCell | undefined): string => {
  if (!cell) return '-'
  const { reach, purpose, held, step_up, hours, networks } = cell
  const takes = [
    purpose && 'purpose',
    held && 'verdict',
    step_up && 'fresh proof',
    hours && 'working hours',
    networks && `networks ${networks.join(' ')}`,
  ].filter(Boolean)
  return [reach, ...takes].join('; ')
}

/** Empty where the change opened nothing, and took nobody else. */
const confirmation = ({ confirmed_by: by = '', confirmed_by_name: name }: PolicyDocument): string =>
  by === 'system' ? 'by itself: nobody else could confirm it' : (name ?? by)

/** For whoever audits with a spreadsheet: when, which version and which table, then one line a permission and a field. */
export const policyRows = (document: PolicyDocument, at: Date): string[][] => [
  ['exported_at', at.toISOString()],
  ['preset', document.preset],
  ['version', String(document.version)],
  ['sha256', document.hash],
  ['changed_at', document.changed_at ?? ''],
  ['changed_by', document.changed_by_name ?? document.changed_by ?? ''],
  ['confirmed_by', confirmation(document)],
  ['reason', document.reason ?? ''],
  ['larger_export', String(document.larger_export)],
  [],
  ['permission', ...Role.options],
  ...document.rows.map(({ permission, cells }) => [permission, ...Role.options.map((role) => worded(cells[role]))]),
  [],
  ['customer_field', ...Role.options],
  ...document.fields.map(({ field, cells }) => [field, ...Role.options.map((role) => cells[role])]),
]
