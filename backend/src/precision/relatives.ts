import type { AccessEvent } from '@custodia/contracts'
import { branches, type Person } from './company.js'
import { customerOf } from './customers.js'

/** Staff are customers of the branch they began in, and so are two people at home with every second of them; what the gateway would see in them. */
const firstOfStaff = 100
const firstAtHome = 1_000
const atHome = 2
const staff = 200

const banksAt = (member: number, branch: string): boolean => branches[member % branches.length] === branch

const hasFamilyHere = (number: number): boolean => number % 4 < 2

export const householdOf = ({ branch, number }: Person): string[] =>
  Array.from({ length: hasFamilyHere(number) ? atHome : 0 }, (_, n) =>
    customerOf(branch, firstAtHome + number * atHome + n),
  )

/** Those of the company who bank at this person's branch. */
export const colleaguesOf = ({ branch, number }: Person): string[] =>
  Array.from({ length: staff }, (_, member) => member)
    .filter((member) => member !== number && banksAt(member, branch))
    .map((member) => customerOf(branch, firstOfStaff + member))

/** As the gateway works it out for this person and this customer. */
export function relationTo({ branch, number }: Person, customer: string | undefined): Pick<AccessEvent, 'relation'> {
  const [, ofBranch, digits] = /^c-(.*)-(\d+)$/.exec(customer ?? '') ?? []
  if (ofBranch !== branch) return {}
  const n = Number(digits)
  if (Math.floor((n - firstAtHome) / atHome) === number && hasFamilyHere(number))
    return { relation: n % atHome ? 'same_address+same_surname' : 'same_address' }
  const member = n - firstOfStaff
  if (member < 0 || member >= staff || !banksAt(member, branch)) return {}
  return { relation: member === number ? 'self' : 'colleague' }
}
