import { createHash } from 'node:crypto'
import { Inject, Injectable } from '@nestjs/common'
import type { BodyOf, authRoutes } from '@custodia/contracts'
import { and, eq, gt, lte, sql } from 'drizzle-orm'
import * as oidc from 'openid-client'
import { RECORD_STORE } from '../../adapters.js'
import { CONFIG, type Config } from '../../config.js'
import type { Origin } from '../../gateway/caller.js'
import { ProblemError } from '../../gateway/problem.js'
import type { RecordStore } from '../../record-store/record-store.js'
import { oidcFlows } from '../../record-store/schema.js'
import type { OutsidePerson } from './outside-people.js'
import { keyNamedBy, readLogoutToken, type ProviderLogout } from './logout-token.js'
import { ProviderKeys } from './provider-keys.js'
import type { OidcSettings } from './settings.js'

const minutes = 10
const hashOf = (state: string): Buffer => createHash('sha256').update(state).digest()

/**
 * Authorization code with PKCE, nonce and state, each used once, in the browser it began in. The answer's issuer, the ID token's
 * signature, issuer, audience, times and nonce are checked by the library; signatures because it was told to.
 */
@Injectable()
export class OidcService {
  private known?: Promise<oidc.Configuration>
  private readonly redirectUri: string
  private readonly keys = new ProviderKeys()

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(RECORD_STORE) private readonly store: RecordStore,
  ) {
    this.redirectUri = `${config.http.origin}/sign-in/oidc`
  }

  get settings(): OidcSettings {
    if (!this.config.oidc) throw new ProblemError('not_found')
    return this.config.oidc
  }

  async begin({ device = '' }: Pick<Origin, 'device'>): Promise<{ url: string }> {
    const { maxAgeSeconds } = this.settings
    const provider = await this.provider()
    const [state, nonce, verifier] = [oidc.randomState(), oidc.randomNonce(), oidc.randomPKCECodeVerifier()]
    await this.store.db.delete(oidcFlows).where(lte(oidcFlows.expiresAt, sql`now()`))
    await this.store.db.insert(oidcFlows).values({
      stateHash: hashOf(state),
      nonce,
      verifier,
      device,
      expiresAt: sql`now() + make_interval(mins => ${minutes})`,
    })
    const url = oidc.buildAuthorizationUrl(provider, {
      redirect_uri: this.redirectUri,
      scope: 'openid profile email',
      state,
      nonce,
      code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      ...(maxAgeSeconds && { max_age: String(maxAgeSeconds) }),
    })
    return { url: url.href }
  }

  /** Who came back, and whether the provider saw a second factor that this house trusts. */
  async finish(
    { code, state, iss }: BodyOf<typeof authRoutes.signInOidc>,
    { device = '' }: Pick<Origin, 'device'>,
  ): Promise<{ person: OutsidePerson; isStrong: boolean; sid: string | undefined }> {
    const { settings } = this
    const [flow] = await this.store.db
      .delete(oidcFlows)
      .where(
        and(eq(oidcFlows.stateHash, hashOf(state)), eq(oidcFlows.device, device), gt(oidcFlows.expiresAt, sql`now()`)),
      )
      .returning()
    if (!flow) throw new ProblemError('sign_in_over')
    const provider = await this.provider()
    const came = new URL(this.redirectUri)
    came.search = new URLSearchParams({ code, state, ...(iss ? { iss } : {}) }).toString()
    const claims = await this.claimsOf(provider, came, { ...flow, state })
    const words = (claim: unknown): string[] => [claim].flat().filter((word) => typeof word === 'string')
    const [username] = words(claims[settings.usernameClaim])
    if (!username) throw new ProblemError('no_account', { detail: 'The provider does not say your user name.' })
    return {
      person: {
        door: 'oidc',
        subject: subjectAt(claims.iss, claims.sub),
        username,
        displayName: words(claims['name'])[0] ?? username,
        groups: words(claims[settings.groupsClaim]),
      },
      sid: words(claims['sid'])[0],
      isStrong: [...words(claims['amr']), ...words(claims['acr'])].some((word) => settings.trustedMfa.has(word)),
    }
  }

  /** What the provider says of somebody's end there; undefined when it is not the provider who says so. */
  async readLogout(token: string): Promise<ProviderLogout | undefined> {
    const { settings } = this
    const provider = await this.provider()
    const { issuer, jwks_uri: address } = provider.serverMetadata()
    const keys = address ? await this.keys.of(address, keyNamedBy(token)).catch(unavailable) : []
    return readLogoutToken(token, { issuer, clientId: settings.clientId, keys, now: Date.now() })
  }

  /** Who that is to us: the subject that an account is pinned to. */
  async subjectOf(sub: string): Promise<string> {
    return subjectAt((await this.provider()).serverMetadata().issuer, sub)
  }

  /** Where to end the session at the provider, too; undefined where it has no such place. */
  async endUrl(): Promise<string | undefined> {
    if (!this.config.oidc) return undefined
    const provider = await this.provider().catch(() => undefined)
    if (!provider?.serverMetadata().end_session_endpoint) return undefined
    return oidc.buildEndSessionUrl(provider, { post_logout_redirect_uri: `${this.config.http.origin}/sign-in` }).href
  }

  private async claimsOf(
    provider: oidc.Configuration,
    came: URL,
    flow: { state: string; nonce: string; verifier: string },
  ): Promise<oidc.IDToken> {
    try {
      const tokens = await oidc.authorizationCodeGrant(provider, came, {
        expectedState: flow.state,
        expectedNonce: flow.nonce,
        pkceCodeVerifier: flow.verifier,
        idTokenExpected: true,
        // the ID token must say when, or it is refused
        ...(this.settings.maxAgeSeconds && { maxAge: this.settings.maxAgeSeconds }),
      })
      const claims = tokens.claims()
      if (!claims) throw new ProblemError('provider_answer_wrong')
      if (claims[this.settings.usernameClaim] || !provider.serverMetadata().userinfo_endpoint) return claims
      // What the ID token itself says goes before.
      return { ...(await oidc.fetchUserInfo(provider, tokens.access_token, claims.sub)), ...claims }
    } catch (cause) {
      throw asProblem(cause)
    }
  }

  /** Asked for once; again when the answer was none. */
  private provider(): Promise<oidc.Configuration> {
    const { settings } = this // without them there is no door, rather than one that is out of order
    this.known ??= this.discover(settings).catch((cause: unknown) => {
      this.known = undefined
      return unavailable(cause)
    })
    return this.known
  }

  private async discover({ issuer, clientId, clientSecret }: OidcSettings): Promise<oidc.Configuration> {
    // Settings let plain HTTP pass for loopback alone.
    const plain = issuer.protocol === 'http:' ? [oidc.allowInsecureRequests] : []
    const execute = [...plain, oidc.enableNonRepudiationChecks]
    return oidc.discovery(issuer, clientId, undefined, oidc.ClientSecretBasic(clientSecret), { execute, timeout: 10 })
  }
}

const subjectAt = (issuer: string, sub: string): string => `${issuer}#${sub}`

function unavailable(cause: unknown): never {
  throw new ProblemError('provider_unavailable', { headers: { 'retry-after': '5' } }, { cause })
}

/** A network that fails is no wrong proof; whatever else goes wrong is. */
function asProblem(cause: unknown): ProblemError {
  if (cause instanceof ProblemError) return cause
  const isAnswer = cause instanceof oidc.ClientError && cause.code !== 'OAUTH_TIMEOUT'
  const isRefusal =
    isAnswer || cause instanceof oidc.ResponseBodyError || cause instanceof oidc.AuthorizationResponseError
  return new ProblemError(isRefusal ? 'provider_answer_wrong' : 'provider_unavailable', {}, { cause })
}
