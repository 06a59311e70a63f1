import { routes, type BodyInput, type ReplyOf, type RouteName, type Routes } from '@custodia/contracts'
import { generateSync } from 'otplib'
import type { DemoAccount } from './demo-accounts.js'

/** An answer that was not given: status and code. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
  ) {
    super(code)
  }
}

interface Call<R extends RouteName> {
  params?: Record<string, string>
  query?: Record<string, string>
  body?: BodyInput<Routes[R]>
}

const stepMs = 30_000

/** A simulated person's browser: signs in like anybody, keeps its cookies, says no more than a real one. */
export class Browser {
  private readonly cookies = new Map<string, string>()

  constructor(
    private readonly origin: string,
    private readonly account: DemoAccount,
    private readonly signal: AbortSignal,
  ) {}

  /** Password, then a code. A code works once, so after a quick restart the next one has to be waited for. */
  async signIn(): Promise<void> {
    await this.call('signInPassword', { body: { username: this.account.username, password: this.account.password } })
    for (let attempt = 0; ; attempt++) {
      try {
        await this.call('signInTotp', { body: { code: generateSync({ secret: this.account.totpSecret }) } })
        return
      } catch (error) {
        if (!(error instanceof Refused) || error.code !== 'bad_credentials' || attempt > 0) throw error
        await pause(stepMs - (Date.now() % stepMs) + 500, this.signal)
      }
    }
  }

  async call<R extends RouteName>(name: R, { params = {}, query, body }: Call<R> = {}): Promise<ReplyOf<Routes[R]>> {
    const route = routes[name]
    const path = route.path.replace(/:(\w+)/g, (_, key: string) => encodeURIComponent(params[key] ?? ''))
    const url = `${this.origin}/api/v1${path}${query ? `?${new URLSearchParams(query)}` : ''}`
    const answer = await fetch(url, {
      method: route.method,
      headers: {
        cookie: this.cookieHeader(),
        'user-agent': 'Mozilla/5.0 (demo)',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: AbortSignal.any([this.signal, AbortSignal.timeout(20_000)]),
    })
    for (const cookie of answer.headers.getSetCookie()) {
      const [pair = ''] = cookie.split(';')
      this.cookies.set(pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1))
    }
    const json = answer.headers.get('content-type')?.includes('json')
    if (!answer.ok)
      throw new Refused(answer.status, json ? ((await answer.json()) as { code: string }).code : String(answer.status))
    return (json ? await answer.json() : new Uint8Array(await answer.arrayBuffer())) as ReplyOf<Routes[R]>
  }

  private cookieHeader(): string {
    return [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
  }
}

/** Resolves after a time, or at once when the signal is aborted. */
export const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) return resolve()
    const done = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    signal.addEventListener('abort', done)
  })
