import { z } from 'zod'
import { defineRoutes } from './route.js'

/** A file that one request carries out: larger ones are for the command at the server. */
export const peopleFileMost = { lines: 1000, characters: 300_000 } as const

/** Why a line is not carried out, or changes nothing. */
export const PeopleLineWhy = z.enum([
  'not_understood', // `columns` says where
  'named_twice', // a line before it is about the same person
  'administrator', // nobody becomes one, changes one or closes one by a file
  'unknown_person',
  'sealed',
  'left_already',
  'here_already',
  'nothing_new',
  'leavers_stopped',
  'last_administrator',
  'not_done', // taken in the meantime, or whoever asked may no longer
])
export type PeopleLineWhy = z.infer<typeof PeopleLineWhy>

export const PeopleLineResult = z.object({
  line: z.number().int().describe('in the file; 1 is its header'),
  username: z.string().describe('as it stands there'),
  did: z.enum(['joined', 'frozen', 'told', 'nothing', 'refused']).describe('checked only: what it would do'),
  why: PeopleLineWhy.optional(),
  columns: z.array(z.string()).optional().describe('not_understood: which'),
  link: z.string().optional().describe('joined: the one-time link to hand over, shown once'),
})
export type PeopleLineResult = z.infer<typeof PeopleLineResult>

const PeopleFile = z.object({
  csv: z
    .string()
    .min(1)
    .max(peopleFileMost.characters)
    .describe(
      'header line: username, status (joins, leaves, stays), display_name, role, team, branch, phone, address, id_number',
    ),
})
const Results = z.object({ items: z.array(PeopleLineResult) })

/** Many join and leave at once, by a file. */
export const peopleFileRoutes = defineRoutes({
  peopleFileCheck: {
    method: 'POST',
    path: '/people-file/check',
    door: 'session',
    needs: 'account.manage',
    event: 'list',
    summary: 'What a file of joiners and leavers would do, line by line; nothing is changed',
    body: PeopleFile,
    reply: Results,
  },
  peopleFileApply: {
    method: 'POST',
    path: '/people-file/apply',
    door: 'session',
    needs: 'account.manage',
    event: 'admin',
    stepUp: true,
    summary:
      'Carry out a file of joiners and leavers: each line for itself, each with its event; never about administrators',
    body: PeopleFile,
    reply: Results,
  },
})
