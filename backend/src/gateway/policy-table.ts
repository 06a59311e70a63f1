import type { CustomerField, FieldLevel, Permission, PolicyPreset, Reach, Role } from '@custodia/contracts'

type Rows = Record<Permission, Partial<Record<Role, Reach>>>
/** A role that is not named gets nothing of the field. */
type Fields = Record<CustomerField, Partial<Record<Role, FieldLevel>>>

/**
 * Who may do what: permission → role → reach. What is not written here is refused. Separation of duties: the analyst and
 * the administrator see no photos and no plain values, the auditor changes nothing but schedules.
 */
const separation: Rows = {
  'customer.search': { staff: 'branch', service: 'own', finance: 'branch', manager: 'branch' },
  'customer.view': { staff: 'branch', service: 'own', finance: 'branch', manager: 'branch' },
  'customer.create': { staff: 'all', manager: 'all' },
  'customer.update': { staff: 'own', manager: 'branch' },
  'customer.delete': { manager: 'branch' },
  'customer.reveal': { staff: 'own', service: 'own', manager: 'branch' },
  'customer.export': { staff: 'own', manager: 'branch' },
  'customer.accesses': { manager: 'branch', analyst: 'all', auditor: 'all' },
  'consent.record': { staff: 'own', manager: 'branch' },
  'transaction.view': { staff: 'own', finance: 'branch', manager: 'branch' },
  'transaction.create': { staff: 'own', finance: 'branch', manager: 'branch' },
  'photo.thumbnail': { staff: 'branch', manager: 'branch' },
  'photo.view': { staff: 'own', manager: 'branch' },
  'photo.download': { staff: 'own', manager: 'branch' },
  'photo.upload': { staff: 'own', manager: 'branch' },
  'alert.read': { analyst: 'all', auditor: 'all', admin: 'all' },
  'alert.triage': { analyst: 'all' },
  'event.read': { analyst: 'all', auditor: 'all' },
  'live.read': { analyst: 'all', auditor: 'all', admin: 'all' },
  'rule.read': { analyst: 'all', auditor: 'all', admin: 'all' },
  'rule.backtest': { analyst: 'all', admin: 'all' },
  'rule.edit': { analyst: 'all', admin: 'all' },
  'rule.approve': { analyst: 'all', admin: 'all' },
  'person.read': { analyst: 'all', auditor: 'all', admin: 'all' },
  'person.freeze': { analyst: 'all', admin: 'all' },
  'person.lift': { analyst: 'all', admin: 'all' },
  'account.manage': { admin: 'all' },
  'approval.read': { staff: 'own', manager: 'branch', analyst: 'all', auditor: 'all', admin: 'all' },
  'approval.request': { staff: 'own', manager: 'own' },
  'approval.break_glass': { staff: 'own', manager: 'own' },
  'approval.decide': { manager: 'branch', admin: 'all' },
  'approval.revoke': { staff: 'own', manager: 'branch', analyst: 'all', admin: 'all' },
  'approval.review': { manager: 'branch', analyst: 'all', admin: 'all' },
  'policy.read': { manager: 'all', analyst: 'all', auditor: 'all', admin: 'all' },
  'policy.change': { admin: 'all' },
  'power.confirm': { admin: 'all' },
  'power.stop': { analyst: 'all', admin: 'all' },
  'report.read': { auditor: 'all' },
  'schedule.manage': { auditor: 'all' },
  'review.decide': { manager: 'own', admin: 'all' }, // own: whose manager one is
  'review.read': { auditor: 'all', admin: 'all' },
  'review.manage': { admin: 'all' },
  'ingest.manage': { admin: 'all' },
  'notice.manage': { admin: 'all' },
  'notice.read': { analyst: 'all', admin: 'all' },
  'notice.retry': { analyst: 'all', admin: 'all' },
  'demo.manage': { admin: 'all' },
  'drill.read': { analyst: 'all', auditor: 'all', admin: 'all' },
  'drill.run': { analyst: 'all', admin: 'all' },
  own: { staff: 'all', service: 'all', finance: 'all', manager: 'all', analyst: 'all', auditor: 'all', admin: 'all' },
}

const separationFields: Fields = {
  name: { staff: 'reveal', service: 'reveal', finance: 'masked', manager: 'reveal' },
  id_number: { staff: 'approval', manager: 'approval' },
  phone: { staff: 'reveal', service: 'reveal', manager: 'reveal' },
  email: { staff: 'reveal', service: 'masked', manager: 'reveal' },
  address: { staff: 'reveal', manager: 'reveal' },
  account_number: { staff: 'reveal', manager: 'reveal' },
  tags: { staff: 'plain', service: 'plain', manager: 'plain' },
  photos: { staff: 'plain', manager: 'plain' },
  consents: { staff: 'plain', manager: 'plain' },
}

/** Where one house is too small for separate desks: only administrators see photos, staff see part of the information. */
const simple: Rows = {
  ...separation,
  'customer.search': { ...separation['customer.search'], staff: 'team', admin: 'all' },
  'customer.view': { ...separation['customer.view'], staff: 'team', admin: 'all' },
  'customer.reveal': { ...separation['customer.reveal'], admin: 'all' },
  'photo.thumbnail': { staff: 'own', manager: 'branch', admin: 'all' },
  'photo.view': { admin: 'all' },
  'photo.download': { admin: 'all' },
}

const simpleFields: Fields = {
  name: { ...separationFields.name, admin: 'reveal' },
  id_number: { ...separationFields.id_number, admin: 'reveal' },
  phone: { ...separationFields.phone, admin: 'reveal' },
  email: { service: 'masked', manager: 'reveal', admin: 'reveal' },
  address: { manager: 'reveal', admin: 'reveal' },
  account_number: { manager: 'reveal', admin: 'reveal' },
  tags: { ...separationFields.tags, admin: 'plain' },
  photos: { ...separationFields.photos, admin: 'plain' },
  consents: { ...separationFields.consents, admin: 'plain' },
}

export const presets: Record<PolicyPreset, { rows: Rows; fields: Fields }> = {
  separation: { rows: separation, fields: separationFields },
  simple: { rows: simple, fields: simpleFields },
}

/** What shows plain values or whole photos: never without a purpose that the customer's consent covers. */
export const plainPermissions: readonly Permission[] = [
  'customer.reveal',
  'customer.export',
  'photo.view',
  'photo.download',
]
