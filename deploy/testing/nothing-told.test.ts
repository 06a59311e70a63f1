import { fork, type ChildProcess } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { readLog } from '@custodia/streams/integrity'
import { eq, sql } from 'drizzle-orm'
import { generateSync } from 'otplib'
import { newAccount } from '../../backend/src/identity/account.js'
import {
  client as oidcClient,
  startProvider,
  type TestProvider,
} from '../../backend/src/identity/doors/testing/provider.js'
import { SoftwareAuthenticator } from '../../backend/src/identity/testing/authenticator.js'
import { accounts } from '../../backend/src/record-store/schema.js'
import { TestClient, type Call, type CarriedRequest } from '../../backend/src/testing/client.js'
import { newCustomer } from '../../backend/src/testing/customers.js'
import { startTestPostgres, type TestPostgres } from '../../backend/src/testing/postgres.js'
import { proven, provenOk } from '../../backend/src/testing/proof.js'
import { anIdNumber } from '../../backend/src/vault/testing/requests.js'
import { custodia } from './command.js'
import { overHttp } from './over-http.js'
import { freePort } from './system.js'

const gateway = fileURLToPath(new URL('../../backend/dist/main.js', import.meta.url))
const person = { name: '欧阳不可见', phone: '13987654321', address: '不可见路七号', email: 'unseen@example.com' }
const [password, second, wrong] = ['four quiet rivers meet', 'seven slow clouds drift', 'a guess that is not it']

/** Processes are started, on machines that may be busy. */
const patienceMs = 300_000

