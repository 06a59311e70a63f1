/** Why the system cannot start, as one sentence that says what to do. */
export class StartError extends Error {}
