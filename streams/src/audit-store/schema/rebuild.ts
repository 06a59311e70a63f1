import { createTableAs, type Change, type Table } from './changes.js'

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`

/**
 * Gives a table another partition or sorting key, which no ALTER can: a new table is filled a day of receipt at a time and
 * put in the old one's place. Cut short anywhere, it goes on when it is run again. Rows that are landed meanwhile are fetched
 * after the exchange; still, workers are best stopped while it copies.
 */
export const rebuildTable =
  (table: Table): Change =>
  (layout) => {
    const stored = layout.stored(table.name)
    const other = `${stored}_rebuilt` // the new table before the exchange, the old one after it
    const columns = Object.entries(table.columns)
      .filter(([, type]) => !/\b(MATERIALIZED|ALIAS)\b/.test(type))
      .map(([name]) => name)
      .join(', ')
    const tablesWhere = `SELECT 1 FROM system.tables WHERE database = currentDatabase() AND name =`
    const exchanged = `${tablesWhere} ${quoted(stored)} AND partition_key = ${quoted(table.partition ?? '')}`
    const gone = `SELECT 1 WHERE NOT EXISTS (${tablesWhere} ${quoted(other)})`
    const ofDay = 'toDate(appended_at) = {piece:Date}'
    const days = (from: string): string =>
      `SELECT DISTINCT toString(toDate(appended_at)) AS piece FROM ${from} ORDER BY piece`
    return [
      { sql: createTableAs(layout, other, table), unless: exchanged },
      // a cluster is as young as its layout: what it is made of at first is empty
      ...(layout.onCluster
        ? []
        : [
            { sql: `TRUNCATE TABLE IF EXISTS ${other}`, unless: exchanged }, // a copy that was cut short begins anew
            {
              sql: `INSERT INTO ${other} (${columns}) SELECT ${columns} FROM ${stored} WHERE ${ofDay}`,
              each: days(stored),
              unless: exchanged,
            },
          ]),
      { sql: `EXCHANGE TABLES ${stored} AND ${other}${layout.onCluster}`, unless: exchanged },
      ...(layout.onCluster
        ? []
        : [
            {
              sql: `INSERT INTO ${stored} (${columns}) SELECT ${columns} FROM ${other} WHERE ${ofDay}
          AND (log_partition, log_offset) NOT IN (SELECT log_partition, log_offset FROM ${stored} WHERE ${ofDay})`,
              each: days(other),
              unless: gone,
            },
          ]),
      { sql: `DROP TABLE IF EXISTS ${other}${layout.onCluster} SYNC` },
    ]
  }
