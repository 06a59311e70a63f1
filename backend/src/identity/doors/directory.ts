import { isIP } from 'node:net'
import { Inject, Injectable } from '@nestjs/common'
import {
  Client,
  EqualityFilter,
  escapeFilter,
  InvalidCredentialsError,
  NoSuchObjectError,
  type Entry,
  type Filter,
} from 'ldapts'
import type { ProblemCode } from '@custodia/contracts'
import { CONFIG, type Config } from '../../config.js'
import { ProblemError } from '../../gateway/problem.js'
import { groupsOf } from './directory-groups.js'
import type { OutsidePerson } from './outside-people.js'
import type { LdapSettings } from './settings.js'

const disabledInAd = 2
/**
 * What Active Directory says of a bind whose password was right: disabled, over, its password too old or to be changed first.
 * To a wrong password it says 52e, whoever it is; 775, locked, it says to both.
 */
const refusedInAd: Partial<Record<string, ProblemCode>> = {
  '533': 'account_disabled',
  '701': 'account_disabled',
  '532': 'password_expired',
  '773': 'password_expired',
}
/** Of the person, not of the house: `telephoneNumber` and `postalAddress` are the office's. */
const phoneAttributes = ['mobile', 'homePhone', 'otherMobile', 'otherHomePhone']
const homeAttributes = [...phoneAttributes, 'homePostalAddress']

/** People of an LDAP directory or of Active Directory, over TLS alone. */
@Injectable()
export class Directory {
  constructor(@Inject(CONFIG) private readonly config: Config) {}

  get settings(): LdapSettings | undefined {
    return this.config.ldap
  }

  /**
   * Whom this password proves: found by name as the searching account, then bound as the person. Undefined for a wrong password
   * and for a name that nobody has, after the same exchange. Throws `provider_unavailable` when nobody answers, and
   * `account_disabled` or `password_expired` to whoever knows the password.
   */
  async prove(name: string, password: string): Promise<OutsidePerson | undefined> {
    const { settings } = this
    // A bind without a password succeeds for anybody: RFC 4513, 5.1.2.
    if (!settings || password === '' || password.includes('\0')) return undefined
    return this.connected(settings, async (client) => {
      const found = await this.byName(client, settings, name)
      const right = await binds(client, found?.dn ?? `cn=nobody,${settings.base}`, password)
      if (!found || !right) return undefined
      if (isDisabled(found)) throw new ProblemError('account_disabled')
      await bind(client, settings.bindDn, settings.bindPassword)
      return {
        door: 'ldap',
        subject: idOf(found, settings),
        username: name,
        displayName: textOf(found, 'displayName') || textOf(found, 'cn') || name,
        traits: traitsOf(found),
        groups: await groupsIn(client, settings, found.dn),
      }
    })
  }

  /** Which of these subjects are gone there, disabled, or in none of the groups that have a role here. */
  async gone(subjects: readonly string[]): Promise<Set<string>> {
    const { settings } = this
    if (!settings || !subjects.length) return new Set()
    return this.connected(settings, async (client) => {
      const gone = new Set<string>()
      for (const subject of subjects) {
        const value = isBinary(settings) ? Buffer.from(subject, 'hex') : subject
        // not as text: bytes above 7f, as a GUID has them, would be taken for characters
        const filter = new EqualityFilter({ attribute: settings.idAttribute, value })
        const [entry] = await this.search(client, settings, filter)
        if (!entry || isDisabled(entry) || !(await hasRole(client, settings, entry.dn))) gone.add(subject)
      }
      return gone
    })
  }

  /** Exactly one: a name that two people have proves neither. */
  private async byName(client: Client, settings: LdapSettings, name: string): Promise<Entry | undefined> {
    const filter = settings.filter.replaceAll('{name}', () => escapeFilter`${name}`)
    const [entry, another] = await this.search(client, settings, filter)
    return another ? undefined : entry
  }

  private async search(client: Client, settings: LdapSettings, filter: string | Filter): Promise<Entry[]> {
    const { searchEntries } = await client.search(settings.base, {
      scope: 'sub',
      filter,
      sizeLimit: 2,
      attributes: [
        settings.idAttribute,
        'displayName',
        'cn',
        'userAccountControl',
        'accountExpires',
        'pwdAccountLockedTime',
        'nsAccountLock',
        ...homeAttributes,
      ],
      explicitBufferAttributes: isBinary(settings) ? [settings.idAttribute] : [],
    })
    return searchEntries
  }

