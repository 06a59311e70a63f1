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
  #secret

  constructor(origin) {
    this.origin = origin
  }

  get cookie() {
    return [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ')
  }

  async send(method, path, body) {
    return this.#read(`${method} ${path}`, await this.#request(method, path, body))
  }

  /** What takes a fresh proof: refused first, then sent again with it. The code is the next one, as the last may be used. */
  async proven(method, path, body) {
    const { step_up } = await (await this.#request(method, path, body)).json()
    await this.send('POST', `/auth/step-ups/${step_up.id}`, { code: totp(this.#secret, Date.now() + 30_000) })
    return this.#read(`${method} ${path}`, await this.#request(method, path, body, { 'custodia-step-up': step_up.id }))
  }

  async #request(method, path, body, headers) {
    const json = body !== undefined && !(body instanceof FormData)
    const answer = await fetch(`${this.origin}/api/v1${path}`, {
      method,
      headers: { cookie: this.cookie, ...(json ? { 'content-type': 'application/json' } : {}), ...headers },
      body: json ? JSON.stringify(body) : body,
    })
    for (const cookie of answer.headers.getSetCookie()) {
      const [name, value] = cookie.split(';')[0].split('=')
      this.#cookies.set(name, value)
    }
    return answer
  }

  async #read(asked, answer) {
    const text = await answer.text()
    if (answer.status >= 300) throw new Error(`${asked}: ${answer.status} ${text}`)
    return text ? JSON.parse(text) : undefined
  }

  async enrol() {
    const { secret } = await this.send('POST', '/me/totp')
    await this.send('POST', '/me/totp/confirm', { code: totp(secret, Date.now()) })
    this.#secret = secret
  }

  /** As an administrator: everybody by one file, which takes one proof; their links, in the file's order. */
  async invite(people) {
    const columns = ['username', 'status', 'role', 'team', 'branch']
    const lines = people.map((person) => columns.map((column) => ({ status: 'joins', ...person })[column] ?? '').join())
    const csv = [columns.join(), ...lines].join('\n')
    const { items } = await this.proven('POST', '/people-file/apply', { csv })
    return items.map(({ link }) => link)
  }

  async accept(link, password) {
    await this.send('POST', '/invitations/accept', { token: link.split('#')[1], password })
    await this.enrol()
  }
}
