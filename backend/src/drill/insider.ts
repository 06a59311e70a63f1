import { routes, type BodyInput, type RouteName, type Routes } from '@custodia/contracts'
import type { FastifyInstance } from 'fastify'
import { generateSync } from 'otplib'

/** How the insider signs in: for this drill only, and nowhere but in this process. */
export interface Credentials {
  username: string
  password: string
  totpSecret: string
}

/** One photo asked for, on the clock of this process. */
export interface Attempt {
  eventId: string | undefined
  askedAt: number
  answeredAt: number
  status: number
  /** of a refusal */
  code: string | undefined
}

/** What the drill plays: somebody with a browser, at the front door of this very gateway, with no more rights than anybody. */
export class Insider {
  private readonly cookies = new Map<string, string>()

  constructor(
    private readonly http: FastifyInstance,
    private readonly origin: string,
  ) {}

  async signIn({ username, password, totpSecret }: Credentials): Promise<void> {
    await this.must('signInPassword', { username, password })
    await this.must('signInTotp', { code: generateSync({ secret: totpSecret }) })
  }

  async look(photo: string): Promise<Attempt> {
    const askedAt = performance.now()
    const path = routes.photoView.path.replace(':id', photo)
    const answer = await this.send('GET', `${path}?purpose=identity_check`)
    const { statusCode: status } = answer
    const eventId = answer.headers['custodia-event-id']
    return {
      eventId: typeof eventId === 'string' ? eventId : undefined,
      askedAt,
      answeredAt: performance.now(),
      status,
      code: status < 300 ? undefined : answer.json<{ code?: string }>().code,
    }
  }

  private async must<R extends RouteName>(route: R, body: BodyInput<Routes[R]>): Promise<void> {
    const { method, path } = routes[route]
    const { statusCode, headers } = await this.send(method, path, JSON.stringify(body))
    if (statusCode >= 300) throw new Error(`The insider could not sign in: ${route} answered ${statusCode}.`)
    for (const cookie of [headers['set-cookie'] ?? []].flat()) {
      const [pair = ''] = cookie.split(';')
      this.cookies.set(pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1))
    }
  }

  private send(method: (typeof routes)[RouteName]['method'], path: string, payload?: string) {
    return this.http.inject({
      method,
      url: `/api/v1${path}`,
      headers: {
        host: new URL(this.origin).host,
        'user-agent': 'custodia drill',
        cookie: [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; '),
        ...(payload === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(payload === undefined ? {} : { payload }),
    })
  }
}
