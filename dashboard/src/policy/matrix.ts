import { Role, type FieldLevel, type Permission, type PolicyCell, type PolicyDocument } from '@custodia/contracts'

type Tables = Pick<PolicyDocument, 'rows' | 'fields'>
type Cells<T> = Partial<Record<Role, T>>

export interface MatrixRow<T> {
  name: string
  cells: Cells<T>
  /** how it would be under the other preset, for roles where that differs */
  other: Cells<T | null>
}

/** The words of the texts have no dots in them. */
export const wordOf = (permission: string) => permission.replaceAll('.', '_') as Dashed<Permission>
export type Dashed<P extends string> = P extends `${infer A}.${infer B}` ? `${A}_${B}` : P

const reachOf = (cell: PolicyCell | undefined) => cell?.reach ?? null

/** Where the other preset reaches elsewhere; conditions are the same under both. */
export const permissionRows = (shown: Tables, other: Tables | undefined): MatrixRow<PolicyCell>[] =>
  shown.rows.map(({ permission: name, cells }) => {
    const theirs = other?.rows.find((row) => row.permission === name)?.cells
    const differing = theirs ? Role.options.filter((role) => reachOf(cells[role]) !== reachOf(theirs[role])) : []
    return { name, cells, other: Object.fromEntries(differing.map((role) => [role, theirs?.[role] ?? null])) }
  })

export const fieldRows = (shown: Tables, other: Tables | undefined): MatrixRow<FieldLevel>[] =>
  shown.fields.map(({ field: name, cells }) => {
    const theirs = other?.fields.find((row) => row.field === name)?.cells
    const differing = theirs ? Role.options.filter((role) => cells[role] !== theirs[role]) : []
    return { name, cells, other: Object.fromEntries(differing.map((role) => [role, theirs?.[role] ?? null])) }
  })

export const differing = <T>(rows: readonly MatrixRow<T>[], roles: readonly Role[]): number =>
  rows.filter((row) => roles.some((role) => role in row.other)).length
