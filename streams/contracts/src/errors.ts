/**
 * Every problem the system answers with: code → HTTP status → sentence. Codes are stable; sentences say what to do.
 * Answers are RFC 9457 `application/problem+json` with `type` `urn:custodia:problem:<code>`, `code`, `title`, `status`, `detail`.
 */
export const problems = {
  not_signed_in: { status: 401, say: 'Sign in first.' },
  bad_credentials: { status: 401, say: 'User name, password or code is wrong, or was used before.' },
  second_factor_required: { status: 401, say: 'Use your second factor to go on.' },
  enrolment_required: { status: 403, say: 'Enrol a TOTP app or a passkey first.' },
  enrolment_over: {
    status: 409,
    say: 'This was begun in another session, or more than ten minutes ago. Begin it anew.',
  },
  account_frozen: { status: 423, say: 'Your access is paused. Ask your security desk to lift it.' },
  account_disabled: { status: 403, say: 'This account is closed. Ask your administrator.' },
  password_expired: {
    status: 403,
    say: 'Your password is too old where it is kept, or must be changed there first. Change it at your workplace, then sign in.',
  },
  password_too_short: { status: 422, say: 'The password is too short; `min` says how many characters it needs.' },
  password_known: {
    status: 422,
    say: 'This password is known from breaches or easy to guess. Take another: a few words that do not belong together.',
  },
  invitation_invalid: {
    status: 410,
    say: 'This invitation was used, revoked or is over. Ask your administrator for a new one.',
  },
  passkey_not_allowed: {
    status: 422,
    say: 'Your company does not take this kind of passkey. Use one that it hands out, or an authenticator app.',
  },
  too_many_attempts: { status: 429, say: 'Too many attempts. Wait a moment and try again.' },
  not_allowed: { status: 403, say: 'Your role does not allow this.' },
  field_not_allowed: { status: 403, say: 'Your role does not see these fields in the clear; `fields` names them.' },
  approval_required: {
    status: 403,
    say: 'This takes an approval: ask for one (`fields`, or `larger_export` together with the `exported` ones of the last 24 hours), or send `approval_id` with it; `approvals` names those of yours that fit.',
  },
  approval_exceeded: { status: 403, say: 'This goes beyond the approval; `beyond` says in what. Ask for another one.' },
  emergency_unreviewed: {
    status: 409,
    say: 'An emergency access of yours still waits for its review: there is no other until somebody has reviewed it, and it is over once that is overdue. Ask for an approval instead.',
  },
  outside_hours: { status: 403, say: 'Your role does this in working hours only. Come back then.' },
  outside_network: { status: 403, say: 'Your role does this from certain networks only. Use one of them.' },
  purpose_required: { status: 403, say: 'Say what you need it for: choose a purpose.' },
  consent_missing: { status: 403, say: "The customer's consent does not cover this purpose. Record a consent first." },
  limit_reached: {
    status: 403,
    say: 'This access was refused: the limit of a security rule is reached. Ask your security desk.',
  },
  step_up_required: {
    status: 403,
    say: 'Prove once more that it is you: use your passkey or a code for this very action (`step_up`), then send it again.',
  },
  access_blocked: {
    status: 403,
    say: 'This kind of access is switched off for you for a time. Ask your security desk.',
  },
  slowed_down: { status: 429, say: 'You are slowed down for a time by a security rule. Wait a moment and try again.' },
  freeze_changed: {
    status: 409,
    say: 'Another freeze than the one that you saw is in force on this account: look at it first.',
  },
  second_person_required: { status: 409, say: 'A second person must confirm this: ask a colleague.' },
  decider_too_new: {
    status: 409,
    say: 'One person alone gave you this role, so you decide nothing that takes a second person, and open nothing as an emergency, before `decides_from`, unless another administrator confirms you.',
  },
  giver_involved: {
    status: 409,
    say: 'This is about whoever gave you your role a moment ago, or may be: a colleague decides it, or you from `decides_from` on.',
  },
  notice_needed: {
    status: 409,
    say: 'No mail can be sent to this person. Tell them yourself, then say how you did (`told`).',
  },
  too_early: { status: 409, say: 'The waiting time is not over; `due_at` says when it is.' },
  out_of_touch: {
    status: 503,
    say: 'This gateway does not hear of freezes right now and shows nothing until it does. Try again in a moment.',
  },
  rule_not_usable: { status: 422, say: 'This rule cannot be used; see `detail`.' },
  rule_overtaken: {
    status: 409,
    say: 'Another version came into force since this one was made. Edit that one, and propose it again.',
  },
  backtest_running: { status: 429, say: 'Another backtest is running. Wait until it is done and try again.' },
  backtest_cancelled: { status: 409, say: 'The backtest was cancelled.' },
  backtest_too_large: {
    status: 422,
    say: 'This backtest needs more time or memory than it is given. Take a shorter period.',
  },
  backtest_missing: {
    status: 409,
    say: 'This version needs a backtest, run in the last seven days, that stays within the limits and is no shorter than one that did not. Run one first.',
  },
  verdict_missing: {
    status: 503,
    say: 'The security check did not answer in time. Nothing was shown. Try again in a moment.',
  },
  event_log_unavailable: {
    status: 503,
    say: 'The access could not be written down, so nothing is shown. Try again in a moment.',
  },
  audit_store_unavailable: {
    status: 503,
    say: 'Reports and timelines are not available right now. Try again in a moment.',
  },
  record_store_unavailable: { status: 503, say: 'Records are not available right now. Try again in a moment.' },
  photo_store_unavailable: { status: 503, say: 'Photos are not available right now. Try again in a moment.' },
  not_ready: { status: 503, say: 'The system is starting. Try again in a moment.' },
  not_found: { status: 404, say: 'There is no such thing, or it is not yours to see.' },
  method_not_allowed: { status: 405, say: 'This address does not take that method.' },
  invalid_input: { status: 400, say: 'Some fields are not right; see `errors`.' },
  malformed_body: { status: 400, say: 'The body is not what its content type says.' },
  invalid_id_number: { status: 422, say: 'The ID number is not valid: check its 18 characters, date and check digit.' },
  unsupported_media_type: { status: 415, say: 'Send this as the content type the documentation names.' },
  not_an_image: { status: 422, say: 'The file is not a JPEG, PNG or WebP photo.' },
  image_too_large: { status: 422, say: 'The photo has too many pixels: at most 50 million.' },
  body_too_large: { status: 413, say: 'The body is too large.' },
  conflict: { status: 409, say: 'Somebody changed this in the meantime, or it exists already. Load it again.' },
  setup_done: { status: 409, say: 'The system is set up already. Sign in.' },
  wrong_setup_code: { status: 403, say: 'The setup code is wrong. It is printed where the system was started.' },
  wrong_origin: { status: 403, say: 'This request came from another site and was not carried out.' },
  last_administrator: { status: 409, say: 'The last administrator cannot be frozen, disabled or given another role.' },
  administrator_present: {
    status: 409,
    say: 'Another administrator can come in: they ask for a reset of the lost factors, and the sealed code opens nothing.',
  },
  leavers_stopped: {
    status: 429,
    say: 'Too many people left at once, so nobody else is closed. An administrator lets it go on, on the page Accounts.',
  },
  last_factor: { status: 409, say: 'This is your last second factor. Add another one before you remove it.' },
  own_account: { status: 403, say: 'Nobody does this to their own account: ask a colleague.' },
  no_account: {
    status: 403,
    say: 'You are known there, and have no account or no role here. Ask your administrator.',
  },
  sign_in_over: {
    status: 401,
    say: 'This sign-in was used already, begun in another browser, or more than ten minutes ago. Begin it anew.',
  },
  provider_answer_wrong: {
    status: 401,
    say: 'What the provider sent back does not prove who you are. Begin anew; if it stays, tell your administrator.',
  },
  provider_unavailable: {
    status: 503,
    say: 'Where you sign in does not answer. Try again in a moment, or tell your administrator.',
  },
  token_invalid: { status: 401, say: 'The API token is missing, wrong, revoked or over.' },
  token_alone: {
    status: 400,
    say: 'Send an API token without the cookies of a session, or the cookies without a token.',
  },
  ingest_token_invalid: { status: 401, say: 'The ingest token is missing, wrong or revoked.' },
  internal: { status: 500, say: 'Something went wrong on our side. Tell your administrator the request id.' },
} as const satisfies Record<string, { status: number; say: string }>

export type ProblemCode = keyof typeof problems

/** The body of every error answer. */
export interface Problem {
  type: string
  title: string
  status: number
  detail: string
  code: ProblemCode
  request_id?: string
  errors?: { path: string; message: string }[]
  [extra: string]: unknown
}
