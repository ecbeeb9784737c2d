/** What a run is made of. */

/** Members of the group; the first is the principal. */
export const MEMBERS = 3
export const WRITERS = 2
/** Of both writers together. */
export const RECORDS_PER_SECOND = 48_000
/** So many a reader may have handed out and not committed: the bound of what comes again, for each death. */
export const MAX_BATCH_RECORDS = 1000
/** What a reader takes for a batch. */
export const WORK_MS = 15
/** The shortest that is used as it is: before four missed heartbeats of two seconds nobody is lost. */
export const PATIENCE_MS = 8000
