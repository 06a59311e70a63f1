import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { writeCertificate } from '../../deploy/testing/certificate.js'
import { ConfigError, readConfig } from './config.js'

const problems = (env: Record<string, string>): readonly string[] => {
  try {
    readConfig(env)
  } catch (error) {
    if (error instanceof ConfigError) return error.problems
    throw error
  }
  return []
}

describe('a configuration of the gateway', () => {
  let dir: string
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'custodia-config-'))
  })
  afterAll(() => rm(dir, { recursive: true }))

  it.each(['secret', 'mysql://u:secret@db/x', 'db.example.com:5432/secret', '/var/run/secret'])(
    'knows that %s is no connection string of PostgreSQL',
    (url) =>
      expect(problems({ CUSTODIA_POSTGRES_URL: url })).toEqual([
        expect.stringMatching(/^CUSTODIA_POSTGRES_URL does not begin/),
      ]),
  )

  it.each(['postgres://u:p@localhost/x', 'postgresql://u:p@localhost/x', 'postgres://u@/x?host=%2Frun'])(
    'takes %s',
    (url) => expect(problems({ CUSTODIA_POSTGRES_URL: url })).toEqual([]),
  )

  it('takes a certificate with its key, and no other', async () => {
    const { cert, key } = writeCertificate(dir)
    await mkdir(join(dir, 'other'))
    const other = writeCertificate(join(dir, 'other'))
    expect(problems({ TLS_CERT: cert, TLS_KEY: key })).toEqual([])
    for (const wrong of [other.key, cert, import.meta.filename])
      expect(problems({ TLS_CERT: cert, TLS_KEY: wrong })).toEqual([
        expect.stringMatching(/^TLS_CERT and TLS_KEY are not/),
      ])
  })

  const provider = (issuer: string) =>
    problems({ CUSTODIA_OIDC_ISSUER: issuer, CUSTODIA_OIDC_CLIENT_ID: 'custodia', CUSTODIA_OIDC_CLIENT_SECRET: 'x' })

  it.each([
    'https://login.microsoftonline.com/common/v2.0',
    'https://login.microsoftonline.com/Organizations',
    'https://login.microsoftonline.com//consumers/v2.0/',
    'https://login.partner.microsoftonline.cn/organizations/v2.0',
    'https://login.microsoftonline.us/common/v2.0',
    'https://sts.windows.net/common/',
  ])('lets no provider in that vouches for everybody’s people: %s', (issuer) =>
    expect(provider(issuer)).toEqual([expect.stringMatching(/^CUSTODIA_OIDC_ISSUER vouches for .*every tenant/)]),
  )

  it.each([
    'https://login.microsoftonline.com/6f3c1a52-0d0b-4c8e-9c59-0d9a4f0f2a11/v2.0',
    'https://login.microsoftonline.com/common.example.com/v2.0',
    'https://sso.example.com/common',
  ])('takes a provider of one house: %s', (issuer) => expect(provider(issuer)).toEqual([]))

  it('reads the calendar’s content before anything starts, and tells of it with everything else', async () => {
    const file = join(dir, 'calendar.json')
    await writeFile(file, '{"hours": {"from": "secret", "to": "12:00"}, "extra_holidays": ["secret"]}')
    const found = problems({
      CUSTODIA_CALENDAR: file,
      CUSTODIA_POSTGRES_URL: 'x',
      TLS_CERT: '/nowhere',
      PORT: 'secret',
    })
    expect(found.join('; ')).toMatch(
      /PORT.*TLS_CERT names.*TLS_CERT and TLS_KEY go.*POSTGRES_URL.*CALENDAR.*hours\.from.*extra_holidays\.0/,
    )
    expect(found.join()).not.toContain('secret')
    await writeFile(file, '{"extra_holidays": ["2026-12-24"]}')
    expect(problems({ CUSTODIA_CALENDAR: file })).toEqual([])
  })
})
