import { Inject, Injectable } from '@nestjs/common'
import { hash, verify, type Algorithm } from '@node-rs/argon2'
import { createHmac } from 'node:crypto'
import { KEY_PROVIDER } from '../adapters.js'
import type { KeyProvider } from '../vault/keys/key-provider.js'
import { signInNameOf } from './account.js'

/** OWASP's first choice for argon2id: 19 MiB, two passes, one lane. */
const parameters = {
  algorithm: 2 satisfies Algorithm.Argon2id,
  memoryCost: 19_456,
  timeCost: 2,
  parallelism: 1,
  outputLen: 32,
}

/** argon2id, and what keeps unknown names from standing out. */
@Injectable()
export class Passwords {
  private readonly nameKey: Buffer
  private readonly nobody: Promise<string>

  constructor(@Inject(KEY_PROVIDER) keys: KeyProvider) {
    this.nameKey = keys.hmacKey('sign-in-name')
    this.nobody = this.hash('nobody has this password')
  }

  hash(password: string): Promise<string> {
    return hash(password.normalize('NFKC'), parameters)
  }

  /** Takes as long for a name that does not exist as for one that does. */
  async verify(passwordHash: string | null | undefined, password: string): Promise<boolean> {
    const matches = await verify(passwordHash ?? (await this.nobody), password.normalize('NFKC'))
    return matches && typeof passwordHash === 'string'
  }

  /** How a name that belongs to nobody is written down: people mistype passwords into this field. */
  actorOfUnknown(typed: string): string {
    return `hmac:${createHmac('sha256', this.nameKey).update(signInNameOf(typed)).digest('hex')}`
  }
}
