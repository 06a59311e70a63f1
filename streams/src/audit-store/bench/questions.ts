import { actorId, customerId } from './generate.js'

const served = `final_outcome IN ('granted', 'allowed')`
const day = `time >= '2026-03-18 16:00:00' AND time < '2026-03-19 16:00:00'`
const month = `time >= '2026-02-28 16:00:00' AND time < '2026-03-31 16:00:00'`
const hour = `time >= '2026-03-19 02:00:00' AND time < '2026-03-19 03:00:00'`
const idDays = (from: string, to: string): string => `id_day BETWEEN toDate('${from}') - 1 AND toDate('${to}') + 1`
const columns =
  'id, time, actor, action, outcome, customer_id, record_ids, purpose, ip, device, final_outcome, verdict_rule'

/** What reports, timelines and searches ask, on a view of accesses and on its table. */
export const questions = (view: string, table: string): Record<string, string> => ({
  'report of a day: totals': `SELECT count(), countIf(${served}), uniqExactIf(actor, actor != ''), uniqExactIf(customer_id, customer_id != '')
    FROM ${view} WHERE ${day} AND ${idDays('2026-03-18', '2026-03-19')} AND part_of = ''`,
  'report of a day: its first 1,000 events': `SELECT ${columns} FROM ${view} WHERE ${day} AND ${idDays('2026-03-18', '2026-03-19')} ORDER BY time, id LIMIT 1000`,
  'report of a month: one row a person': `SELECT actor, count(), countIf(${served}), uniqExact(customer_id), min(time), max(time)
    FROM ${view} WHERE ${month} AND ${idDays('2026-02-28', '2026-03-31')} AND part_of = '' GROUP BY actor ORDER BY count() DESC LIMIT 10000`,
  'timeline of a person: newest 50': `SELECT ${columns} FROM ${view} WHERE (actor = ${actorId('200')} OR subject = ${actorId('200')}) ORDER BY time DESC, id DESC LIMIT 50`,
  'a person in a month': `SELECT action, count() FROM ${view} WHERE actor = ${actorId('200')} AND ${month} AND ${idDays('2026-02-28', '2026-03-31')} GROUP BY action`,
  'timeline of a customer: newest 50': `SELECT ${columns} FROM ${view} WHERE (customer_id = ${customerId('12000')} OR has(record_ids, ${customerId('12000')})) ORDER BY time DESC, id DESC LIMIT 50`,
  'one event by its id': `SELECT ${columns} FROM ${view} WHERE id = (SELECT any(id) FROM ${table} WHERE time = (SELECT max(time) FROM ${table} WHERE ${day}))`,
  'newest 50 of all': `SELECT ${columns} FROM ${view} ORDER BY time DESC, id DESC LIMIT 50`,
  'live page: busiest readers of an hour': `SELECT actor, uniqExact(customer_id) AS n FROM ${view} WHERE ${hour} AND ${idDays('2026-03-19', '2026-03-19')} AND ${served} GROUP BY actor ORDER BY n DESC LIMIT 8`,
})
