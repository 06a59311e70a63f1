import { createHmac } from 'node:crypto'

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

/** The RFC 6238 code of a moment, as an authenticator app shows it. */
function totp(secret, now) {
  const bits = [...secret.replace(/=+$/, '')].map((c) => alphabet.indexOf(c).toString(2).padStart(5, '0')).join('')
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)))
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(Math.floor(now / 30_000)))
  const mac = createHmac('sha1', key).update(counter).digest()
  return String((mac.readUInt32BE(mac.at(-1) & 15) & 0x7fffffff) % 1_000_000).padStart(6, '0')
}

/** One person's browser: cookies, and the requests that set the stage. */
export class Browser {
  #cookies = new Map()

  constructor(origin) {
    this.origin = origin
  }

  get cookie() {
    return [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ')
  }

  async send(method, path, body) {
    const json = body !== undefined && !(body instanceof FormData)
    const answer = await fetch(`${this.origin}/api/v1${path}`, {
      method,
      headers: { cookie: this.cookie, ...(json ? { 'content-type': 'application/json' } : {}) },
      body: json ? JSON.stringify(body) : body,
    })
    for (const cookie of answer.headers.getSetCookie()) {
      const [name, value] = cookie.split(';')[0].split('=')
      this.#cookies.set(name, value)
    }
    const text = await answer.text()
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${text}`)
    return text ? JSON.parse(text) : undefined
  }

  async enrol() {
    const { secret } = await this.send('POST', '/me/totp')
    await this.send('POST', '/me/totp/confirm', { code: totp(secret, Date.now()) })
  }

  async accept(link, password) {
    await this.send('POST', '/invitations/accept', { token: link.split('#')[1], password })
    await this.enrol()
  }
}
