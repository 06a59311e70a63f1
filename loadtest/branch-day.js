// A branch's steady day with insiders: clerks find, open and look at their own customers' photos at a working pace; thieves open one
// photo after the other. Thresholds say what must hold: nobody honest is refused, no thief gets more than the limit.
import exec from 'k6/execution'
import { check, sleep } from 'k6'
import { Counter, Trend } from 'k6/metrics'
import { confirmTotp, enrol, invite, must, send } from './api.js'
import { photoForm } from './form.js'
import { idNumber } from './id-number.js'

const clerks = Number(__ENV.CLERKS ?? 20)
const thieves = Number(__ENV.THIEVES ?? 2)
const duration = __ENV.DURATION ?? '60s'
const clerksCustomers = 12
const thiefsCustomers = 70
const limit = 50
const password = 'correct horse battery staple'
const photo = open(__ENV.PHOTO, 'b')

const heldView = new Trend('held_photo_view', true)
const stolen = new Counter('photos_served_to_thieves')
const countedAgainst = new Counter('photos_counted_against_thieves')
const tried = new Counter('photos_refused_to_thieves')
const late = new Counter('verdicts_missing')
const shownToClerks = new Counter('photos_shown_to_clerks')
const honestRefused = new Counter('honest_refused')

export const options = {
  setupTimeout: '10m',
  scenarios: {
    clerks: { executor: 'constant-vus', vus: clerks, duration, exec: 'clerk' },
    thieves: {
      executor: 'per-vu-iterations',
      vus: thieves,
      iterations: 1,
      maxDuration: duration,
      exec: 'thief',
      startTime: '5s',
    },
  },
  thresholds: {
    photos_shown_to_clerks: ['count>0'], // a day on which nothing happened proves nothing
    honest_refused: ['count==0'],
    // The limit holds on any machine; a view whose verdict came too late is not served, but counted.
    photos_served_to_thieves: [`count<=${thieves * limit}`],
    photos_counted_against_thieves: [`count==${thieves * limit}`],
    // On a machine that is too small, this one says so.
    verdicts_missing: ['count==0'],
    checks: ['rate==1'],
    // Always true: named, so that k6 prints them apart from the set-up's.
    'http_reqs{scenario:clerks}': ['rate>=0'],
    'http_req_duration{scenario:clerks}': ['max>=0'],
  },
}

const consent = {
  given_at: new Date().toISOString(),
  information_types: ['basic', 'contact', 'id_number', 'id_photo'],
  purposes: ['identity_check', 'contract'],
  way: 'signature',
}

/** The first administrator, the people, and everybody's customers with a photo each, all through the front door. */
export function setup() {
  const admin = {}
  const first = { code: __ENV.SETUP_CODE, username: 'load-admin', display_name: 'Load Admin', password }
  must(send('POST', '/setup', { cookies: admin, body: first }), 'setup')
  const secret = confirmTotp(admin)
  const people = Array.from({ length: clerks + thieves }, (_, at) => {
    const username = at < clerks ? `clerk-${at}` : `thief-${at - clerks}`
    return { username, role: 'staff', team: 'service', branch: 'shanghai' }
  })
  let number = 0
  return invite(people, { cookies: admin, secret }).map((link, at) => {
    const { cookies } = enrol(link, password)
    const customers = at < clerks ? clerksCustomers : thiefsCustomers
    const photos = Array.from({ length: customers }, () => {
      const body = { name: `客户${number}`, id_number: idNumber(number++), business_type: 'car_loan', consent }
      const { id } = must(send('POST', '/customers', { cookies, body }), 'customer')
      const form = photoForm('id_front', photo)
      const made = must(
        send('POST', `/customers/${id}/photos`, { cookies, form, name: '/customers/:id/photos' }),
        'photo',
      )
      return { customer: id, photo: made.id }
    })
    return { cookies, photos }
  })
}

/** What the gateway answers when detection did not judge the access in time: nothing is shown. */
const verdictMissing = 503

function view(cookies, id) {
  const shown = send('GET', `/photos/${id}?purpose=identity_check`, { cookies, name: '/photos/:id', binary: true })
  if (shown.status === verdictMissing) late.add(1)
  return shown
}

export function clerk(people) {
  const { cookies, photos } = people[(exec.vu.idInTest - 1) % clerks]
  const { customer, photo: id } = photos[Math.floor(Math.random() * photos.length)]
  const search = send('GET', '/customers?mine=true&limit=20', { cookies, name: '/customers' })
  const record = send('GET', `/customers/${customer}`, { cookies, name: '/customers/:id' })
  const shown = view(cookies, id)
  heldView.add(shown.timings.duration)
  if (shown.status === 200) {
    shownToClerks.add(1)
    check(shown, { 'a photo comes with its event': (r) => r.headers['Custodia-Event-Id'] !== undefined })
  }
  const refused = shown.status !== 200 && shown.status !== verdictMissing
  if (search.status !== 200 || record.status !== 200 || refused) honestRefused.add(1)
  sleep(1 + Math.random() * 2)
}

export function thief(people) {
  const { cookies, photos } = people[clerks + (exec.scenario.iterationInTest % thieves)]
  for (const { photo: id } of photos) {
    const { status } = view(cookies, id)
    if (status === 200) stolen.add(1)
    if (status === 200 || status === verdictMissing) countedAgainst.add(1)
    else tried.add(1)
  }
}
