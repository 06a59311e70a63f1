import type { BusinessType } from './customer-form.js'

/** What is looked for. Never in the address of the page: names and ID numbers do not belong into a browser's history. */
export interface CustomerSearch {
  q: string
  business_type: BusinessType | null
  tag: string
  captured_from: string | null
  captured_to: string | null
  mine: boolean
}
export const everyone = (): CustomerSearch => ({
  q: '',
  business_type: null,
  tag: '',
  captured_from: null,
  captured_to: null,
  mine: false,
})

/** As the API takes it: what is empty is left out. */
export const queryOf = (search: CustomerSearch) => ({
  q: search.q.trim() || undefined,
  business_type: search.business_type ?? undefined,
  tag: search.tag.trim() || undefined,
  captured_from: search.captured_from ?? undefined,
  captured_to: search.captured_to ?? undefined,
  mine: search.mine ? ('true' as const) : undefined,
})

export const filterCount = ({ q: _q, ...filters }: CustomerSearch): number =>
  Object.values(queryOf({ ...filters, q: '' })).filter((value) => value !== undefined).length

/** From the first day on and up to the last: the other way round nothing can be found. */
export const daysReversed = ({ captured_from: from, captured_to: to }: CustomerSearch): boolean =>
  from !== null && to !== null && from > to

/** Where an arrow, Home or End leads in a list; -1 is above it, back in the search field. */
export const rowAfter = (key: string, at: number, count: number): number | undefined => {
  if (key === 'ArrowDown') return Math.min(count - 1, at + 1)
  if (key === 'ArrowUp') return at - 1
  if (key === 'Home') return 0
  return key === 'End' ? count - 1 : undefined
}

/** A file name that says what is in it and when it was made, and nobody's name. */
export const exportName = (count: number, wall: string): string =>
  `customers-${count}-${wall.replace(' ', '-').replace(':', '')}.csv`
