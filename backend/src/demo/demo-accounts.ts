import { randomBytes } from 'node:crypto'
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Inject, Injectable } from '@nestjs/common'
import { Role } from '@custodia/contracts'
import { z } from 'zod'
import { RECORD_STORE } from '../adapters.js'
import { untilAnswered } from '@custodia/streams/event-log'
import { CaptureService } from '../capture/capture.service.js'
import { CONFIG, type Config } from '../config.js'
import { hasSignInName, newAccount } from '../identity/account.js'
import { Passwords } from '../identity/passwords.js'
import { TotpService } from '../identity/totp.service.js'
import type { RecordStore } from '../record-store/record-store.js'
import { accounts } from '../record-store/schema.js'
import { cast, type CastMember } from './cast.js'

/** How a demo person signs in. */
export const DemoAccount = z.object({ username: z.string(), password: z.string(), totpSecret: z.string(), role: Role })
export type DemoAccount = z.infer<typeof DemoAccount>

/** Makes the demo people and tells how they sign in, in a file that only its owner can read. */
@Injectable()
export class DemoAccounts {
  private readonly file: string

  constructor(
    @Inject(CONFIG) config: Config,
    @Inject(RECORD_STORE) private readonly store: RecordStore,
    private readonly capture: CaptureService,
    private readonly passwords: Passwords,
    private readonly totp: TotpService,
  ) {
    this.file = join(config.dataDir, 'demo-accounts.json')
  }

  /** Those of an earlier start when the file is there. */
  async install(): Promise<DemoAccount[]> {
    const known = this.read()
    if (known) return known
    const made = await Promise.all(cast.map((member) => untilAnswered(() => this.make(member))))
    writeFileSync(`${this.file}.new`, `${JSON.stringify(made, undefined, 2)}\n`, { mode: 0o600 })
    renameSync(`${this.file}.new`, this.file)
    return made
  }

  remove(): void {
    rmSync(this.file, { force: true })
  }

  private read(): DemoAccount[] | undefined {
    try {
      return z.array(DemoAccount).parse(JSON.parse(readFileSync(this.file, 'utf8')))
    } catch {
      return undefined // not there, or cut off by a crash: made anew
    }
  }

  private async make({ username, displayName, role, team, branch }: CastMember): Promise<DemoAccount> {
    const password = randomBytes(15).toString('base64url')
    const passwordHash = await this.passwords.hash(password)
    // A name that a real person has already is left to them.
    const [taken] = await this.store.db
      .select({ id: accounts.id, demo: accounts.demo })
      .from(accounts)
      .where(hasSignInName(username))
    const account = newAccount({
      username: taken && !taken.demo ? `demo.${username}` : username,
      displayName,
      role,
      team,
      branch,
      passwordHash,
      demo: true,
    })
    if (taken?.demo) account.id = taken.id
    await this.store.db.transaction(async (tx) => {
      await tx.insert(accounts).values(account).onConflictDoUpdate({ target: accounts.id, set: { passwordHash } })
      await this.capture.append([
        this.capture.build('role_change', 'granted', {
          actor: 'system',
          subject: account.id,
          reason: 'demo data',
          demo: true,
        }),
      ])
    })
    return { username: account.username, password, totpSecret: await this.totp.install(account.id), role }
  }
}
