import { businessCalendar } from '../capture/calendar.js'
import { CalendarSettings } from '../capture/calendar-settings.js'
import { randomFrom } from '../demo/random.js'

/** How a team works; rates are customers an hour and shares of them. */
export interface Work {
  role: string
  /** local hours */
  from: number
  to: number
  customersAnHour: number
  photos: number
  reveals: number
  downloads: number
  people: number
}

const counter = { role: 'staff', from: 8.5, to: 18, customersAnHour: 8, photos: 0.4, reveals: 0.15, downloads: 0.03 }
const calls = { role: 'staff', customersAnHour: 12, photos: 0.05, reveals: 0.4, downloads: 0 }

/** 200 people; the rates are those of the demo's branch (an honest clerk opens a record every 20 to 60 seconds at the very most). */
export const teams: Record<string, Work> = {
  counter: { ...counter, people: 82 },
  'calls-early': { ...calls, from: 7, to: 15, people: 20 },
  'calls-late': { ...calls, from: 14, to: 22, people: 20 },
  finance: { ...counter, customersAnHour: 6, photos: 0.1, reveals: 0.3, people: 22 },
  sales: { ...counter, customersAnHour: 5, photos: 0.15, reveals: 0.25, people: 30 },
  branch: { ...counter, role: 'manager', customersAnHour: 3, photos: 0.3, reveals: 0.1, people: 12 },
  desk: { ...counter, role: 'analyst', customersAnHour: 0, people: 6 },
  audit: { ...counter, role: 'auditor', customersAnHour: 0, people: 4 },
  platform: { ...counter, role: 'admin', customersAnHour: 0, people: 4 },
}

/** As its operators would have set it: teams that work at other hours say so. */
export const calendar = businessCalendar(
  CalendarSettings.parse({
    shifts: {
      'calls-early': { hours: { from: '06:45', to: '15:30' }, days: 'every_day' },
      'calls-late': { hours: { from: '13:45', to: '22:30' }, days: 'every_day' },
      finance: { hours: { from: '08:30', to: '21:30' } },
    },
  }),
)

export interface Person {
  id: string
  number: number
  team: string
  role: string
  branch: string
  ip: string
  device: string
  country: string
  /** the first day at work, as days since the month began; before it there is nobody */
  joins: number
}

export const branches = ['shanghai', 'beijing', 'guangzhou', 'chengdu', 'wuhan', 'xian']
/** a seventh opens on the eighth day, with ten of the clerks and a manager */
export const newBranch = { name: 'suzhou', opens: 7, clerks: 10 }
const joiners = 8

export function company(seed: number): Person[] {
  const random = randomFrom(seed)
  const people: Person[] = []
  for (const [team, { role, people: size }] of Object.entries(teams))
    for (let n = 0; n < size; n++) {
      const number = people.length
      const opens = (team === 'counter' && n < newBranch.clerks) || (team === 'branch' && n === 0)
      const branch = opens ? newBranch.name : (branches[number % branches.length] as string)
      const joins = opens
        ? newBranch.opens
        : n >= size - 1 && people.length > joiners
          ? random.between(1, 25)
          : -Infinity
      const ip = `58.30.${branches.indexOf(branch) + 10}.${team === 'sales' ? n + 20 : 1}`
      people.push({ id: `p-${number}`, number, team, role, branch, ip, device: `pc-${number}`, country: 'CN', joins })
    }
  return people
}
