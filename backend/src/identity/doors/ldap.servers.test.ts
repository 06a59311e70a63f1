import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { eq } from 'drizzle-orm'
import { Attribute, Change } from 'ldapts'
import { startSlapd, type SlapdServer } from '../../../../deploy/servers/slapd.mjs'
import { AdminModule } from '../../admin/admin.module.js'
import { DirectorySync } from '../../provisioning/directory-sync.js'
import { ProvisioningModule } from '../../provisioning/provisioning.module.js'
import { accounts, sessions, staffTraits } from '../../record-store/schema.js'
import { ResponseModule } from '../../response/response.module.js'
import type { Answer } from '../../testing/browser.js'
import { startRooms, type Rooms } from '../../testing/start-rooms.js'
import { newAccount } from '../account.js'
import { Directory } from './directory.js'

const right = 'what the directory knows'
const person = (uid: string, more = '') => `dn: uid=${uid},ou=people,dc=example,dc=com
objectClass: inetOrgPerson
objectClass: activeDirectoryLike
uid: ${uid}
cn: ${uid}
sn: ${uid}
displayName: The one called ${uid}
userPassword: ${right}
${more}
`
const group = (cn: string, member: string) => `dn: cn=${cn},ou=groups,dc=example,dc=com
objectClass: groupOfNames
cn: ${cn}
member: ${member}

`
const inPeople = (uid: string) => `uid=${uid},ou=people,dc=example,dc=com`
const inGroups = (cn: string) => `cn=${cn},ou=groups,dc=example,dc=com`

const entries = `dn: dc=example,dc=com
objectClass: dcObject
objectClass: organization
o: Example
dc: example

dn: ou=people,dc=example,dc=com
objectClass: organizationalUnit
ou: people

dn: ou=groups,dc=example,dc=com
objectClass: organizationalUnit
ou: groups

${['anna', 'bert', 'carl', 'root'].map((uid) => person(uid)).join('')}${person('gone', 'userAccountControl: 514\n')}${person('twin')}dn: uid=twin,ou=groups,dc=example,dc=com
objectClass: inetOrgPerson
uid: twin
cn: twin
sn: twin

${group('tellers', inPeople('anna'))}${group('branch-staff', inGroups('tellers'))}${group('circle', inGroups('branch-staff'))}dn: cn=circle2,ou=groups,dc=example,dc=com
objectClass: groupOfNames
cn: circle2
member: ${inGroups('circle')}
member: ${inGroups('circle2')}

${group('heads', inPeople('bert'))}`

let slapd: SlapdServer
beforeAll(async () => {
  slapd = await startSlapd()
  await slapd.load(entries)
  await slapd.start()
})
afterAll(() => slapd?.stop())

const envOf = (server: string, more: Record<string, string> = {}) => ({
  CUSTODIA_LDAP_SERVER: server,
  CUSTODIA_LDAP_CA: slapd.ca,
  CUSTODIA_LDAP_BIND_DN: slapd.bindDn,
  CUSTODIA_LDAP_BIND_PASSWORD: slapd.password,
  CUSTODIA_LDAP_BASE: 'dc=example,dc=com',
  CUSTODIA_LDAP_GROUPS: 'ou=groups,dc=example,dc=com',
  CUSTODIA_LDAP_ROLES: 'heads=manager;circle=staff',
  CUSTODIA_LDAP_CREATE: 'true',
  CUSTODIA_LDAP_TIMEOUT_MS: '1500',
  CUSTODIA_LDAP_SYNC_MINUTES: '0',
  ...more,
})
const told = ({ status, body }: Answer) => [status, body['code'] ?? body['next']]

