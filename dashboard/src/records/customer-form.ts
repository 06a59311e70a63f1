import { idNumberState, type MaskedCustomer, normaliseIdNumber } from '@custodia/contracts'

export type BusinessType = MaskedCustomer['business_type']
/** A customer as it is filled in. */
export interface CustomerDraft {
  name: string
  id_number: string
  phone: string
  email: string
  address: string
  account_number: string
  business_type: BusinessType | null
  tags: string[]
}
export const emptyCustomer = (): CustomerDraft => ({
  name: '',
  id_number: '',
  phone: '',
  email: '',
  address: '',
  account_number: '',
  business_type: null,
  tags: [],
})

export type DraftGap = 'name' | 'id_number' | 'email' | 'business_type'
const looksLikeEmail = (text: string): boolean => /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(text)

const emailGap = (email: string): DraftGap[] => (email.trim() && !looksLikeEmail(email.trim()) ? ['email'] : [])

/** What is missing or wrong in a new customer. */
export const gapsOfNew = (draft: CustomerDraft, today: Date): DraftGap[] => [
  ...(draft.name.trim() ? [] : ['name' as const]),
  ...(idNumberState(draft.id_number, today) === 'valid' ? [] : ['id_number' as const]),
  ...emailGap(draft.email),
  ...(draft.business_type ? [] : ['business_type' as const]),
]

/** In an edit a field that is left empty stays as it is. */
export const gapsOfEdit = (draft: CustomerDraft, today: Date): DraftGap[] => [
  ...(['valid', 'empty'].includes(idNumberState(draft.id_number, today)) ? [] : ['id_number' as const]),
  ...emailGap(draft.email),
]

const texts = ['name', 'phone', 'email', 'address', 'account_number'] as const

/** The fields that were filled in, ready to send. */
export const filledIn = (draft: CustomerDraft): Partial<Record<(typeof texts)[number] | 'id_number', string>> => {
  const id_number = normaliseIdNumber(draft.id_number)
  const entries = texts.map((field) => [field, draft[field].trim()] as const).filter(([, value]) => value)
  return { ...Object.fromEntries(entries), ...(id_number && { id_number }) }
}