/** A gateway at its most talkative, all its doors tried with secrets that are known here: what it printed has none of them. */
describe('what the system says of its work', () => {
  let dir: string
  let postgres: TestPostgres
  let provider: TestProvider
  let process: ChildProcess
  let output = ''
  let env: Record<string, string>
  let port: number
  const secrets = new Map<string, string>()
  const secret = (what: string, value: unknown): string => {
    const text = String(value)
    if (Buffer.byteLength(text) < 6) throw new Error(`${what} is too short to be looked for`)
    secrets.set(what, text)
    return text
  }
  /** What a browser carries is a secret, too. */
  const browser = (): TestClient => {
    const carrier = overHttp(port)
    return new TestClient({
      inject: async (request: CarriedRequest) => {
        const host = { host: `localhost:${port}` }
        const answer = await carrier.inject({ ...request, headers: { ...request.headers, ...host } })
        for (const { name, value } of answer.cookies)
          if (value) secret(`${name} ${secrets.size}`, name.includes('device') ? value.split('.').at(-1) : value)
        return answer
      },
    })
  }
  let ended: Promise<void> | undefined
  const databaseEnds = () => (ended ??= postgres?.stop())
  let admin: TestClient
  let app = ''
  const store = () => ({ records: postgres.records })
  const code = async (username: string, totp: string) => {
    await postgres.records.db.update(accounts).set({ totpLastStep: 0 }).where(eq(accounts.username, username))
    return { code: generateSync({ secret: totp }) }
  }
  const signedIn = async (username: string, totp: string) => {
    const client = browser()
    await client.ok('signInPassword', { body: { username, password } })
    await client.ok('signInTotp', { body: await code(username, totp) })
    return client
  }
  /** by an invitation, as people come in; returns their client and the secret of their app */
  const joined = async (link: string | undefined) => {
    const token = secret('link', link?.split('#')[1])
    const client = browser()
    await client.ok('invitation', { body: { token } })
    await client.ok('invitationAccept', { body: { token, password: secret('password', password) } })
    const totp = secret('app', (await client.ok('totpBegin')).secret)
    const { recovery_codes = [] } = await client.ok('totpConfirm', { body: { code: generateSync({ secret: totp }) } })
    recovery_codes.forEach((each, n) => secret(`recovery code ${n}`, each))
    return { client, totp, recovery_codes }
  }

  /** Tables and topics that hold one of these as it is. */
  const kept = async (secrets: string[]): Promise<string[]> => {
    const { db } = postgres.records
    const rows = new Map<string, string[]>()
    const { rows: tables } = await db.execute<{ name: string }>(
      sql`select table_name as name from information_schema.tables where table_schema = 'public'`,
    )
    for (const { name } of tables) {
      const found = await db.execute<{ row: string }>(sql`select t::text as row from ${sql.identifier(name)} t`)
      rows.set(
        `table ${name}`,
        found.rows.map(({ row }) => row),
      )
    }
    for (const topic of ['access-events', 'alerts', 'accounts'] as const) {
      const values: string[] = []
      for await (const { value } of readLog(join(dir, 'data', 'log'), topic)) values.push(Buffer.from(value).toString())
      rows.set(`topic ${topic}`, values)
    }
    const forms = secrets.flatMap((text) => [text, Buffer.from(text).toString('hex'), encodeURIComponent(text)])
    return [...rows]
      .filter(([, texts]) => texts.some((text) => forms.some((form) => text.includes(form))))
      .map(([name]) => name)
  }

  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'custodia-told-'))
    ;[postgres, port] = await Promise.all([startTestPostgres(), freePort()])
    provider = await startProvider(`http://localhost:${port}/sign-in/oidc`)
    const { host, user, database } = postgres.connection
    env = {
      NODE_OPTIONS: '',
      PORT: String(port),
      CUSTODIA_DATA_DIR: join(dir, 'data'),
      CUSTODIA_POSTGRES_URL: `postgres://${user}@/${database}?host=${encodeURIComponent(host)}`,
      CUSTODIA_LOG_LEVEL: 'debug',
      CUSTODIA_OIDC_ISSUER: provider.issuer,
      CUSTODIA_OIDC_CLIENT_ID: oidcClient.client_id,
      CUSTODIA_OIDC_CLIENT_SECRET: secret('of the client at the provider', oidcClient.client_secret),
    }
    process = fork(gateway, { env: { ...globalThis.process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] })
    for (const stream of [process.stdout, process.stderr])
      stream?.on('data', (chunk: Buffer) => (output += chunk.toString()))
    const setup = await new Promise<string>((resolve, reject) => {
      process.once('message', (message) => resolve(String((message as { setupCode: unknown }).setupCode)))
      process.once('exit', () => reject(new Error(output)))
    })
    admin = browser()
    const first = { username: 'root', display_name: 'Root', password, preset: 'separation' as const }
    await admin.call('setup', { body: { ...first, code: secret('wrong setup code', 'AAAABBBBCCCC') } })
    await admin.ok('setup', { body: { ...first, code: secret('setup code', setup) } })
    app = secret('app of the administrator', (await admin.ok('totpBegin')).secret)
    await admin.ok('totpConfirm', { body: { code: generateSync({ secret: app }) } })
  }, patienceMs)
  afterAll(async () => {
    process?.kill('SIGKILL')
    await Promise.all([databaseEnds(), provider?.stop()])
    rmSync(dir, { recursive: true, force: true })
  })

  it('every door is tried: passwords, codes, links, passkeys, the provider, tokens, SCIM, the sealed code', async () => {
    const body = { username: 'clerk', display_name: secret('display name', '司马不可闻'), role: 'staff' as const }
    const { link } = await provenOk(store(), admin, 'accountCreate', { body: { ...body, branch: 'shanghai' } })
    const { client, totp, recovery_codes } = await joined(link)
    await browser().call('signInPassword', { body: { username: secret('name of nobody', 'nobody.at-all'), password } })
    await browser().call('signInPassword', { body: { username: 'clerk', password: secret('wrong password', wrong) } })
    const again = await signedIn('clerk', totp)
    await again.call('signOut')
    const lost = browser()
    await lost.ok('signInPassword', { body: { username: 'clerk', password } })
    await lost.ok('signInRecoveryCode', { body: { code: recovery_codes[0] ?? '' } })

    const key = new SoftwareAuthenticator()
    const site = { origin: `http://localhost:${port}`, rpId: 'localhost' }
    const { challenge_id, options } = await provenOk(store(), client, 'passkeyBegin')
    const challenge = secret('challenge', options['challenge'])
    const response = key.register({ ...site, challenge })
    await client.ok('passkeyAdd', { body: { challenge_id, name: 'key', response } })

    const custom = await newCustomer(client, { over: { ...person, id_number: secret('ID number', anIdNumber()) } })
    for (const [field, value] of Object.entries(person)) secret(field, value)
    await client.call('customersSearch', { query: { q: person.name } })
    await client.call('customerReveal', {
      params: { id: custom.id },
      body: { purpose: 'contract', fields: ['name', 'phone'] },
    })
    const made = await provenOk(store(), admin, 'myTokenCreate', { body: { name: 'HR', scopes: ['scim'], days: 1 } })
    const headers = { authorization: `Bearer ${secret('API token', made.token)}` }
    const hr = browser()
    await hr.ok('scimUserCreate', {
      headers,
      body: { userName: 'joins', password: secret('SCIM password', 'from the HR system') },
    })
    await hr.call('scimUserCreate', { headers: { authorization: `Bearer ${made.token.slice(0, -2)}!!` }, body: {} })
    const { code: sealed } = await provenOk(store(), admin, 'sealedCodeIssue')
    await browser().call('signInSealedCode', {
      body: {
        username: 'root',
        code: secret('wrong sealed code', sealed.split('').reverse().join('')),
        password: second,
      },
    })
    secret('sealed code', sealed)
    const changed = await proven(store(), client, 'passwordChange', {
      body: { current: password, password: secret('new password', second) },
    })
    expect(changed.status).toBe(200)
  })

  it('codes, states and tokens of an OpenID provider come by', async () => {
    const account = newAccount({
      username: 'outside',
      displayName: 'O',
      role: 'staff',
      passwordHash: null,
      door: 'oidc',
    })
    await postgres.records.db.insert(accounts).values(account)
    provider.people.set('sub-outside', { preferred_username: 'outside' })
    for (const spoil of [false, true]) {
      const client = browser()
      const { url } = await client.ok('oidcBegin')
      const sent = new URL(url).searchParams
      for (const name of ['state', 'nonce', 'code_challenge']) secret(`${name} ${spoil}`, sent.get(name))
      const came = Object.fromEntries((await provider.signIn(url, 'sub-outside')).searchParams) as Record<
        string,
        string
      >
      secret(`code ${spoil}`, came['code'])
      const body = {
        code: spoil ? secret('wrong code', `x${came['code']}`) : came['code']!,
        state: came['state']!,
        iss: came['iss'],
      }
      expect((await client.call('signInOidc', { body })).status).toBe(spoil ? 401 : 200)
    }
    expect(provider.tokens.map((token) => token.split('.').length).sort()).toEqual([1, 3]) // an access token, an ID token
    provider.tokens.forEach((token, n) => secret(`token of the provider ${n}`, token))
    expect(await kept(provider.tokens)).toEqual([])
    expect(await kept([account.id])).toEqual(expect.arrayContaining(['table accounts', 'topic access-events'])) // it does look
    const payload = {
      bytes: Buffer.from(`logout_token=${secret('logout token', 'eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.')}`),
      contentType: 'application/x-www-form-urlencoded',
    }
    expect((await browser().call('oidcBackChannelLogout', { payload })).status).toBe(400)
  })

  it('people come by a file: the report is its reader’s alone, also where another one lay open; joiners’ links are in it', async () => {
    const file = join(dir, 'people.csv')
    const report = `${file}.report.csv`
    writeFileSync(
      file,
      'username,status,display_name,role\nzhang.wei,joins,张伟,staff\nclerk,leaves,,\nnobody,leaves,,\n',
    )
    writeFileSync(report, 'of last time', { mode: 0o644 })
    const before = await postgres.records.db.$count(accounts)
    const dry = await custodia(`people import --file ${file} --as root`, env)
    expect([dry.code, dry.stdout.split('\n')[0]]).toEqual([
      0,
      '1 would be joined, 1 would be frozen, 0 would be told of, 1 unchanged, 0 refused.',
    ])
    expect(await postgres.records.db.$count(accounts)).toBe(before)
    expect((await custodia(`people import --file ${file} --as clerk --apply`, env)).code).not.toBe(0)
    const done = await custodia(`people import --file ${file} --as root --apply`, env)
    expect([done.code, done.stdout.split('\n')[0]]).toEqual([
      0,
      '1 joined, 1 frozen, 0 told of, 1 unchanged, 0 refused.',
    ])
    expect(statSync(report).mode & 0o777).toBe(0o600)
    const lines = readFileSync(report, 'utf8')
    const link = /\S+\/invitation#[\w-]+/.exec(lines)?.[0]
    expect((await joined(link)).client).toBeDefined()
    const [clerk] = await postgres.records.db.select().from(accounts).where(eq(accounts.username, 'clerk'))
    expect(clerk).toMatchObject({ status: 'disabled' })
    output += dry.stdout + dry.stderr + done.stdout + done.stderr
  })

  it('and bodies that are none, routes that are none, and a database that is gone, while they are on their way', async () => {
    const client = browser()
    const broken: Call<'signInPassword'>['payload'][] = [
      { bytes: Buffer.from(`{"username":"clerk","password":"${wrong}"`), contentType: 'application/json' },
      { bytes: Buffer.from(`{"username":["clerk"],"password":{"x":"${wrong}"}}`), contentType: 'application/json' },
      { bytes: Buffer.from(`username=clerk&password=${wrong}`), contentType: 'application/x-www-form-urlencoded' },
    ]
    for (const payload of broken) expect((await client.call('signInPassword', { payload })).status).toBeGreaterThan(399)
    for (const path of [`/${person.phone}`, `/api/v1/customers/${person.phone}`, `/api/v1/none?token=${made(32)}`])
      await overHttp(port).inject({ method: 'GET', url: path, headers: { host: `localhost:${port}` } })
    await databaseEnds()
    const late = await client.call('signInPassword', { body: { username: person.email, password: wrong } })
    expect(late.status).toBe(503)
    await client.call('invitation', { body: { token: made(43) } })
  })

  it('nothing of it was printed', () => {
    expect(secrets.size).toBeGreaterThan(30)
    expect(output).toContain('request failed') // it does speak
    const told = [...secrets].filter(
      ([, value]) => output.includes(value) || output.includes(encodeURIComponent(value)),
    )
    expect(told.map(([what]) => what)).toEqual([])
  })

  const made = (length: number) => secret(`made up ${length}`, 'q'.repeat(length - 4) + 'Zz9x')
})
