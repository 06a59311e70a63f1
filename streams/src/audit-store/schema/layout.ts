/**
 * How one schema lies on servers. Every statement of the schema is made by asking a layout, so that a single node and a
 * cluster cannot drift apart.
 */
export interface Layout {
  /** the table that holds rows on a node; the plain name reads and writes all of them */
  stored(table: string): string
  /** said after a name in every DDL statement */
  readonly onCluster: string
  engine(family: string): string
  /** one copy on every node, whatever its shard */
  engineOfEveryNode(family: string): string
  /** settings of a table whose inserts must survive a power cut, and must add nothing when repeated with their token */
  readonly durable: string
  /** what makes the plain name stand for the stored tables of all shards */
  spread(table: string): string[]
  /** settings of every insert */
  readonly insertSettings: Readonly<Record<string, string | number>>
}

const synced = 'fsync_after_insert = 1, fsync_part_directory = 1'
/** More inserts than a busy cluster makes while a killed worker's partitions find a new owner. */
const window = 10_000
/** A cluster also forgets by age, after an hour unless told otherwise: longer than any outage that ends in a replay. */
const windowSeconds = 7 * 86_400

export const singleNode: Layout = {
  stored: (table) => table,
  onCluster: '',
  engine: (family) => family,
  engineOfEveryNode: (family) => family,
  durable: `non_replicated_deduplication_window = ${window}, ${synced}`,
  spread: () => [],
  insertSettings: {},
}

/**
 * Replicated tables on every shard, `<name>_local`, and a Distributed one before them under the plain name. Rows lie by
 * their log partition: an insert is of one partition, so it goes to one shard and its token means there what it means on a
 * single node; an access and its verdicts share a partition, so they are joined where they lie.
 * The servers' configuration names the cluster and the macros {shard} and {replica}.
 */
export const cluster = ({ name, database }: { name: string; database: string }): Layout => {
  const stored = (table: string): string => `${table}_local`
  const onCluster = ` ON CLUSTER ${quoted(name)}`
  return {
    stored,
    onCluster,
    engine: (family) => `Replicated${family}('/clickhouse/tables/{uuid}/{shard}', '{replica}')`,
    engineOfEveryNode: (family) => `Replicated${family}('/clickhouse/tables/{uuid}/every', '{shard}-{replica}')`,
    durable: `replicated_deduplication_window = ${window}, replicated_deduplication_window_seconds = ${windowSeconds}, ${synced}`,
    spread: (table) => [
      `CREATE TABLE IF NOT EXISTS ${table}${onCluster} AS ${stored(table)}
      ENGINE = Distributed(${quoted(name)}, ${quoted(database)}, ${stored(table)}, log_partition)`,
    ],
    insertSettings: { distributed_foreground_insert: 1, insert_quorum: 'auto' }, // resolved: on a majority of its shard's replicas
  }
}

/** The layout of a database: on a cluster where one is named. */
export const layoutOf = ({ cluster: name, database }: { cluster: string | undefined; database: string }): Layout =>
  name === undefined ? singleNode : cluster({ name, database })

const quoted = (name: string): string => {
  if (!/^[A-Za-z0-9_.-]+$/.test(name)) throw new TypeError('A name of a cluster or database has letters, digits, _ . -')
  return `'${name}'`
}
