import type { JsonWebKey } from 'node:crypto'
import { z } from 'zod'

const Keys = z.object({ keys: z.array(z.looseObject({ kty: z.string() })).max(100) })
const timeoutMs = 10_000
/** So often at the most are they fetched again for a key that nobody knows: a stranger can make up as many as they like. */
const restMs = 60_000

/** The keys with which the provider signs, as it publishes them; asked for again when it names a new one. */
export class ProviderKeys {
  private keys: JsonWebKey[] = []
  private fetchedAt = -Infinity

  async of(address: string, kid: string | undefined): Promise<readonly JsonWebKey[]> {
    const isKnown = this.keys.some((key) => kid === undefined || key['kid'] === kid)
    if (isKnown || performance.now() - this.fetchedAt < restMs) return this.keys
    this.fetchedAt = performance.now()
    const answer = await fetch(address, { redirect: 'error', signal: AbortSignal.timeout(timeoutMs) })
    if (!answer.ok) throw new Error(`the provider's keys: ${answer.status}`)
    return (this.keys = Keys.parse(await answer.json()).keys)
  }
}
