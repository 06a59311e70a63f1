import type { z } from 'zod'
import type { AccessAction } from '../access-event.js'

/** Who may call a route at all; what they may do is the policy table. */
export type Door =
  | 'public' // anybody
  | 'first_factor' // a session that has shown a password only; enrolment and the second factor live here
  | 'session' // a session that has shown its second factor
  | 'ingest_token' // `Authorization: Bearer …`

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
  | 'person.read'
  | 'person.freeze'
  | 'person.lift'
  | 'account.manage'
  | 'report.read'
  | 'schedule.manage'
  | 'ingest.manage'
  | 'notice.manage'
  | 'notice.read'
  | 'notice.retry'
  | 'demo.manage'
  | 'drill.read'
  | 'drill.run'
  | 'own' // own: one's own session and factors

export interface RouteSpec {
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  /** below /api/v1, with `:name` parameters */
  path: string
  door: Door
  needs?: Permission
  /** the access event that this route writes, granted or refused, before its answer leaves */
  event?: AccessAction
  /** waits for the verdict on its own event */
  held?: true
  /** wants a fresh proof for this very request, as soon as there is a factor to give it with */
  stepUp?: true
  summary: string
  params?: z.ZodObject
  query?: z.ZodObject
  body?: z.ZodType
  /** absent: 204; a string: that content type, as bytes */
  reply?: z.ZodType | string
  /** other than JSON */
  consumes?: 'multipart/form-data' | 'application/x-ndjson'
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
