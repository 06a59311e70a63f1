import { fetchKafka } from './kafka.mjs'
import { fetchPostgres } from './postgres.mjs'
import { fetchS3 } from './s3.mjs'
import { fetchSlapd } from './slapd.mjs'

/** Before the first test that needs a server: what takes minutes once must not count against a test's time. */
export default async () => {
  await Promise.all([fetchKafka(), fetchPostgres(), fetchS3(), fetchSlapd()])
}
