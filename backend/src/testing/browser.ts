import type { NestFastifyApplication } from '@nestjs/platform-fastify'
import type { AccessEvent } from '@custodia/contracts'

type Method = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/** An answer, its JSON read if it is JSON. */
export interface Answer {
  status: number
  body: Record<string, unknown>
  text: string
  headers: Record<string, unknown>
  eventId: string | undefined
}

/** Speaks to the application as a browser does: keeps cookies, sends its origin. */
export class Browser {
  readonly cookies = new Map<string, string>()

  constructor(
    private readonly app: NestFastifyApplication,
    private readonly origin: string,
    private readonly address = '127.0.0.1',
  ) {}

  get(path: string): Promise<Answer> {
    return this.send('GET', `/api/v1${path}`)
  }

  post(path: string, body?: unknown): Promise<Answer> {
    return this.send('POST', `/api/v1${path}`, body)
  }

  patch(path: string, body?: unknown): Promise<Answer> {
    return this.send('PATCH', `/api/v1${path}`, body)
  }

  delete(path: string): Promise<Answer> {
    return this.send('DELETE', `/api/v1${path}`)
  }

  async send(method: Method, url: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    const reply = await this.app.inject({
      method,
      url,
      remoteAddress: this.address,
      headers: {
        host: new URL(this.origin).host,
        'user-agent': 'test',
        ...(method === 'GET' || method === 'HEAD' ? {} : { origin: this.origin }),
        ...(this.cookies.size
          ? { cookie: [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ') }
          : {}),
        ...headers,
      },
      ...(body === undefined ? {} : { payload: body as object }),
    })
    for (const cookie of reply.cookies) {
      if (cookie.value) this.cookies.set(cookie.name, cookie.value)
      else this.cookies.delete(cookie.name)
    }
    const isJson = /json/.test(String(reply.headers['content-type']))
    return {
      status: reply.statusCode,
      body: isJson && reply.body ? (reply.json() as Record<string, unknown>) : {},
      text: reply.body,
      headers: reply.headers,
      eventId: reply.headers['custodia-event-id'] as string | undefined,
    }
  }
}

/** The event an answer names, out of those in the log. */
export const eventOf = (events: AccessEvent[], answer: Answer): AccessEvent | undefined =>
  events.find((event) => event.id === answer.eventId)
