import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { Inject, Injectable } from '@nestjs/common'
import { KEY_PROVIDER } from '../adapters.js'
import type { KeyProvider } from '../vault/keys/key-provider.js'

export const deviceCookie = '__Host-custodia-device'
export const deviceCookieOptions = {
  path: '/',
  httpOnly: true,
  secure: true,
  sameSite: 'strict',
  maxAge: 10 * 365 * 86_400,
} as const

/**
 * Tells one browser from another for as long as it keeps its cookie: a random id with our signature, so that nobody plants an
 * id of their own choice. It proves nothing by itself; a browser that has completed a sign-in as somebody is known for them.
 */
@Injectable()
export class DeviceCookie {
  private readonly key: Buffer

  constructor(@Inject(KEY_PROVIDER) keys: KeyProvider) {
    this.key = keys.hmacKey('device-cookie')
  }

  make(): string {
    const id = randomBytes(16).toString('base64url')
    return `${id}.${this.sign(id)}`
  }

  /** What the browser is called in sessions and events: a hash. Undefined where the cookie is missing or not ours. */
  deviceOf(cookie: string | undefined): string | undefined {
    const [id = '', signature = ''] = cookie?.split('.') ?? []
    const [given, expected] = [Buffer.from(signature), Buffer.from(this.sign(id))]
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined
    return createHash('sha256').update(id).digest('hex').slice(0, 16)
  }

  private sign(id: string): string {
    return createHmac('sha256', this.key).update(id).digest('base64url')
  }
}
