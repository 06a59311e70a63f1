import {
  businessTypes,
  CustomerInput,
  informationOfField,
  informationOfPhoto,
  isIdNumber,
  normaliseIdNumber,
  personalFields,
} from '@custodia/contracts'
import { DateTime } from 'luxon'
import type { z } from 'zod'
import { inForce } from '../vault/consent/covers.js'
import type { Information, Kind } from '../vault/personal-data.js'
import type { NewCustomer, Owner } from '../vault/vault-writer.js'
import type { Finding, ReasonCode } from './codes.js'
import { photoFields, type Field, type Values } from './columns.js'
import type { RawRow } from './read-rows.js'

type BusinessType = (typeof businessTypes)[number]

/** What the command says for every row; a row's own column wins. */
export interface ConsentTerms {
  source: string
  given?: string
  way: NewCustomer['consent']['way']
  purposes: NewCustomer['consent']['purposes']
  /** absent: just what the row brings */
  informationTypes?: Information[]
}
export interface RowRules {
  consent: ConsentTerms
  businessType?: BusinessType
  owner?: string
  ownerOf(username: string): Owner | undefined
  timeZone: string
  now: Date
}
export interface PhotoWish {
  kind: Kind
  name: string
}
/** Fit to be kept, as far as the row alone tells. */
export interface CheckedRow {
  input: NewCustomer
  owner: Owner
  capturedAt: Date
}

const mostPhotos = 20
const businessNames = new Map<string, BusinessType>([
  ...businessTypes.map((type): [string, BusinessType] => [type, type]),
  ['车贷', 'car_loan'],
  ['汽车贷款', 'car_loan'],
  ['房贷', 'mortgage'],
  ['按揭', 'mortgage'],
  ['保险', 'insurance'],
  ['存款', 'deposit'],
  ['汽车销售', 'car_sale'],
  ['购车', 'car_sale'],
  ['其他', 'other'],
  ['其它', 'other'],
])
// eslint-disable-next-line no-control-regex -- they are what is looked for
const damaged = /[\u0000-\u001f\u007f\ufffd]/

/** The photos that a row names, whatever else is wrong with it. */
export const photosNamedBy = (values: Values): PhotoWish[] =>
  photoFields.flatMap((kind) => partsOf(values[kind]).map((name): PhotoWish => ({ kind, name })))

/** One row against every rule that needs neither photos nor store. All that is wrong is told at once. */
export function checkRow({ values, findings }: RawRow, rules: RowRules): CheckedRow | Finding[] {
  if (findings.length) return findings
  const found: Finding[] = []
  const report = (code: ReasonCode, column?: Field) => void found.push({ code, column })
  for (const [field, value] of Object.entries(values) as [Field, string][])
    if (damaged.test(value)) report('bad_characters', field)

  const owner = rules.ownerOf(values.owner ?? rules.owner ?? '')
  if (!owner) report('unknown_owner', 'owner')
  const fields = customerOf(values, rules, report)
  const date = dateReader(values, rules.timeZone, report)
  const photos = photosNamedBy(values)
  if (photos.length > mostPhotos) report('too_many_photos')
  const consent = consentOf(values, photos, rules, { date, report })
  const capturedAt = date('captured_at') ?? (consent ? new Date(consent.given_at) : rules.now)
  if (values.captured_at !== undefined && capturedAt > rules.now) report('invalid_date', 'captured_at')
  if (found.length || !owner || !fields || !consent) return found
  return { input: { ...fields, consent }, owner, capturedAt }
}

type Report = (code: ReasonCode, column?: Field) => void

