import { z } from 'zod'
import { Id, IdParam, Page, pageOf } from './common.js'
import { defineRoutes } from './route.js'

export const businessTypes = ['car_loan', 'mortgage', 'insurance', 'deposit', 'car_sale', 'other'] as const
export const BusinessType = z.enum(businessTypes)
export const photoKinds = ['id_front', 'id_back', 'face', 'document'] as const
export const PhotoKind = z.enum(photoKinds)
/** Personal fields: encrypted at rest, masked by default, shown by a reveal only. */
export const personalFields = ['name', 'id_number', 'phone', 'email', 'address', 'account_number'] as const
export const PersonalField = z.enum(personalFields)

/** Why somebody looks. The list is fixed here; both languages for the page. */
export const purposes = [
  { id: 'identity_check', en: 'Identity check', zh: '身份核验' },
  { id: 'contract', en: 'Signing or carrying out a contract', zh: '签订或履行合同' },
  { id: 'complaint', en: 'Complaint or question of the customer', zh: '客户咨询或投诉' },
  { id: 'compliance', en: 'Legal duty or audit', zh: '法定义务或审计' },
] as const
export const Purpose = z.enum(purposes.map((p) => p.id) as ['identity_check', 'contract', 'complaint', 'compliance'])
/** Optional here so that its absence is answered (and written down) as `purpose_required`, not as a bad field. */
const WithPurpose = z.object({ purpose: z.string().max(64).optional() })

export const informationTypes = ['basic', 'contact', 'id_number', 'id_photo', 'face', 'financial'] as const
export const InformationType = z.enum(informationTypes)
/** What a customer's consent must name before a field is shown in the clear. */
export const informationOfField: Record<z.infer<typeof PersonalField>, z.infer<typeof InformationType>> = {
  name: 'basic',
  id_number: 'id_number',
  phone: 'contact',
  email: 'contact',
  address: 'contact',
  account_number: 'financial',
}
/** What a customer's consent must name before a photo is kept or shown. */
export const informationOfPhoto: Record<z.infer<typeof PhotoKind>, z.infer<typeof InformationType>> = {
  id_front: 'id_photo',
  id_back: 'id_photo',
  face: 'face',
  document: 'basic',
}
export const ConsentInput = z.object({
  given_at: z.iso.datetime(),
  information_types: z.array(InformationType).min(1),
  purposes: z.array(Purpose).min(1),
  way: z.enum(['pop_up', 'signature', 'paper']),
  until: z.iso.datetime().optional(),
})
export const Consent = ConsentInput.extend({
  id: z.string(),
  source: z.string().optional().describe('of imported customers: what the importer named as telling of it'),
  recorded_by: z.string(),
  withdrawn_at: z.iso.datetime().optional(),
})
export type Consent = z.infer<typeof Consent>

const text = (max: number) => z.string().trim().min(1).max(max)
export const CustomerInput = z.object({
  name: text(100),
  id_number: text(32).describe('18-character resident ID number; its check digit is verified'),
  phone: text(32).optional(),
  email: z.email().max(200).optional(),
  address: text(300).optional(),
  account_number: text(64).optional(),
  business_type: BusinessType,
  tags: z.array(text(32)).max(20).default([]),
})
/** A customer as lists and pages show it: personal fields masked, e.g. 张*, 110***********1234; what the reader's role does not get is absent. */
export const MaskedCustomer = z.object({
  id: z.string(),
  name: z.string(),
  id_number: z.string().optional(),
  phone: z.string().optional(),
  email: z.string().optional(),
  address: z.string().optional(),
  account_number: z.string().optional(),
  business_type: BusinessType,
  tags: z.array(z.string()).optional(),
  owner: z.string(),
  owner_name: z.string(),
  team: z.string(),
  branch: z.string(),
  created_at: z.iso.datetime(),
  mine: z.boolean(),
})
export type MaskedCustomer = z.infer<typeof MaskedCustomer>
export const PhotoInfo = z.object({
  id: z.string(),
  kind: PhotoKind,
  content_type: z.enum(['image/jpeg', 'image/png', 'image/webp']),
  bytes: z.number().int(),
  width: z.number().int(),
  height: z.number().int(),
  captured_at: z.iso.datetime(),
})
export type PhotoInfo = z.infer<typeof PhotoInfo>
export const CustomerDetail = MaskedCustomer.extend({
  photos: z.array(PhotoInfo).optional(),
  consents: z.array(Consent).optional(),
  may: z.array(z.string()).describe('permissions I have on this customer'),
})
export type CustomerDetail = z.infer<typeof CustomerDetail>

export const CustomerQuery = Page.extend({
  q: z.string().trim().max(100).optional().describe('name or its beginning, ID number, or phone'),
  business_type: BusinessType.optional(),
  tag: z.string().max(32).optional(),
  captured_from: z.iso.date().optional().describe('a photo was captured on or after this day'),
  captured_to: z.iso.date().optional(),
  mine: z.enum(['true', 'false']).optional(),
  approval: Id.optional().describe('named in this request for approval, which I may read'),
})
export const Transaction = z.object({
  id: z.string(),
  at: z.iso.datetime(),
  kind: z.enum(['payment', 'transfer', 'withdrawal', 'loan']),
  amount: z.number(),
  currency: z.string().length(3),
  counterparty: z.string().max(100).optional(),
})
export const CustomerAccess = z.object({
  event_id: z.string(),
  time: z.iso.datetime(),
  actor: z.string(),
  actor_name: z.string(),
  action: z.string(),
  outcome: z.string(),
  purpose: z.string().optional(),
  reason: z.string().optional().describe('why not: the rule, or an error code'),
  among: z.number().int().optional().describe('shown by a search, list or export of so many'),
})

