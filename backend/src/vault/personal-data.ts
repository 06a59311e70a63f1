import type { InformationType, PersonalField, PhotoKind } from '@custodia/contracts'
import type { z } from 'zod'
import type { customers } from '../record-store/schema.js'

export type Field = z.infer<typeof PersonalField>
export type Kind = z.infer<typeof PhotoKind>
export type Information = z.infer<typeof InformationType>
export type CustomerRow = typeof customers.$inferSelect

/** The column that holds a personal field, sealed. */
export const columnOf = {
  name: 'name',
  id_number: 'idNumber',
  phone: 'phone',
  email: 'email',
  address: 'address',
  account_number: 'accountNumber',
} as const satisfies Record<Field, keyof CustomerRow>