function customerOf(values: Values, rules: RowRules, report: Report): z.output<typeof CustomerInput> | undefined {
  const named = values.business_type
    ?.normalize('NFKC')
    .toLowerCase()
    .replace(/[\s-]+/g, '_')
  const businessType = named === undefined ? rules.businessType : businessNames.get(named)
  if (values.business_type === undefined && !businessType) report('missing_value', 'business_type')
  else if (!businessType) report('unknown_business_type', 'business_type')

  const idNumber = normaliseIdNumber(values.id_number ?? '')
  if (!idNumber) report('missing_value', 'id_number')
  else if (/^\d(\.\d+)?E\+?\d+$/.test(idNumber)) report('id_number_rounded', 'id_number')
  else if (!isIdNumber(idNumber, rules.now)) report('invalid_id_number', 'id_number')

  const parsed = CustomerInput.safeParse({
    ...Object.fromEntries(personalFields.map((field) => [field, values[field]])),
    id_number: idNumber || 'absent',
    business_type: businessType ?? 'other',
    tags: partsOf(values.tags, /[;；|、,，]/),
  })
  for (const issue of parsed.error?.issues ?? []) {
    const field = String(issue.path[0]) as Field
    if (field === 'tags') report('too_many_tags', field)
    else if (values[field] === undefined) report('missing_value', field)
    else if (issue.code === 'too_big') report('too_long', field)
    else if (field === 'email') report('invalid_email', field)
  }
  return parsed.data
}

function consentOf(
  values: Values,
  photos: readonly PhotoWish[],
  { consent, timeZone, now }: RowRules,
  { date, report }: { date: (field: Field) => Date | undefined; report: Report },
): NewCustomer['consent'] | undefined {
  const given = values.consent_given_at === undefined ? dateOf(consent.given, timeZone) : date('consent_given_at')
  const until = date('consent_until')
  if (!given) {
    if (values.consent_given_at === undefined) report('consent_missing', 'consent_given_at')
    return undefined
  }
  if (!inForce({ givenAt: given, until: until ?? null, withdrawnAt: null }, now) || (until && until <= given))
    report('consent_not_in_force', 'consent_given_at')
  const brought = informationIn(values, photos)
  const informationTypes = consent.informationTypes ?? brought
  if (!brought.every((type) => informationTypes.includes(type))) report('consent_not_covering')
  return {
    given_at: given.toISOString(),
    information_types: informationTypes,
    purposes: consent.purposes,
    way: consent.way,
    source: consent.source,
    ...(until ? { until: until.toISOString() } : {}),
  }
}

/** Consent is recorded for what is brought in, and no more. */
const informationIn = (values: Values, photos: readonly PhotoWish[]): Information[] => [
  ...new Set<Information>([
    'basic',
    ...personalFields.flatMap((field) => (values[field] === undefined ? [] : [informationOfField[field]])),
    ...photos.map(({ kind }) => informationOfPhoto[kind]),
  ]),
]

const dateReader = (values: Values, timeZone: string, report: Report) => (field: Field) => {
  const text = values[field]
  const date = dateOf(text, timeZone)
  if (text !== undefined && !date) report('invalid_date', field)
  return date
}

const dateFormats = [
  'yyyy-M-d',
  'yyyy/M/d',
  'yyyy.M.d',
  'yyyyMMdd',
  'yyyy年M月d日',
  'yyyy-M-d H:mm',
  'yyyy/M/d H:mm',
  'yyyy-M-d H:mm:ss',
  'yyyy/M/d H:mm:ss',
]

/** A day begins at midnight of the installation's time zone. */
export function dateOf(text: string | undefined, zone: string): Date | undefined {
  if (text === undefined) return undefined
  const plain = text.normalize('NFKC').trim()
  const candidates = [
    ...dateFormats.map((format) => DateTime.fromFormat(plain, format, { zone })),
    DateTime.fromISO(plain, { zone }),
  ]
  return candidates.find((date) => date.isValid && date.year >= 1949)?.toJSDate()
}

const partsOf = (cell: string | undefined, between = /[;；|]/): string[] =>
  cell
    ?.split(between)
    .map((name) => name.trim())
    .filter(Boolean) ?? []
