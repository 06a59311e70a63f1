import type { BodyInput, Person, Routes, SignInDoor } from '@custodia/contracts'

/** An account as its form holds it; an empty `email` is none. */
export interface AccountFields {
  display_name: string
  role: Person['role']
  team: string
  branch: string
  break_glass: boolean
  manager: string | null
  door: SignInDoor
  email: string
}

export const fieldsOf = (person: Person | undefined): AccountFields => ({
  display_name: person?.display_name ?? '',
  role: person?.role ?? 'staff',
  team: person?.team ?? '',
  branch: person?.branch ?? '',
  break_glass: person?.break_glass ?? false,
  manager: person?.manager ?? null,
  door: person?.door ?? 'password',
  email: person?.email ?? '',
})

/** As they are sent: without blanks around them. */
export const trimmed = (fields: AccountFields): AccountFields => ({
  ...fields,
  display_name: fields.display_name.trim(),
  team: fields.team.trim(),
  branch: fields.branch.trim(),
  email: fields.email.trim(),
})

/** What of it is new, and nothing else: a right that is sent takes a proof, whether it changes or not. */
export function changeOf(person: Person, fields: AccountFields): BodyInput<Routes['accountUpdate']> {
  const [before, now] = [trimmed(fieldsOf(person)), trimmed(fields)]
  const names = Object.keys(now) as (keyof AccountFields)[]
  const changed = Object.fromEntries(
    names.filter((name) => now[name] !== before[name]).map((name) => [name, now[name]]),
  ) as Partial<AccountFields>
  return { ...changed, ...(changed.email === '' && { email: null }) } as BodyInput<Routes['accountUpdate']>
}

/** What decides where and how they come in takes a reason as well. */
export const wantsReason = ({ door, email }: BodyInput<Routes['accountUpdate']>): boolean =>
  door !== undefined || email !== undefined
