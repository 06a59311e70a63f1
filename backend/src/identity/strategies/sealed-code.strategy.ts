import { Inject, Injectable } from '@nestjs/common'
import { PassportStrategy } from '@nestjs/passport'
import { recoveryRoutes } from '@custodia/contracts'
import { and, eq } from 'drizzle-orm'
import { Strategy } from 'passport-custom'
import { RECORD_STORE } from '../../adapters.js'
import { ProblemError } from '../../gateway/problem.js'
import { validate, type GatewayRequest } from '../../gateway/serve.js'
import type { Queries, RecordStore } from '../../record-store/record-store.js'
import { accounts } from '../../record-store/schema.js'
import { liftFreeze } from '../../response/lift-freeze.js'
import { raise } from '../../response/raise.js'
import { systemAlert } from '../../response/system-alert.js'
import { actorFacts, hasSignInName, type Account } from '../account.js'
import { Administrators } from '../administrators.js'
import type { Proven } from '../admission.service.js'
import { Attempts } from '../attempts.service.js'
import { clearFactors } from '../factor-reset.js'
import { PasswordRules } from '../password-rules.js'
import { Passwords } from '../passwords.js'
import { SealedCodeService } from '../sealed-code.service.js'

const minutes = 15
const here = { door: 'password', doorSubject: null } as const

/**
 * The sealed code and the name of an administrator: their factors end, and a short session leads to new ones. Everybody hears of it.
 * It is the house's last way in, and opens what is frozen or closed as well; while another administrator can come in it opens
 * nothing, or whoever prints it would be two administrators in one.
 */
@Injectable()
export class SealedCodeStrategy extends PassportStrategy(Strategy, 'sealed-code') {
  constructor(
    @Inject(RECORD_STORE) private readonly store: RecordStore,
    private readonly sealedCode: SealedCodeService,
    private readonly passwords: Passwords,
    private readonly rules: PasswordRules,
    private readonly attempts: Attempts,
    private readonly administrators: Administrators,
  ) {
    super()
  }

  async validate(request: GatewayRequest): Promise<Proven> {
    const { access } = request
    access.about({ factor: 'sealed_code' })
    const { username, code, password } = validate(recoveryRoutes.signInSealedCode.body, request.body, 'body')
    const [account] = await this.store.db
      .select()
      .from(accounts)
      .where(and(hasSignInName(username), eq(accounts.role, 'admin')))
    access.about(
      account ? { ...actorFacts(account), subject: account.id } : { actor: this.passwords.actorOfUnknown(username) },
    )
    const attempt = { factor: 'sealed_code', access } as const
    await this.attempts.begin(attempt)
    const burn = await this.sealedCode.verify(code)
    if (!account) throw new ProblemError('bad_credentials')
    await this.attempts.succeeded(attempt)
    if (await this.administrators.isAnother(this.store.db, account)) throw new ProblemError('administrator_present')
    this.rules.require(password, account.username)
    const passwordHash = await this.passwords.hash(password)
    const opens = isShut(account)
    return {
      account: { ...account, ...here },
      level: 'first_factor',
      minutes,
      facts: { subject: account.id, reason: 'sealed_code' },
      settle: async (tx) => {
        await burn(tx, account)
        await clearFactors(tx, account.id, passwordHash)
        // A provider or a directory may be what does not open.
        await tx.update(accounts).set(here).where(eq(accounts.id, account.id))
        if (opens) await this.open(tx, account)
        await this.beLoud(tx, account)
      },
    }
  }

  private async open(tx: Queries, { id, freezeId }: Account): Promise<void> {
    await tx.update(accounts).set({ status: 'active' }).where(eq(accounts.id, id))
    if (freezeId) await liftFreeze(tx, id, 'system', 'the sealed code was used, and no administrator could come in')
  }

  private async beLoud(tx: Queries, { id, displayName: name, demo }: Account): Promise<void> {
    const at = new Date()
    const alert = systemAlert({
      rule: 'break-glass',
      title: 'The sealed code was used',
      text: {
        en: `The sealed code let ${name} in, who enrols new factors now. Find out at once who opened it, and print a new one.`,
        zh: `有人使用了封存应急码，以 ${name} 的身份进入并重新登记验证方式。请立即查明是谁启封，并打印新的应急码。`,
      },
      eventId: `sealed-code ${at.toISOString()}`,
      actor: id,
      at,
      demo: demo || undefined,
    })
    await raise(tx, alert)
  }
}

const isShut = ({ status, frozenUntil }: Account): boolean =>
  status === 'disabled' || (frozenUntil !== null && frozenUntil.getTime() > Date.now())
