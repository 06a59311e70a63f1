export const customersOfABranch = 4_000

/** A customer's id: in order of creation within the branch. */
export const customerOf = (branch: string, number: number): string => `c-${branch}-${String(number).padStart(5, '0')}`

const common = ['deposit', 'insurance', 'mortgage', 'car_loan', 'car_sale'] as const

/** What each is a customer for; one in two hundred for something else. */
export function segmentOf(customer: string | undefined): string | undefined {
  const n = Number(/-(\d+)$/.exec(customer ?? '')?.[1] ?? NaN)
  return Number.isNaN(n) ? undefined : n % 200 === 7 ? 'other' : common[n % common.length]
}