export const vaultRoutes = defineRoutes({
  customersSearch: {
    method: 'GET',
    path: '/customers',
    door: 'session',
    needs: 'customer.search',
    event: 'search',
    summary: 'Find customers; personal fields masked',
    query: CustomerQuery,
    reply: pageOf(MaskedCustomer),
  },
  customerCreate: {
    method: 'POST',
    path: '/customers',
    door: 'session',
    needs: 'customer.create',
    event: 'create',
    summary: 'Create a customer; consent comes first',
    body: CustomerInput.extend({ consent: ConsentInput.optional().describe('without it: 403 consent_missing') }),
    reply: CustomerDetail,
  },
  customerView: {
    method: 'GET',
    path: '/customers/:id',
    door: 'session',
    needs: 'customer.view',
    event: 'view',
    summary: 'One customer, masked, with photos and consents',
    params: IdParam,
    reply: CustomerDetail,
  },
  customerUpdate: {
    method: 'PATCH',
    path: '/customers/:id',
    door: 'session',
    needs: 'customer.update',
    event: 'update',
    summary: 'Change fields of a customer',
    params: IdParam,
    // Without its default: tags that are not named stay as they are.
    body: CustomerInput.partial().extend({ tags: CustomerInput.shape.tags.unwrap().optional() }),
    reply: CustomerDetail,
  },
  customerDelete: {
    method: 'DELETE',
    path: '/customers/:id',
    door: 'session',
    needs: 'customer.delete',
    event: 'delete',
    summary: 'Delete a customer with photos, consents and transactions',
    params: IdParam,
  },
  customerReveal: {
    method: 'POST',
    path: '/customers/:id/reveal',
    door: 'session',
    needs: 'customer.reveal',
    event: 'reveal',
    held: true,
    stepUp: { fields: ['id_number'] },
    approval: 'reveal',
    summary: 'Personal fields in the clear, for a purpose',
    params: IdParam,
    body: WithPurpose.extend({ fields: z.array(PersonalField).min(1), approval_id: Id.optional() }),
    reply: z.record(z.string(), z.string()),
  },
  customerExport: {
    method: 'POST',
    path: '/customers/export',
    door: 'session',
    needs: 'customer.export',
    event: 'export',
    held: true,
    stepUp: true,
    approval: 'export',
    summary: 'Fields of chosen customers as CSV, for a purpose',
    body: WithPurpose.extend({
      customer_ids: z.array(Id).min(1).max(10_000),
      fields: z.array(PersonalField).min(1),
      approval_id: Id.optional(),
    }),
    reply: 'text/csv',
  },
  customerAccesses: {
    method: 'GET',
    path: '/customers/:id/accesses',
    door: 'session',
    needs: 'customer.accesses',
    event: 'list',
    summary: 'Who looked at this customer',
    params: IdParam,
    query: Page,
    reply: pageOf(CustomerAccess),
  },
  consentRecord: {
    method: 'POST',
    path: '/customers/:id/consents',
    door: 'session',
    needs: 'consent.record',
    event: 'consent',
    summary: 'Record a consent',
    params: IdParam,
    body: ConsentInput,
    reply: Consent,
  },
  consentWithdraw: {
    method: 'DELETE',
    path: '/consents/:id',
    door: 'session',
    needs: 'consent.record',
    event: 'consent',
    summary: 'Withdraw a consent',
    params: IdParam,
  },
  transactions: {
    method: 'GET',
    path: '/customers/:id/transactions',
    door: 'session',
    needs: 'transaction.view',
    event: 'view',
    summary: "A customer's transactions",
    params: IdParam,
    reply: pageOf(Transaction),
  },
  transactionAdd: {
    method: 'POST',
    path: '/customers/:id/transactions',
    door: 'session',
    needs: 'transaction.create',
    event: 'create',
    summary: 'Add a transaction',
    params: IdParam,
    body: Transaction.omit({ id: true }),
    reply: Transaction,
  },
  photoUpload: {
    method: 'POST',
    path: '/customers/:id/photos',
    door: 'session',
    needs: 'photo.upload',
    event: 'photo_upload',
    summary: 'Add a photo: multipart with fields kind, captured_at (optional) before the part `file`; at most 20 MB',
    params: IdParam,
    consumes: 'multipart/form-data',
    reply: PhotoInfo,
  },
  photoThumbnail: {
    method: 'GET',
    path: '/photos/:id/thumbnail',
    door: 'session',
    needs: 'photo.thumbnail',
    event: 'photo_thumbnail',
    summary: 'A blurred thumbnail',
    params: IdParam,
    reply: 'image/webp',
  },
  photoView: {
    method: 'GET',
    path: '/photos/:id',
    door: 'session',
    needs: 'photo.view',
    event: 'photo_view',
    held: true,
    summary: 'A photo at full size, for a purpose',
    params: IdParam,
    query: WithPurpose,
    reply: 'image/*',
  },
  photoDownload: {
    method: 'GET',
    path: '/photos/:id/download',
    door: 'session',
    needs: 'photo.download',
    event: 'photo_download',
    held: true,
    summary: 'A photo as a file, for a purpose',
    params: IdParam,
    query: WithPurpose,
    reply: 'image/*',
  },
})
