import { AlertRecord, type Alert } from '@custodia/contracts'
import type { EventLog } from '@custodia/streams/event-log'

/** Every alert that was ever raised in this log, in the order of each partition. */
export async function raisedAlerts(log: EventLog): Promise<Alert[]> {
  const raised: Alert[] = []
  for (const { partition, start, end } of await log.range('alerts'))
    for await (const { value } of log.read('alerts', partition, start, end)) {
      const record = AlertRecord.parse(JSON.parse(Buffer.from(value).toString()))
      if (record.kind === 'raised') raised.push(record.alert)
    }
  return raised
}
