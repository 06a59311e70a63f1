import type { AnyProblemCode } from '../../api/problem.js'

/** What happened and what to do, for every code of the contract. */
export const problems = {
  not_signed_in: 'You are signed out. Sign in to go on.',
  bad_credentials: 'User name, password, passkey or code is wrong, or it was used before.',
  second_factor_required: 'Use your second factor to go on.',
  enrolment_required: 'Add an authenticator app or a passkey first.',
  enrolment_over: 'This was begun in another session, or more than ten minutes ago. Begin anew.',
  account_frozen: 'Your access is paused. Ask your security desk to lift it.',
  account_disabled: 'This account is closed. Ask your administrator.',
  password_expired:
    'Your password is too old at your company’s directory, or must be changed there first. Change it at your workplace, then sign in here.',
  password_too_short: 'The password is too short.',
  password_known:
    'This password is known from breaches or easy to guess. Take another: a few words that do not belong together.',
  invitation_invalid: 'This invitation was used, revoked or is over. Ask your administrator for a new one.',
  passkey_not_allowed:
    'Your company does not take this kind of passkey. Use one that it hands out, or an authenticator app.',
  too_many_attempts: 'Too many attempts. Wait a moment, then try again.',
  not_allowed: 'Your role does not allow this.',
  field_not_allowed: 'Your role does not get these fields.',
  approval_required: 'This takes an approval: ask for one.',
  approval_exceeded: 'This goes beyond the approval. Ask for another one.',
  emergency_unreviewed:
    'An emergency access of yours still waits for its review. Until somebody has reviewed it there is no other: ask for an approval, or ask your manager, an analyst or an administrator to review it.',
  outside_hours: 'Your role does this in working hours only. Come back then.',
  outside_network: 'Your role does this from certain networks only. Use one of them.',
  purpose_required: 'Choose a purpose first: what do you need it for?',
  consent_missing: 'The customer’s consent does not cover this purpose. Record a consent first.',
  limit_reached: 'This was refused: the limit of a security rule is reached. Ask your security desk.',
  notice_needed: 'No mail can be sent to this person. Tell them yourself, then say here how you did.',
  too_early: 'The waiting time is not over.',
  step_up_required: 'Prove once more that it is you, for this very action.',
  access_blocked: 'This kind of access is switched off for you for a time. Ask your security desk.',
  slowed_down: 'You are slowed down for a time by a security rule. Wait a moment, then try again.',
  freeze_changed:
    'Another freeze than the one that you saw is in force on this account: look at it first. Nothing was lifted; what you typed is kept.',
  second_person_required: 'A second person must confirm this: ask a colleague.',
  decider_too_new:
    'You decide nothing that takes a second person yet, and open nothing as an emergency: one person alone gave you your role. It begins after the waiting time, or once another administrator confirms you. What waits is not lost.',
  giver_involved:
    'This is about whoever gave you your role a moment ago, or may be: a colleague decides it. You can after the waiting time, or once another administrator confirms you.',
  out_of_touch: 'The system shows nothing right now, until it can hear of freezes again. Try again in a moment.',
  rule_not_usable: 'This rule cannot be used as it is written.',
  backtest_missing:
    'This version needs a backtest, run in the last seven days, that stays within the limits and is no shorter than one that did not. Run one first.',
  rule_overtaken: 'Another version came into force since this one was made. Edit that one, and propose it again.',
  backtest_running: 'Another backtest is running. Wait until it is done and try again.',
  backtest_cancelled: 'The backtest was cancelled.',
  backtest_too_large: 'This backtest needs more time or memory than it is given. Choose a shorter period.',
  verdict_missing: 'The security check did not answer in time, so nothing was shown. Try again in a moment.',
  event_log_unavailable: 'The access could not be written down, so nothing is shown. Try again in a moment.',
  audit_store_unavailable: 'Reports and timelines are not available right now. Try again in a moment.',
  record_store_unavailable: 'Records are not available right now. Try again in a moment.',
  photo_store_unavailable: 'Photos are not available right now. Try again in a moment.',
  not_ready: 'The system is starting. Try again in a moment.',
  not_found: 'There is no such thing, or it is not yours to see.',
  method_not_allowed: 'This address does not take that method. Reload the page.',
  invalid_input: 'Some fields are not right. Check the marked ones.',
  malformed_body: 'The data could not be read. Reload the page and try again.',
  invalid_id_number: 'The ID number is not valid: check its 18 characters, the date and the last digit.',
  unsupported_media_type: 'This kind of file is not taken here.',
  not_an_image: 'The file is not a JPEG, PNG or WebP photo.',
  image_too_large: 'The photo has too many pixels: at most 50 million.',
  body_too_large: 'The file is too large: at most 20 MB.',
  conflict: 'Somebody changed this in the meantime, or it exists already. Load it again.',
  setup_done: 'The system is set up already. Sign in.',
  wrong_setup_code: 'The setup code is wrong. It is printed where the system was started.',
  wrong_origin: 'This request came from another address and was not carried out. Open the page at its own address.',
  administrator_present:
    'Another administrator can come in: they ask for a reset of your factors. The code opens nothing meanwhile.',
  last_administrator: 'The last administrator cannot be frozen, closed or given another role.',
  leavers_stopped:
    'Too many people left at once, so nobody else is closed. An administrator lets it go on, on the page Accounts.',
  last_factor: 'This is your last second factor. Add another one before you remove it.',
  own_account: 'Nobody does this to their own account: ask a colleague.',
  no_account: 'You are known there, and have no account or no role here. Ask your administrator.',
  sign_in_over:
    'This sign-in was used already, begun in another browser, or more than ten minutes ago. Go back and begin it anew.',
  provider_answer_wrong:
    'What came back from where you sign in does not prove who you are. Go back and begin anew; if it stays, tell your administrator.',
  provider_refused:
    'Where you sign in did not let you through: it was cancelled there, or is not allowed to you. Go back to try again; if you did not cancel, ask your administrator.',
  provider_failed:
    'Where you sign in could not carry this out. Go back and try again in a moment; if it stays, tell your administrator the error.',
  provider_unavailable: 'Where you sign in does not answer. Try again in a moment, or tell your administrator.',
  token_invalid: 'The API token is missing, wrong, revoked or over.',
  token_alone: 'Send an API token without the cookies of a session.',
  ingest_token_invalid: 'The ingest token is missing, wrong or revoked.',
  internal: 'Something went wrong on our side. Tell your administrator the request id.',
  passkey_cancelled:
    'The passkey prompt was closed or timed out, or the key did not recognise you. Try again, or use another way.',
  unreachable: 'No answer from the system. Check your connection and try again.',
  unknown: 'Something unexpected came back. Try again; if it stays, tell your administrator.',
} satisfies Record<AnyProblemCode, string>
