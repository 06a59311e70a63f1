import type { Door, ProblemCode, RouteSpec } from '@custodia/contracts'

const ofDoor: Record<Door, ProblemCode[]> = {
  public: [],
  first_factor: ['not_signed_in', 'account_frozen'],
  session: ['not_signed_in', 'token_invalid', 'second_factor_required', 'enrolment_required', 'account_frozen'],
  token: ['token_invalid', 'account_frozen', 'too_many_attempts'],
  ingest_token: ['ingest_token_invalid', 'too_many_attempts'],
}

/** The ways a route can say no, as far as its declaration tells; a room may add codes of its own. */
export function problemsOf(route: RouteSpec): ProblemCode[] {
  const codes = new Set<ProblemCode>(ofDoor[route.door])
  const add = (applies: unknown, ...more: ProblemCode[]) => {
    if (applies) for (const code of more) codes.add(code)
  }
  add(route.params ?? route.query ?? route.body ?? route.consumes, 'invalid_input')
  add(route.body ?? route.consumes, 'malformed_body', 'unsupported_media_type', 'body_too_large')
  add(route.method !== 'GET', 'wrong_origin')
  add(route.needs, 'not_allowed')
  add(route.params, 'not_found')
  add(route.event, 'event_log_unavailable')
  add(route.event === 'sign_in', 'bad_credentials', 'account_frozen', 'account_disabled', 'too_many_attempts')
  add(route.stepUp ?? route.held, 'step_up_required')
  add(route.approval, 'approval_required', 'approval_exceeded', 'emergency_unreviewed', 'field_not_allowed')
  add(route.held, 'purpose_required', 'consent_missing', 'limit_reached', 'verdict_missing')
  add(true, 'internal')
  return [...codes]
}
