import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import Provider from 'oidc-provider'

export interface TestProvider {
  issuer: string
  /** what its people are, by the name they type there */
  people: Map<string, Record<string, unknown>>
  /** every token it gave out, of any kind */
  tokens: string[]
  /** Signs somebody in there as a browser would; where the browser is sent at the end. */
  signIn(url: string, login: string): Promise<URL>
  /** Ends the session that this person began there last; resolves when every client has been told. */
  signOut(login: string): Promise<void>
  /** how a client is told, in place of the network: what it answers */
  tell: (form: string) => Promise<number>
  stop(): Promise<void>
}

export const client = { client_id: 'custodia', client_secret: 'a secret of the test' }

/** A real OpenID provider on loopback, with its own pages for signing in and consenting. */
export async function startProvider(redirectUri: string): Promise<TestProvider> {
  // What it closes, it might close in the moment in which somebody asks.
  const server = createServer({ keepAliveTimeout: 0 }).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const people = new Map<string, Record<string, unknown>>()
  const tokens: string[] = []
  const logout = { backchannel_logout_uri: 'https://custodia.example/out', backchannel_logout_session_required: true }
  const jars = new Map<string, Map<string, string>>()
  const told = { tell: (_form: string) => Promise.resolve(204) }
  const common = {
    ...logout,
    redirect_uris: [redirectUri],
    post_logout_redirect_uris: [redirectUri.replace('/oidc', '')],
  }
  const provider = new Provider(issuer, {
    clients: [
      { ...client, ...common },
      { ...client, client_id: 'another', ...common },
    ],
    claims: { openid: ['sub', 'preferred_username', 'name', 'groups', 'amr'] },
    conformIdTokenClaims: false,
    features: { devInteractions: { enabled: true }, backchannelLogout: { enabled: true } },
    fetch: async (_url, { body } = {}) => new Response(null, { status: await told.tell(String(body)) }),
    cookies: { keys: ['a key of the test'] },
    findAccount: (_context, sub) => ({ accountId: sub, claims: () => ({ sub, ...people.get(sub) }) }),
  })
  provider.on('server_error', () => undefined)
  provider.on('grant.success', ({ body }) => {
    for (const [name, value] of Object.entries(body as Record<string, unknown>))
      if (['id_token', 'access_token', 'refresh_token'].includes(name)) tokens.push(String(value))
  })
  const handle = provider.callback()
  server.on('request', (request, response) => void handle(request, response))
  return Object.assign(told, {
    issuer,
    people,
    tokens,
    signIn: (url: string, login: string) => {
      const jar = new Map<string, string>()
      jars.set(login, jar)
      return walk(issuer, url, login, jar)
    },
    signOut: async (login: string) => {
      const jar = jars.get(login) ?? new Map<string, string>()
      const page = await ask(new URL(`${issuer}/session/end`), jar)
      const xsrf = /name="xsrf" value="(\w+)"/.exec(await page.text())?.[1] ?? ''
      const answer = await ask(new URL(`${issuer}/session/end/confirm`), jar, { xsrf, logout: 'yes' })
      if (answer.status !== 303) throw new Error(`the provider did not sign out: ${answer.status}`)
    },
    stop: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  })
}

/** One request of a browser with these cookies, which it keeps. */
async function ask(url: URL, jar: Map<string, string>, form?: Record<string, string>): Promise<Response> {
  const answer: Response = await fetch(url, {
    redirect: 'manual',
    headers: { cookie: [...jar].map(([name, value]) => `${name}=${value}`).join('; ') },
    ...(form ? { method: 'POST', body: new URLSearchParams(form) } : {}),
  })
  for (const line of answer.headers.getSetCookie()) {
    const [name = '', value = ''] = line.split(';')[0]?.split(/=(.*)/) ?? []
    jar.set(name, value)
  }
  return answer
}

/** Follows redirects within the provider, fills in its forms. */
async function walk(issuer: string, begin: string, login: string, jar: Map<string, string>): Promise<URL> {
  let [url, form]: [URL, Record<string, string> | undefined] = [new URL(begin), undefined]
  for (let step = 0; step < 12; step++) {
    if (url.origin !== issuer) return url
    const answer: Response = await ask(url, jar, form)
    const page: string = await answer.text()
    const location = answer.headers.get('location')
    form = undefined
    if (location) {
      url = new URL(location, url)
      continue
    }
    const prompt: string | undefined = /name="prompt" value="(\w+)"/.exec(page)?.[1]
    if (!prompt) throw new Error(`the provider says ${answer.status}: ${page.slice(0, 300)}`)
    form = prompt === 'login' ? { prompt, login, password: 'any' } : { prompt }
    url = new URL(/action="([^"]+)"/.exec(page)?.[1] ?? url, url)
  }
  throw new Error('the provider sends in circles')
}
