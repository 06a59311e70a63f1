/** All marks of both, once each: an export touches many customers. */
export const joinRelations = (one: string | undefined, other: string): string =>
  [...new Set([...(one?.split('+') ?? []), ...other.split('+')])].sort().join('+')
