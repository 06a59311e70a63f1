import type { AccessEvent, Role, SignInDoor, TokenScope } from '@custodia/contracts'
import type { Policy } from './policy-in-force.js'

/** The person behind a request, as the session and the account say at this moment. */
export interface Caller {
  id: string
  username: string
  displayName: string
  role: Role
  team: string
  branch: string
  demo: boolean
  drill: boolean
  door: SignInDoor
  session: string
  level: 'first_factor' | 'full'
  /** the table in force when this request began */
  policy: Policy
  newDevice: boolean
  /** they come with an API token: what it may do of what they may; `session` is the token's id */
  scopes?: readonly TokenScope[]
  /** what is not as it was when the session began */
  moved?: AccessEvent['moved']
  /** a measure is in force: plain values come masked, photos blurred */
  masked?: boolean
}

/** Where a request comes from. */
export interface Origin {
  ip: string
  userAgent?: string
  /** id of the browser, from a long-lived cookie; hashed */
  device?: string
  requestId: string
  /** W3C Trace Context of the request, where it came with one */
  traceparent?: string
}
