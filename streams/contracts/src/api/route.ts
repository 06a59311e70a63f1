import type { z } from 'zod'
import type { AccessAction } from '../access-event.js'
import type { TokenScope } from './token-scope.js'

/** Who may call a route at all; what they may do is the policy table. */
export type Door =
  | 'public' // anybody
  | 'first_factor' // a session that has shown a password only; enrolment and the second factor live here
  | 'session' // a session that has shown its second factor, or an API token with the scope of that name
  | 'token' // an API token, and nothing else
  | 'ingest_token' // `Authorization: Bearer …` of one outside source

/** What a route needs from the policy table; see backend/src/gateway/policy.ts. */
export type Permission =
  | 'customer.search'
  | 'customer.view'
  | 'customer.create'
  | 'customer.update'
  | 'customer.delete'
  | 'customer.reveal'
  | 'customer.export'
  | 'customer.accesses'
  | 'consent.record'
  | 'transaction.view'
  | 'transaction.create'
  | 'photo.thumbnail'
  | 'photo.view'
  | 'photo.download'
  | 'photo.upload'
  | 'alert.read'
  | 'alert.triage'
  | 'event.read'
  | 'live.read'
  | 'rule.read'
  | 'rule.backtest'
  | 'rule.edit'
  | 'rule.approve'
  | 'person.read'
  | 'person.freeze'
  | 'person.lift'
  | 'account.manage'
  | 'approval.read'
  | 'approval.request'
  | 'approval.break_glass'
  | 'approval.decide'
  | 'approval.revoke'
  | 'approval.review'
  | 'policy.read'
  | 'policy.change'
  | 'power.confirm'
  | 'power.stop'
  | 'report.read'
  | 'schedule.manage'
  | 'review.decide'
  | 'review.read'
  | 'review.manage'
  | 'ingest.manage'
  | 'notice.manage'
  | 'notice.read'
  | 'notice.retry'
  | 'demo.manage'
  | 'drill.read'
  | 'drill.run'
  | 'own' // own: one's own session and factors

export interface RouteSpec {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** below /api/v1, with `:name` parameters */
  path: string
  door: Door
  needs?: Permission
  /** what an API token must have for it, where that is not called like the permission */
  scope?: TokenScope
  /** the access event that this route writes, granted or refused, before its answer leaves */
  event?: AccessAction
  /** waits for the verdict on its own event */
  held?: true
  /** wants a fresh proof for this very request, as soon as there is a factor to give it with; or only where its body's `fields` name one of these, or where its body has one of these keys */
  stepUp?: true | { fields: readonly string[] } | { keys: readonly string[] }
  /** may take an approval for this use: where it is missing or spent, that is said before a proof is asked for */
  approval?: 'reveal' | 'export'
  summary: string
  params?: z.ZodObject
  query?: z.ZodObject
  body?: z.ZodType
  /** absent: 204; a string: that content type, as bytes */
  reply?: z.ZodType | string
  /** other than JSON */
  consumes?: 'multipart/form-data' | 'application/x-ndjson' | 'application/x-www-form-urlencoded'
}

export type ParamsOf<R extends RouteSpec> = R['params'] extends z.ZodType ? z.output<R['params']> : Record<never, never>
export type QueryOf<R extends RouteSpec> = R['query'] extends z.ZodType ? z.output<R['query']> : Record<never, never>
export type BodyOf<R extends RouteSpec> = R['body'] extends z.ZodType ? z.output<R['body']> : undefined
export type BodyInput<R extends RouteSpec> = R['body'] extends z.ZodType ? z.input<R['body']> : undefined
export type QueryInput<R extends RouteSpec> = R['query'] extends z.ZodType ? z.input<R['query']> : Record<never, never>
export type ReplyOf<R extends RouteSpec> = R['reply'] extends z.ZodType
  ? z.output<R['reply']>
  : R['reply'] extends string
    ? Uint8Array
    : void

/** The validated input of a route, as its handler gets it. */
export interface InputOf<R extends RouteSpec> {
  params: ParamsOf<R>
  query: QueryOf<R>
  body: BodyOf<R>
}

/** Keeps the literal types of a route table. */
export const defineRoutes = <T extends Record<string, RouteSpec>>(table: T): T => table
