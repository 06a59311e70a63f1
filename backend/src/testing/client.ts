import { routes, type BodyInput, type QueryInput, type ReplyOf, type RouteName, type Routes } from '@custodia/contracts'
import { codeOf, type SignsIn } from './people.js'

/** What carries a request to a gateway and brings the answer: the application itself, or a connection to a process. */
export interface Carrier {
  inject(request: CarriedRequest): Promise<CarriedAnswer>
}

export interface CarriedRequest {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  url: string
  headers: Record<string, string>
  payload?: Buffer | string
}

export interface CarriedAnswer {
  statusCode: number
  headers: Record<string, string | string[] | number | undefined>
  cookies: { name: string; value: string }[]
  rawPayload: Buffer
  json(): unknown
}

export interface Answer<R extends RouteName> {
  status: number
  body: ReplyOf<Routes[R]> & { code?: string }
  bytes: Buffer
  headers: Record<string, string | string[] | number | undefined>
  eventId: string | undefined
}

export interface Call<R extends RouteName> {
  params?: Record<string, string>
  query?: QueryInput<Routes[R]>
  body?: BodyInput<Routes[R]>
  payload?: { bytes: Buffer; contentType: string }
  headers?: Record<string, string>
}

/** A browser of one person in tests: real requests into the real gateway, cookies kept. */
export class TestClient {
  private readonly cookies = new Map<string, string>()

  constructor(
    private readonly app: Carrier,
    readonly accountId = '',
    /** ids of events that answers named */
    private readonly heard: string[] = [],
  ) {}

  async signIn(person: SignsIn): Promise<void> {
    const { account, password } = person
    await this.ok('signInPassword', { body: { username: account.username, password } })
    await this.ok('signInTotp', { body: { code: codeOf(person) } })
  }

  /** the same browser at another gateway; what it is told there, this one does not know */
  through(carrier: Carrier): TestClient {
    const other = new TestClient(carrier, this.accountId, this.heard)
    for (const [name, value] of this.cookies) other.cookies.set(name, value)
    return other
  }

  cookieHeader(): string {
    return [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
  }

  async call<R extends RouteName>(
    name: R,
    { params = {}, query, body, payload, headers }: Call<R> = {},
  ): Promise<Answer<R>> {
    const route = routes[name]
    const path = route.path.replace(/:(\w+)/g, (_, key: string) => encodeURIComponent(params[key] ?? ''))
    const search = query ? `?${new URLSearchParams(query as Record<string, string>)}` : ''
    const answer = await this.app.inject({
      method: route.method,
      url: `/api/v1${path}${search}`,
      headers: {
        host: 'localhost:8080',
        cookie: this.cookieHeader(),
        ...(payload
          ? { 'content-type': payload.contentType }
          : body === undefined
            ? {}
            : { 'content-type': 'application/json' }),
        ...headers,
      },
      payload: payload?.bytes ?? (body === undefined ? undefined : JSON.stringify(body)),
    })
    for (const { name: cookie, value } of answer.cookies) {
      if (value) this.cookies.set(cookie, value)
      else this.cookies.delete(cookie)
    }
    const eventId = answer.headers['custodia-event-id'] as string | undefined
    if (eventId) this.heard.push(eventId)
    const isJson = String(answer.headers['content-type']).includes('json')
    return {
      status: answer.statusCode,
      body: (isJson ? answer.json() : {}) as Answer<R>['body'],
      bytes: answer.rawPayload,
      headers: answer.headers,
      eventId,
    }
  }

  /** The same, for what must succeed. */
  async ok<R extends RouteName>(name: R, call?: Call<R>): Promise<Answer<R>['body']> {
    const { status, body } = await this.call(name, call)
    if (status >= 300) throw new Error(`${name}: ${status} ${JSON.stringify(body)}`)
    return body
  }
}
