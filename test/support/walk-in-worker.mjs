// Walks a payload that nests 10,000 deep in a worker with a small stack, and tells what came of it.
import { Worker } from 'node:worker_threads'

const code = `
  import('tsx/esm/api').then(async ({ register }) => {
    register()
    const { RecordType } = await import('${new URL('../../lib/avro/index.ts', import.meta.url).href}')
    const list = { type: 'record', name: 'A', fields: [{ name: 'a', type: { type: 'array', items: 'A' } }] }
    const body = Buffer.concat([Buffer.alloc(4990, 2), Buffer.alloc(4991)])
    try {
      RecordType.of(list).decode(body, { maxRecordDepth: 10_000 })
      console.log('decoded')
    } catch (error) {
      console.log(error.message)
    }
  })`
new Worker(code, { eval: true, resourceLimits: { stackSizeMb: Number(process.argv[2]) } })
