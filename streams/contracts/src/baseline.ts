import { z } from 'zod'

/** What is counted of a person: customers' records opened, searches, photos seen or saved, plain fields shown, rows exported. */
export const Habit = z.enum(['views', 'searches', 'photos', 'reveals', 'exports'])
export type Habit = z.infer<typeof Habit>

/** Median, and median distance from it. */
export const Usual = z.tuple([z.number(), z.number()])
export type Usual = z.infer<typeof Usual>

const Profile = z.object({
  days: z.number().int().describe('days with any access, of the 28 before; of a group: days of all its people'),
  weeks: z.number().int().describe('weeks with any access, of the four before; of a group: weeks of all its people'),
  day: z.partialRecord(Habit, Usual).describe('of such a day'),
  hours: z
    .partialRecord(Habit, z.array(z.tuple([z.number().int(), z.number(), z.number()])))
    .describe('hour of the week from Monday 0:00, median, distance; hours that are left out: zero, zero'),
})

/** What one person is used to. */
export const PersonProfile = Profile.extend({
  group: z.string().describe('role and team'),
  countries: z.array(z.string()),
  segments: z
    .array(z.string())
    .optional()
    .describe('business types of their customers; absent: not known for enough days to say which are new'),
})
export type PersonProfile = z.infer<typeof PersonProfile>

/** What the people of one role and team are used to. */
export const GroupProfile = Profile.extend({
  people: z.number().int(),
  total: z.partialRecord(Habit, z.number()).describe('accesses of all its people, for how rare a kind is'),
})
export type GroupProfile = z.infer<typeof GroupProfile>

/** The `baselines` topic: what is usual, frozen once a day, in pieces; the first whole day of a date is in force. */
export const BaselinePiece = z.object({
  date: z.iso.date().describe('the local day that it is for'),
  offset_minutes: z.number().int().describe('of local time from UTC, by which days and hours of the week are cut'),
  freeze: z.string().describe('which freezing it belongs to'),
  piece: z.number().int(),
  pieces: z.number().int(),
  people: z.record(z.string(), PersonProfile),
  groups: z.record(z.string(), GroupProfile),
})
export type BaselinePiece = z.infer<typeof BaselinePiece>

/** One line of a score's explanation: what was counted, and what is usual. */
export const UsualFact = z.object({
  habit: Habit,
  over: z.enum(['hour', 'day']),
  of: z.enum(['self', 'peers']),
  value: z.number(),
  usual: z.number().optional().describe('the median; absent: not known yet'),
  spread: z.number().optional(),
  z: z.number().optional().describe('how many spreads above it'),
  known: z.number().int().describe('days or weeks that it is made of'),
  people: z.number().int().optional().describe('of: peers'),
})
export type UsualFact = z.infer<typeof UsualFact>

/** What made somebody's risk score: reasons and their points, after decay. */
export const Risk = z.object({ score: z.number(), parts: z.record(z.string(), z.number()) })
export type Risk = z.infer<typeof Risk>

/** Of one day at work; absent: not known yet. */
const OfADay = z.object({ usual: z.number(), spread: z.number() }).optional()
const Hours = z.array(z.tuple([z.number().int(), z.number(), z.number()]))

/** What is usual for one person, and what they did so far. */
export const PersonUsual = z.object({
  date: z.iso.date().optional().describe('the local day it was frozen for; absent: never yet'),
  counted: z.number().int().describe('accesses of the last seven days that today and the risk are made of'),
  group: z.string().optional().describe('role and team'),
  habits: z.array(
    z.object({
      habit: Habit,
      today: z.number(),
      self: OfADay,
      peers: OfADay,
      hours: z
        .object({ self: Hours, peers: Hours })
        .describe('hour of the week from Monday 0:00, median, distance; hours that are left out: zero'),
    }),
  ),
  self: z
    .object({
      days: z.number().int(),
      weeks: z.number().int(),
      countries: z.array(z.string()),
      segments: z.array(z.string()).optional(),
    })
    .optional()
    .describe('absent: nothing in the 28 days before'),
  peers: z.object({ people: z.number().int(), days: z.number().int(), weeks: z.number().int() }).optional(),
  risk: Risk,
})
export type PersonUsual = z.infer<typeof PersonUsual>
