/** Every table, by room. The order does not matter: `custodia migrate` follows the migrations. */
export * from './schema/people.js'
export * from './schema/sign-in.js'
export * from './schema/response.js'
export * from './schema/vault.js'
export * from './schema/desk.js'
export * from './schema/operations.js'
export * from './schema/notices.js'
