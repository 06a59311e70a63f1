import { Inject, Injectable } from '@nestjs/common'
import {
  generateAuthenticationOptions,
  generateRegistrationOptions,
  SettingsService,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
  type AuthenticationResponseJSON,
  type RegistrationResponseJSON,
} from '@simplewebauthn/server'
import { and, eq, ne, or, sql } from 'drizzle-orm'
import { v7 as uuidv7 } from 'uuid'
import { RECORD_STORE } from '../adapters.js'
import { CONFIG, type Config } from '../config.js'
import type { Caller } from '../gateway/caller.js'
import { ProblemError } from '../gateway/problem.js'
import type { Queries, RecordStore } from '../record-store/record-store.js'
import { accounts, passkeys } from '../record-store/schema.js'
import type { Account } from './account.js'
import { requireModel } from './attestation.js'
import { ChallengesService } from './challenges.service.js'

type Ceremony = { challenge_id: string; response: Record<string, unknown> }
type Options = { challenge_id: string; options: Record<string, unknown> }
type Row = typeof passkeys.$inferSelect

/** Passkeys (WebAuthn): user verification always, origin and RP id from the configuration. */
@Injectable()
export class PasskeysService {
  constructor(
    @Inject(RECORD_STORE) private readonly store: RecordStore,
    @Inject(CONFIG) private readonly config: Config,
    private readonly challenges: ChallengesService,
  ) {
    const { roots: certificates } = config.passkeys
    if (certificates.length) SettingsService.setRootCertificates({ identifier: 'packed', certificates })
  }

  /** For anybody: the passkey itself says whose it is. For a person who gave a password: only theirs. */
  async signInOptions(accountId?: string): Promise<Options> {
    const mine = accountId ? await this.of(accountId) : []
    const options = await generateAuthenticationOptions({
      rpID: this.config.http.rpId,
      userVerification: 'required',
      allowCredentials: mine.map(descriptor),
    })
    return {
      challenge_id: await this.challenges.remember('proof', options.challenge, accountId),
      options: { ...options },
    }
  }

  async enrolmentOptions(caller: Pick<Caller, 'id' | 'username' | 'displayName'>): Promise<Options> {
    const options = await generateRegistrationOptions({
      rpName: 'Custodia',
      rpID: this.config.http.rpId,
      userID: new Uint8Array(Buffer.from(caller.id)),
      userName: caller.username,
      userDisplayName: caller.displayName,
      attestationType: this.config.passkeys.models.length ? 'direct' : 'none',
      excludeCredentials: (await this.of(caller.id)).map(descriptor),
      authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
    })
    return {
      challenge_id: await this.challenges.remember('enrolment', options.challenge, caller.id),
      options: { ...options },
    }
  }

  /** Checks a new passkey; what is returned adds it. */
  async verifyEnrolment(
    accountId: string,
    ceremony: Ceremony & { name: string },
  ): Promise<{ id: string; add: (tx: Queries) => Promise<void> }> {
    const expectedChallenge = await this.challenges.take('enrolment', ceremony.challenge_id, accountId)
    const result = await verifyRegistrationResponse({
      response: ceremony.response as unknown as RegistrationResponseJSON,
      expectedChallenge,
      expectedOrigin: this.config.http.origin,
      expectedRPID: this.config.http.rpId,
      requireUserVerification: true,
    }).catch(notProven)
    if (!result.verified) throw new ProblemError('bad_credentials')
    const { credential, aaguid } = result.registrationInfo
    requireModel(this.config.passkeys, result.registrationInfo)
    const id = uuidv7()
    const add = async (tx: Queries) => {
      const added = await tx
        .insert(passkeys)
        .values({
          id,
          accountId,
          credentialId: credential.id,
          publicKey: Buffer.from(credential.publicKey),
          counter: credential.counter,
          transports: credential.transports ?? [],
          name: ceremony.name,
          aaguid,
        })
        .onConflictDoNothing()
        .returning({ id: passkeys.id })
      if (!added.length) throw new ProblemError('conflict')
    }
    return { id, add }
  }

  /** Whose passkey answered, whether it proves anything or not: a failed attempt is written down with it. */
  async ownerOf(ceremony: Ceremony): Promise<{ account: Account; passkey: Row } | undefined> {
    const credentialId = String(ceremony.response['id'])
    const [row] = await this.store.db
      .select({ account: accounts, passkey: passkeys })
      .from(passkeys)
      .innerJoin(accounts, eq(accounts.id, passkeys.accountId))
      .where(eq(passkeys.credentialId, credentialId))
    return row
  }

  /** Checks the answer of a known passkey; what is returned moves its counter, which must grow where it counts at all. */
  async verifySignIn(
    passkey: Row,
    ceremony: Ceremony,
    expectedChallenge: string,
  ): Promise<(tx: Queries) => Promise<void>> {
    const result = await verifyAuthenticationResponse({
      response: ceremony.response as unknown as AuthenticationResponseJSON,
      expectedChallenge,
      expectedOrigin: this.config.http.origin,
      expectedRPID: this.config.http.rpId,
      requireUserVerification: true,
      credential: {
        id: passkey.credentialId,
        publicKey: new Uint8Array(passkey.publicKey),
        counter: passkey.counter,
        transports: passkey.transports,
      },
    }).catch(notProven)
    if (!result.verified) throw new ProblemError('bad_credentials')
    const counter = result.authenticationInfo.newCounter
    return async (tx) => {
      const counts = or(sql`${passkeys.counter} < ${counter}`, sql`${passkeys.counter} = 0 and ${counter} = 0`)
      const moved = await tx
        .update(passkeys)
        .set({ counter, lastUsedAt: sql`now()` })
        .where(and(eq(passkeys.id, passkey.id), counts))
        .returning({ id: passkeys.id })
      if (!moved.length) throw new ProblemError('bad_credentials')
    }
  }

  async rename(tx: Queries, accountId: string, id: string, name: string): Promise<void> {
    const renamed = await tx
      .update(passkeys)
      .set({ name })
      .where(and(eq(passkeys.accountId, accountId), eq(passkeys.id, id)))
      .returning({ id: passkeys.id })
    if (!renamed.length) throw new ProblemError('not_found')
  }

  /** Removes one of a person's passkeys; whoever has no other factor keeps it. */
  async remove(tx: Queries, accountId: string, id: string): Promise<void> {
    const [account] = await tx.select().from(accounts).where(eq(accounts.id, accountId)).for('update')
    const [other] = await tx
      .select({ id: passkeys.id })
      .from(passkeys)
      .where(and(eq(passkeys.accountId, accountId), ne(passkeys.id, id)))
      .limit(1)
    const removed = await tx
      .delete(passkeys)
      .where(and(eq(passkeys.accountId, accountId), eq(passkeys.id, id)))
      .returning({ id: passkeys.id })
    if (!removed.length) throw new ProblemError('not_found')
    if (!other && !account?.totpConfirmed) throw new ProblemError('last_factor')
  }

  private of(accountId: string): Promise<Row[]> {
    return this.store.db.select().from(passkeys).where(eq(passkeys.accountId, accountId))
  }
}

const descriptor = (row: Row) => ({ id: row.credentialId, transports: row.transports })

/** The library throws a sentence for each way a ceremony can be wrong; the person at the other end hears one answer. */
const notProven = (cause: unknown): never => {
  throw new ProblemError('bad_credentials', {}, { cause })
}
