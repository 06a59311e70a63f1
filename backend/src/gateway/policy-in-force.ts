import { createHash } from 'node:crypto'
import { BlockList, isIP, isIPv6 } from 'node:net'
import {
  type CustomerField,
  customerFields,
  type FieldLevel,
  type Permission,
  type PolicyCell,
  type PolicyCondition,
  type PolicyFieldRow,
  type PolicyRow,
  PolicySettings,
  Role,
  routes,
  type RouteSpec,
} from '@custodia/contracts'
import { plainPermissions, presets } from './policy-table.js'

/** Who changed the settings, when and why; absent while they are as installed. */
export interface PolicyChange {
  changed_at: string
  changed_by: string
  /** account id, or `system`; absent where it took nobody else */
  confirmed_by?: string
  reason: string
}

export const installedSettings: PolicySettings = { preset: 'separation', conditions: [], larger_export: 500 }

/** The table with everything filled in, as one version of the settings makes it. It never changes; another takes its place. */
export class Policy {
  readonly cells: Record<Permission, Partial<Record<Role, PolicyCell>>>
  readonly fields: Record<CustomerField, Record<Role, FieldLevel>>
  private readonly lists = new Map<readonly string[], BlockList>()

  constructor(
    readonly settings: PolicySettings = installedSettings,
    /** 0: as installed */
    readonly version = 0,
    readonly change?: PolicyChange,
  ) {
    const { rows, fields } = presets[settings.preset]
    const permissions = Object.keys(rows) as Permission[]
    this.cells = recordOf(permissions, (permission) =>
      Object.fromEntries(
        Role.options.flatMap((role) => {
          const reach = rows[permission][role]
          return reach ? [[role, { reach, ...whatItTakes(permission), ...this.conditions(role, permission) }]] : []
        }),
      ),
    )
    const views = this.cells['customer.view']
    this.fields = recordOf(customerFields, (field) =>
      recordOf(Role.options, (role) => (views[role] && fields[field][role]) ?? 'absent'),
    )
  }

  /** The table as data: what is shown, exported and hashed is what is evaluated. */
  get tables(): { rows: PolicyRow[]; fields: PolicyFieldRow[] } {
    const rows = (Object.keys(this.cells) as Permission[]).map((permission) => ({
      permission,
      cells: this.cells[permission],
    }))
    return { rows, fields: customerFields.map((field) => ({ field, cells: this.fields[field] })) }
  }

  get hash(): string {
    return createHash('sha256')
      .update(JSON.stringify([PolicySettings.parse(this.settings), this.tables]))
      .digest('hex')
  }

  isWithin(networks: readonly string[], ip: string): boolean {
    const address = ip.replace(/^::ffff:(?=\d+\.)/i, '')
    const family = isIPv6(address) ? 'ipv6' : 'ipv4'
    return isIP(address) !== 0 && this.listOf(networks).check(address, family)
  }

  private listOf(networks: readonly string[]): BlockList {
    const known = this.lists.get(networks)
    if (known) return known
    const list = new BlockList()
    for (const network of networks) {
      const [address = '', bits] = network.split('/')
      list.addSubnet(address, Number(bits), isIPv6(address) ? 'ipv6' : 'ipv4')
    }
    this.lists.set(networks, list)
    return list
  }

  /** Of several that fit, all must be met: networks are those that every one of them names. */
  private conditions(role: Role, permission: Permission): Pick<PolicyCell, 'hours' | 'networks'> {
    const fitting = this.settings.conditions.filter(({ roles, on }) => roles.includes(role) && concerns(on, permission))
    const lists = fitting.flatMap(({ networks }) => (networks ? [networks] : []))
    const common = lists.reduce((left, right) => left.filter((network) => right.includes(network)), lists[0] ?? [])
    return {
      ...(fitting.some(({ hours }) => hours) && { hours: 'working' as const }),
      ...(lists.length && { networks: common }),
    }
  }
}

const specs: RouteSpec[] = Object.values(routes)
const whatItTakes = (permission: Permission): Omit<PolicyCell, 'reach'> => {
  const those = specs.filter(({ needs }) => needs === permission)
  return {
    ...(plainPermissions.includes(permission) && { purpose: true as const }),
    ...(those.some(({ held }) => held) && { held: true as const }),
    ...(those.length > 0 && those.every(({ stepUp }) => stepUp === true) && { step_up: true as const }),
  }
}

const concerns = (on: PolicyCondition['on'], permission: Permission): boolean =>
  on === 'plain' ? plainPermissions.includes(permission) : /^(customer|consent|transaction|photo)\./.test(permission)

const recordOf = <K extends string, V>(keys: readonly K[], valueOf: (key: K) => V): Record<K, V> =>
  Object.fromEntries(keys.map((key) => [key, valueOf(key)])) as Record<K, V>
