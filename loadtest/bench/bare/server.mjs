// The limit of a record view and of a photo: bare Fastify in its own process, one statement to the same PostgreSQL, the same
// decryption and the same body. No session, no policy, no event, no headers but Fastify's own. For benchmarks only: it lets
// everybody in.
import { join } from 'node:path'
import Fastify from 'fastify'
import pg from 'pg'
import { openPhotoFolder } from '../../../backend/dist/photo-store/files.js'
import { bytesOf } from '../../../backend/dist/photo-store/photo-store.js'
import { postgresSocketOf } from '../../../backend/dist/record-store/embedded.js'
import { CustomerKey } from '../../../backend/dist/vault/customer-key.js'
import { open } from '../../../backend/dist/vault/keys/envelope.js'
import { openKeyFile } from '../../../backend/dist/vault/keys/key-file.js'
import { mask } from '../../../backend/dist/vault/masking.js'
import { columnOf } from '../../../backend/dist/vault/personal-data.js'
import { photoPlace } from '../../../backend/dist/vault/photos/photo-place.js'

const [dataDir, may] = process.argv.slice(2)
const pool = new pg.Pool({ ...postgresSocketOf(join(dataDir, 'postgres-run')), max: 10 })
const keys = await openKeyFile(join(dataDir, 'keys', 'master.json'))
const photos = await openPhotoFolder(join(dataDir, 'photos'))
const permissions = JSON.parse(may)

const iso = (column) => `to_char(${column} at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`
const record = {
  name: 'record',
  text: `select c.id, c.data_key as "dataKey", c.name, c.id_number as "idNumber", c.phone, c.email, c.address,
      c.account_number as "accountNumber", c.business_type, c.owner, o.display_name as owner_name, c.team, c.branch,
      c.created_at,
      array(select t.position from customer_tags t where t.customer_id = c.id order by t.position) as positions,
      array(select t.tag from customer_tags t where t.customer_id = c.id order by t.position) as tags,
      (select json_agg(json_build_object('id', p.id, 'kind', p.kind, 'content_type', p.content_type, 'bytes', p.bytes,
        'width', p.width, 'height', p.height, 'captured_at', ${iso('p.captured_at')}) order by p.captured_at, p.id)
        from photos p where p.customer_id = c.id) as photos,
      (select json_agg(json_build_object('id', n.id, 'given_at', ${iso('n.given_at')}, 'information_types',
        n.information_types, 'purposes', n.purposes, 'way', n.way, 'recorded_by', n.recorded_by)
        order by n.given_at, n.id) from consents n where n.customer_id = c.id) as consents
    from customers c join accounts o on o.id = c.owner where c.id = $1`,
}
const photo = { name: 'photo', text: 'select id, object_key, content_type from photos where id = $1' }

const server = Fastify()

server.get('/customers/:id', async ({ params }) => {
  const [row] = (await pool.query({ ...record, values: [params.id] })).rows
  const key = await CustomerKey.open(keys, row)
  const shown = (field) => {
    const sealed = row[columnOf[field]]
    return sealed === null ? undefined : mask(field, key.open(sealed, field))
  }
  return {
    id: row.id,
    name: shown('name'),
    id_number: shown('id_number'),
    phone: shown('phone'),
    email: shown('email'),
    address: shown('address'),
    account_number: shown('account_number'),
    business_type: row.business_type,
    tags: row.tags.map((tag, at) => key.open(tag, 'tag', String(row.positions[at]))),
    owner: row.owner,
    owner_name: row.owner_name,
    team: row.team,
    branch: row.branch,
    created_at: row.created_at.toISOString(),
    mine: true,
    photos: row.photos ?? [],
    consents: row.consents ?? [],
    may: permissions,
  }
})

server.get('/photos/:id', async ({ params }, reply) => {
  const [row] = (await pool.query({ ...photo, values: [params.id] })).rows
  const { stream } = await photos.get(row.object_key)
  return reply.type(row.content_type).send(await open(keys, await bytesOf(stream), photoPlace(row.id, 'original')))
})

await server.listen({ port: 0, host: '127.0.0.1' })
process.send({ result: server.server.address().port })