  private async connected<T>(settings: LdapSettings, work: (client: Client) => Promise<T>): Promise<T> {
    const { server: url, ca, timeoutMs } = settings
    const { hostname } = new URL(url)
    const named = isIP(hostname.replace(/^\[|\]$/g, '')) ? {} : { servername: hostname }
    const tlsOptions = { ...(ca ? { ca } : {}), minVersion: 'TLSv1.2' as const, ...named }
    const secured = /^ldaps:/i.test(url)
    const client = new Client({
      url,
      timeout: timeoutMs,
      connectTimeout: timeoutMs,
      ...(secured ? { tlsOptions } : {}),
    })
    try {
      // The first request dials; every later one must find that very connection.
      if (secured) await client.bind(settings.bindDn, settings.bindPassword)
      else {
        await client.startTLS({ ...tlsOptions, host: hostname })
        await bind(client, settings.bindDn, settings.bindPassword)
      }
      return await work(client)
    } catch (cause) {
      if (cause instanceof ProblemError) throw cause
      throw new ProblemError('provider_unavailable', { headers: { 'retry-after': '5' } }, { cause })
    } finally {
      await client.unbind().catch(() => undefined) // it is gone already
    }
  }
}

/** On this connection or on none: the client would dial again by itself, and after StartTLS that one is in the clear. */
async function bind(client: Client, dn: string, password: string): Promise<void> {
  if (!client.isConnected) throw new Error('the directory ended the connection')
  await client.bind(dn, password)
}

async function binds(client: Client, dn: string, password: string): Promise<boolean> {
  try {
    await bind(client, dn, password)
    return true
  } catch (error) {
    if (error instanceof NoSuchObjectError) return false
    if (!(error instanceof InvalidCredentialsError)) throw error
    const code = refusedInAd[/, data (\w+),/.exec(error.message)?.[1] ?? '']
    if (code) throw new ProblemError(code)
    return false
  }
}

const groupsIn = async (client: Client, { groups }: LdapSettings, dn: string): Promise<string[]> =>
  groups ? groupsOf(client, groups, dn) : []

/** Where groups say who may come at all. */
async function hasRole(client: Client, settings: LdapSettings, dn: string): Promise<boolean> {
  if (!settings.roles.length) return true
  const groups = await groupsIn(client, settings, dn)
  return settings.roles.some(([group]) => groups.includes(group))
}

const textOf = (entry: Entry, attribute: string): string => {
  const value = [entry[attribute]].flat()[0]
  return typeof value === 'string' ? value : ''
}

/** What the directory does not tell stays as it was told otherwise. */
function traitsOf(entry: Entry): OutsidePerson['traits'] {
  const all = (attributes: string[]): string[] | undefined => {
    const values = attributes.flatMap((attribute) => [entry[attribute] ?? []].flat())
    const texts = values.filter((value) => typeof value === 'string')
    return texts.length ? texts : undefined
  }
  // RFC 4517, 3.3.28: lines of a postal address are told apart by dollars
  const addresses = all(['homePostalAddress'])?.map((address) => address.replaceAll('$', ' '))
  return { phones: all(phoneAttributes), addresses }
}

/** In tenths of microseconds since 1601; 0, and what no clock will ever show, mean never. */
const isOverInAd = (expires: number): boolean => expires > 0 && expires < (Date.now() + 11_644_473_600_000) * 10_000

/** Disabled or over in Active Directory; locked for good by OpenLDAP's password policy; locked in 389 Directory Server. */
const isDisabled = (entry: Entry): boolean =>
  (Number(textOf(entry, 'userAccountControl') || 0) & disabledInAd) !== 0 ||
  isOverInAd(Number(textOf(entry, 'accountExpires'))) ||
  textOf(entry, 'pwdAccountLockedTime') === '000001010000Z' ||
  textOf(entry, 'nsAccountLock').toLowerCase() === 'true'

const isBinary = ({ idAttribute }: LdapSettings): boolean => idAttribute.toLowerCase() === 'objectguid'

function idOf(entry: Entry, { idAttribute }: LdapSettings): string {
  const value = [entry[idAttribute]].flat()[0]
  const id = Buffer.isBuffer(value) ? value.toString('hex') : value
  if (typeof id !== 'string' || id === '') throw new Error(`the directory gives no ${idAttribute}`)
  return id
}