describe.each(['ldaps', 'StartTLS'])('sign-in by a real directory over %s', (way) => {
  let rooms: Rooms
  let household = 0
  beforeAll(async () => {
    const server = way === 'ldaps' ? slapd.secureUrl : slapd.url
    rooms = await startRooms([ResponseModule, AdminModule, ProvisioningModule], undefined, envOf(server))
  })
  afterAll(() => rooms?.stop())
  beforeEach(() => void household++)

  const signIn = (username: string, password = right) =>
    rooms.browser(`10.2.${household}.${way.length}`).post('/auth/password', { username, password })
  const named = async (username: string) =>
    (await rooms.records.db.select().from(accounts).where(eq(accounts.username, username)))[0]

  it('takes the password there, and asks for our second factor; the role comes from groups within groups', async () => {
    expect(told(await signIn('anna'))).toEqual([200, 'enrol'])
    expect(await named('anna')).toMatchObject({
      role: 'staff',
      door: 'ldap',
      passwordHash: null,
      displayName: 'The one called anna',
    })
    expect(told(await signIn('bert'))).toEqual([200, 'enrol'])
    expect((await named('bert'))?.role).toBe('manager')
    const made = (await rooms.events()).filter(({ action }) => action === 'role_change')
    expect(made).toMatchObject([
      { actor: 'system', subject: (await named('anna'))?.id, reason: 'as ldap says' },
      { actor: 'system', subject: (await named('bert'))?.id, reason: 'as ldap says' },
    ])
    expect(told(await signIn('carl'))).toEqual([403, 'no_account']) // in no group that has a role
    expect(await named('carl')).toBeUndefined()
  })

  it('refuses a wrong password, an unknown name and an empty password alike', async () => {
    const answers = [await signIn('anna', 'wrong'), await signIn('nobody-there', 'wrong')]
    expect(answers.map(told)).toEqual([
      [401, 'bad_credentials'],
      [401, 'bad_credentials'],
    ])
    expect((await signIn('anna', '')).status).toBe(400)
    // A bind without a password succeeds at this server: the door itself must refuse it.
    const { Directory } = await import('./directory.js')
    for (const empty of ['', '\0']) expect(await rooms.app.get(Directory).prove('anna', empty)).toBeUndefined()
    expect(await rooms.app.get(Directory).prove('anna', right)).toMatchObject({ username: 'anna' })
  })

  it.each(['*', 'ann*', 'anna)(uid=*', '*)(|(uid=anna', 'anna)(objectClass=*))(&(uid=x', '\\2a', 'anna\0', 'twin'])(
    'finds nobody by %j',
    async (name) => {
      const { Directory } = await import('./directory.js')
      expect(await rooms.app.get(Directory).prove(name, right)).toBeUndefined()
    },
  )

  it('says that an account is disabled there only to whoever knows its password', async () => {
    expect(told(await signIn('gone', 'wrong'))).toEqual([401, 'bad_credentials'])
    expect(told(await signIn('gone'))).toEqual([403, 'account_disabled'])
  })

  it('opens no account that has a password here, nor asks the directory about it', async () => {
    const account = newAccount({ username: 'root', displayName: 'Root', role: 'admin', passwordHash: null })
    await rooms.records.db.insert(accounts).values(account)
    expect(told(await signIn('root'))).toEqual([401, 'bad_credentials'])
  })

  it('freezes at the next round who is gone or disabled there, and nobody when too many are', async () => {
    await signIn('anna')
    const stranger = (username: string, doorSubject: string) =>
      newAccount({ username, displayName: 'Ghost', role: 'staff', passwordHash: null, door: 'ldap', doorSubject })
    const ghost = stranger(`ghost-${way}`, '00000000-0000-0000-0000-000000000000')
    await rooms.records.db.insert(accounts).values(ghost)
    expect(await rooms.app.get(DirectorySync).round()).toBe(1)
    expect(await named(ghost.username)).toMatchObject({ status: 'disabled' })
    expect(await named('anna')).toMatchObject({ status: 'active' })
    const many = Array.from({ length: 12 }, (_, n) => stranger(`many-${way}-${n}`, `none-${n}`))
    await rooms.records.db.insert(accounts).values(many)
    expect(await rooms.app.get(DirectorySync).round()).toBe(0)
    expect(await named(`many-${way}-0`)).toMatchObject({ status: 'active' })
  })

  it('asks for groups and attributes anew at each sign-in: another role ends what was open, no role ends coming, and the next round finds them gone', async () => {
    const uid = `mover-${way.toLowerCase()}`
    const given = (type: string, ...values: string[]) => new Attribute({ type, values })
    const change = (operation: 'add' | 'delete' | 'replace', modification: Attribute) =>
      new Change({ operation, modification })
    const moves = (operation: 'add' | 'delete', cn: string) =>
      slapd.asRoot((root) => root.modify(inGroups(cn), change(operation, given('member', inPeople(uid)))))
    const classes = ['inetOrgPerson', 'activeDirectoryLike']
    const entry = { objectClass: classes, uid, cn: uid, sn: uid, userPassword: right, mobile: '13900000001' }
    await slapd.asRoot((root) => root.add(inPeople(uid), entry))
    await moves('add', 'tellers')
    expect(told(await signIn(uid))).toEqual([200, 'enrol'])
    const { id = '', role } = (await named(uid)) ?? {}
    const { db } = rooms.records
    const traits = async () =>
      (await db.select().from(staffTraits).where(eq(staffTraits.accountId, id))).map(({ token }) =>
        token.toString('hex'),
      )
    const before = await traits()
    await slapd.asRoot((root) => root.modify(inPeople(uid), change('replace', given('mobile', '13900000002'))))
    await moves('add', 'heads')
    expect(told(await signIn(uid))).toEqual([200, 'enrol'])
    expect([role, (await named(uid))?.role]).toEqual(['staff', 'manager'])
    const open = await db.select().from(sessions).where(eq(sessions.accountId, id))
    expect(open.map(({ endReason }) => endReason).sort()).toEqual([null, 'revoked'])
    const after = await traits()
    expect([after.length, after.filter((token) => before.includes(token)).length]).toEqual([
      before.length,
      before.length - 1,
    ])
    for (const cn of ['heads', 'tellers']) await moves('delete', cn)
    expect(told(await signIn(uid))).toEqual([403, 'no_account'])
    const { doorSubject } = (await named(uid)) ?? {}
    expect(await rooms.app.get(Directory).gone([doorSubject ?? ''])).toEqual(new Set([doorSubject]))
  })

  it('says that the directory does not answer, in time, and lets local accounts in all the same', async () => {
    const { account } = await rooms.signedIn('staff')
    await slapd.freeze()
    try {
      expect(told(await signIn('anna'))).toEqual([503, 'provider_unavailable'])
      expect(told(await signIn(account.username, 'correct horse battery'))).toEqual([200, 'second_factor'])
    } finally {
      slapd.thaw()
    }
  })
})

describe('a directory that nobody vouches for', () => {
  it.each(['ldaps', 'StartTLS'])('is told no password over %s', async (way) => {
    const server = way === 'ldaps' ? slapd.secureUrl : slapd.url
    const env = Object.entries(envOf(server)).filter(([name]) => name !== 'CUSTODIA_LDAP_CA')
    const rooms = await startRooms([ResponseModule, AdminModule], undefined, Object.fromEntries(env))
    const answer = await rooms.browser().post('/auth/password', { username: 'anna', password: right })
    expect(told(answer)).toEqual([503, 'provider_unavailable'])
    await rooms.stop()
  })
})
