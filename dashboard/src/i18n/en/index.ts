import { admin } from './admin.js'
import { alerts } from './alerts.js'
import { auth } from './auth.js'
import { common } from './common.js'
import { drills } from './drills.js'
import { events } from './events.js'
import { live } from './live.js'
import { notices } from './notices.js'
import { people } from './people.js'
import { problems } from './problems.js'
import { records } from './records.js'
import { reports } from './reports.js'
import { rules } from './rules.js'

/** One file per room. */
export const en = {
  admin,
  alerts,
  auth,
  common,
  drills,
  events,
  live,
  notices,
  people,
  problems,
  records,
  reports,
  rules,
}
