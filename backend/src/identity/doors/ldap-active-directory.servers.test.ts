import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { eq } from 'drizzle-orm'
import { Attribute, Change } from 'ldapts'
import { startSamba, type SambaServer } from '../../../../deploy/servers/samba.mjs'
import { AdminModule } from '../../admin/admin.module.js'
import { DirectorySync } from '../../provisioning/directory-sync.js'
import { ProvisioningModule } from '../../provisioning/provisioning.module.js'
import { accounts } from '../../record-store/schema.js'
import { ResponseModule } from '../../response/response.module.js'
import type { Answer } from '../../testing/browser.js'
import { startRooms, type Rooms } from '../../testing/start-rooms.js'

const right = 'What-People-Know-9'
const never = '9223372036854775807'
/** Active Directory takes passwords in quotes, in UTF-16, and in no other way. */
const passwordOf = (text: string) =>
  new Attribute({ type: 'unicodePwd', values: [Buffer.from(`"${text}"`, 'utf16le')] })
const attributesOf = (values: Record<string, string>) =>
  Object.entries(values).map(([type, value]) => new Attribute({ type, values: [value] }))

let samba: SambaServer
let rooms: Rooms
const dnOf = (name: string) => `CN=${name},CN=Users,${samba.base}`
const person = (name: string, over: Record<string, string> = {}) => {
  const names = {
    sAMAccountName: name,
    userPrincipalName: `${name}@example.test`,
    displayName: `The one called ${name}`,
  }
  const given = { objectClass: 'user', ...names, userAccountControl: '512', ...over }
  return samba.asRoot((root) => root.add(dnOf(name), [...attributesOf(given), passwordOf(right)]))
}
const group = (name: string, ...members: string[]) =>
  samba.asRoot((root) =>
    root.add(dnOf(name), { objectClass: ['group'], sAMAccountName: name, member: members.map(dnOf) }),
  )
const set = (name: string, type: string, value: string) =>
  samba.asRoot((root) =>
    root.modify(
      dnOf(name),
      new Change({ operation: 'replace', modification: new Attribute({ type, values: [value] }) }),
    ),
  )

beforeAll(async () => {
  samba = await startSamba()
  for (const name of ['anna', 'bert', 'carl', 'closed-later', 'over-later']) await person(name)
  await person('closed', { userAccountControl: '514' })
  await person('over', { accountExpires: '116444736000000000' }) // 1970
  await person('stale', { pwdLastSet: '0' }) // to be changed at the next sign-in
  await group('tellers', 'anna', 'closed', 'over', 'stale', 'closed-later', 'over-later')
  await group('branch-staff', 'tellers')
  await group('whole-bank', 'branch-staff')
  await group('heads', 'bert')
})
afterAll(() => samba?.stop())

const envOf = (server: string) => ({
  CUSTODIA_LDAP_SERVER: server,
  CUSTODIA_LDAP_CA: samba.ca,
  CUSTODIA_LDAP_BIND_DN: samba.bindDn,
  CUSTODIA_LDAP_BIND_PASSWORD: samba.password,
  CUSTODIA_LDAP_BASE: samba.base,
  CUSTODIA_LDAP_FILTER: '(&(objectCategory=person)(|(sAMAccountName={name})(userPrincipalName={name})))',
  CUSTODIA_LDAP_ID: 'objectGUID',
  CUSTODIA_LDAP_GROUPS: samba.base,
  CUSTODIA_LDAP_ROLES: 'heads=manager;whole-bank=staff',
  CUSTODIA_LDAP_CREATE: 'true',
  CUSTODIA_LDAP_SYNC_MINUTES: '0',
})
const told = ({ status, body }: Answer) => [status, body['code'] ?? body['next']]

describe.each(['ldaps', 'StartTLS'])('sign-in by a real Active Directory over %s', (way) => {
  let household = 0
  beforeAll(async () => {
    const server = way === 'ldaps' ? samba.secureUrl : samba.url
    rooms = await startRooms([ResponseModule, AdminModule, ProvisioningModule], undefined, envOf(server))
  })
  afterAll(() => rooms?.stop())
  beforeEach(() => void household++)
  const signIn = (username: string, password = right) =>
    rooms.browser(`10.3.${household}.${way.length}`).post('/auth/password', { username, password })
  const all = () => rooms.records.db.select().from(accounts)
  const named = async (username: string) =>
    (await rooms.records.db.select().from(accounts).where(eq(accounts.username, username)))[0]

  it('takes sAMAccountName and userPrincipalName, however they are spelled, for one person; groups within groups give the role', async () => {
    for (const name of ['anna', 'anna@example.test', 'ANNA']) expect(told(await signIn(name))).toEqual([200, 'enrol'])
    expect(await all()).toMatchObject([
      { username: 'anna', role: 'staff', door: 'ldap', passwordHash: null, displayName: 'The one called anna' },
    ])
    expect((await named('anna'))?.doorSubject).toMatch(/^[0-9a-f]{32}$/)
    expect(told(await signIn('bert'))).toEqual([200, 'enrol'])
    expect((await named('bert'))?.role).toBe('manager')
    expect(told(await signIn('carl'))).toEqual([403, 'no_account']) // in no group that has a role
  })

  it('refuses a wrong password and unknown names alike, and finds nobody by a filter', async () => {
    const names = ['anna', 'nobody-there', 'ann*', 'anna)(objectClass=*', '*)(|(sAMAccountName=anna', 'heads', 'DC$']
    for (const name of names)
      expect([name, ...told(await signIn(name, 'wrong'))]).toEqual([name, 401, 'bad_credentials'])
    for (const name of names.slice(1))
      expect([name, ...told(await signIn(name))]).toEqual([name, 401, 'bad_credentials'])
  })

  it.each([
    ['closed', 'account_disabled'],
    ['over', 'account_disabled'],
    ['stale', 'password_expired'],
  ])('says what keeps out who is %s, and only to whoever knows the password', async (name, code) => {
    expect(told(await signIn(name, 'wrong'))).toEqual([401, 'bad_credentials'])
    expect(told(await signIn(name))).toEqual([403, code])
    expect(await named(name)).toBeUndefined()
  })

  it('freezes at the next round who was closed there, or whose time there is over', async () => {
    for (const name of ['closed-later', 'over-later']) expect(told(await signIn(name))).toEqual([200, 'enrol'])
    await set('closed-later', 'userAccountControl', '514')
    await set('over-later', 'accountExpires', '116444736000000000')
    try {
      expect(await rooms.app.get(DirectorySync).round()).toBe(2)
      for (const name of ['closed-later', 'over-later']) expect((await named(name))?.status).toBe('disabled')
      expect((await named('anna'))?.status).toBe('active')
    } finally {
      await set('closed-later', 'userAccountControl', '512')
      await set('over-later', 'accountExpires', never)
    }
  })
})
