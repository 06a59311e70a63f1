import type { PeopleLineWhy } from '@custodia/contracts'
import { ProblemError } from '../gateway/problem.js'
import { and, eq, inArray, sql } from 'drizzle-orm'
import { hasSignInName, signInNameOf, type Account } from '../identity/account.js'
import type { CaptureService } from '../capture/capture.service.js'
import { fileHands } from '../power/told.js'
import type { Queries } from '../record-store/record-store.js'
import { accounts } from '../record-store/schema.js'
import type { JoinerTraits, Movers } from './movers.service.js'
import type { PeopleLine, PeopleRow, RefusedLine } from './people-file.js'

export interface PeopleResult {
  line: number
  username: string
  did: 'joined' | 'frozen' | 'told' | 'nothing' | 'refused'
  /** in words: why not, or the one-time link to hand over */
  note: string
  why?: PeopleLineWhy
  columns?: string[]
  link?: string
}

export interface PeopleOrder {
  by: Pick<Account, 'id' | 'role' | 'displayName'>
  apply: boolean
  /**
   * ordered by themself, on the page: leaves every line about an administrator undone, where one alone must not decide on
   * another. At a command line `by` is a name that somebody typed.
   */
  inPerson?: boolean
  /** throws when whoever ordered it may no longer; asked in each line's transaction */
  stillMay?: (tx: Queries) => Promise<void>
}

/** Carries out a file of joiners and leavers, leavers first: each line for itself, each with its event. */
export async function importPeople(
  { movers, capture }: { movers: Movers; capture: CaptureService },
  lines: readonly PeopleLine[],
  { by, apply, inPerson, stillMay }: PeopleOrder,
): Promise<PeopleResult[]> {
  const results: PeopleResult[] = []
  const hands = fileHands(by, inPerson ?? false)
  const held = await whyHeld()
  const inOrder = [...lines].sort((a, b) => Number(joins(a)) - Number(joins(b)) || a.line - b.line)
  for (const line of inOrder) {
    if ('problem' in line) results.push(asRefused(line))
    else results.push({ line: line.line, username: line.row.username, ...(await carryOut(line.row)) })
  }
  return results.sort((a, b) => a.line - b.line)

  async function carryOut(row: PeopleRow): Promise<Omit<PeopleResult, 'line' | 'username'>> {
    try {
      return await movers.store.serialisable(async (tx) => {
        await stillMay?.(tx)
        const [known] = await tx.select().from(accounts).where(hasSignInName(row.username))
        if (known?.role === 'admin' && inPerson) return so('refused', 'administrator')
        if (row.status === 'leaves') {
          if (!known) return so('nothing', 'unknown_person')
          if (known.breakGlass) return so('refused', 'sealed')
          if (known.status === 'disabled') return so('nothing', 'left_already')
          if (held) throw held
          if (apply) {
            await movers.leave(tx, known.id, by.id, hands)
            await written(known.id, 'left')
          }
          return { did: 'frozen', note: '' }
        }
        const traits = { id_number: row.id_number, phones: row.phone, addresses: row.address }
        if (row.status === 'stays') return tell(tx, known, traits)
        if (known) return so('nothing', 'here_already')
        if (!apply) return { did: 'joined', note: '' }
        const { username, display_name: displayName = username, role = 'staff', team = '', branch = '' } = row
        const joiner = { username, displayName, role, team, branch }
        const account = await movers.join(tx, joiner, traits, hands)
        const invitation = await movers.invite(tx, account, by.id)
        await written(account.id, 'joined')
        return { did: 'joined', note: invitation?.link ?? '', link: invitation?.link }
      })
    } catch (error) {
      if (error instanceof ProblemError)
        return { did: 'refused', note: error.extra.detail ?? error.toProblem('').title, why: whyOf(error.code) }
      throw error
    }
  }

  /** What colleagues' and relatives' records are known by; whoever stays keeps everything else. */
  async function tell(tx: Queries, known: Account | undefined, traits: JoinerTraits) {
    if (!known) return so('refused', 'unknown_person')
    if (!Object.values(traits).some(Boolean)) return so('nothing', 'nothing_new')
    if (apply) await written(known.id, 'told', await movers.tell(tx, known, traits))
    return { did: 'told' as const, note: '' }
  }

  /** All of the file's leavers or none: one that closes half the house is not carried out in part. */
  async function whyHeld(): Promise<ProblemError | undefined> {
    const { brake, store } = movers
    const names = lines.flatMap((line) => (leaves(line) ? signInNameOf(line.row.username) : []))
    const among = and(inArray(sql`lower(${accounts.username})`, names), eq(accounts.status, 'active'))
    if (!names.length) return undefined
    const check = () =>
      store.serialisable(async (tx) => {
        const leavers = await tx.select({ id: accounts.id }).from(accounts).where(among)
        if (leavers.length) await brake.require(tx, leavers.length)
      })
    try {
      await (apply ? brake.watch('file', check) : check())
      return undefined
    } catch (error) {
      if (error instanceof ProblemError && error.code === 'leavers_stopped') return error
      throw error
    }
  }

  /** The last step of the transaction. */
  async function written(subject: string, reason: string, fields?: string[]): Promise<void> {
    const facts = { actor: by.id, actor_role: by.role, subject, reason, fields }
    await capture.append([capture.build('role_change', 'granted', facts)])
  }
}

const words = {
  administrator: 'administrators are added, changed and closed one by one, on the page Accounts',
  unknown_person: 'nobody has this user name',
  sealed: 'a sealed account is closed by hand',
  left_already: 'has left already',
  here_already: 'is here already',
  nothing_new: 'tells nothing new',
} satisfies Partial<Record<PeopleLineWhy, string>>
const so = (did: PeopleResult['did'], why: keyof typeof words) => ({ did, note: words[why], why })

const whyOf = (code: ProblemError['code']): PeopleLineWhy =>
  code === 'leavers_stopped' || code === 'last_administrator' ? code : 'not_done'

const asRefused = ({ problem: note, ...line }: RefusedLine): PeopleResult => ({ ...line, did: 'refused', note })

const leaves = (line: PeopleLine): line is Extract<PeopleLine, { row: PeopleRow }> =>
  'row' in line && line.row.status === 'leaves'
const joins = (line: PeopleLine): boolean => 'row' in line && line.row.status === 'joins'

/** The administrator in whose name a file is carried out. */
export async function administratorNamed(movers: Movers, username: string) {
  const [account] = await movers.store.db.select().from(accounts).where(hasSignInName(username))
  return account?.role === 'admin' && account.status === 'active' ? account : undefined
}
