import type { Role } from '@custodia/contracts'
import type { NestFastifyApplication } from '@nestjs/platform-fastify'
import { v7 as uuidv7 } from 'uuid'
import { RECORD_STORE } from '../adapters.js'
import { generateSync } from 'otplib'
import { newAccount, type Account } from '../identity/account.js'
import { Passwords } from '../identity/passwords.js'
import { TotpService } from '../identity/totp.service.js'
import type { RecordStore } from '../record-store/record-store.js'
import { accounts } from '../record-store/schema.js'

/** What somebody needs to sign in. */
export interface SignsIn {
  account: Pick<Account, 'username'>
  password: string
  totpSecret: string
}

export interface TestPerson extends SignsIn {
  account: Account
}

export type PersonOver = Partial<{ branch: string; team: string; username: string }>

const stepSeconds = 30
const used = new WeakMap<SignsIn, number>()

/** The code this person's app shows; where that was used already, the next one: clocks may be a step apart. */
export function codeOf(person: SignsIn): string {
  const step = Math.max(Math.floor(Date.now() / 1000 / stepSeconds), (used.get(person) ?? 0) + 1)
  used.set(person, step)
  return generateSync({ secret: person.totpSecret, epoch: step * stepSeconds })
}

const password = 'a long enough password'

/** New people with a password and TOTP. They share one password hash: making one is slow on purpose. */
export class TestPeople {
  private hash?: Promise<string>

  constructor(private readonly app: NestFastifyApplication) {}

  async add(role: Role, over: PersonOver = {}): Promise<TestPerson> {
    const username = over.username ?? `${role}-${uuidv7().slice(-12)}`
    const account = newAccount({
      username,
      displayName: `${role} ${username}`,
      role,
      team: over.team ?? 'service',
      branch: over.branch ?? 'shanghai',
      passwordHash: await (this.hash ??= this.app.get(Passwords).hash(password)),
    })
    await this.app.get<RecordStore>(RECORD_STORE).db.insert(accounts).values(account)
    return { account, password, totpSecret: await this.app.get(TotpService).install(account.id) }
  }
}
