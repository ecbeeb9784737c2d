// Imports the library from another folder than it was built in, and tells what works: `open-somewhere.mjs FOLDER [PLATFORM [NODE]]`.
const [folder, platform, node] = process.argv.slice(2)
if (platform) Object.defineProperty(process, 'platform', { value: platform })
if (node) Object.defineProperty(process, 'versions', { value: { ...process.versions, node } })
const { KafkaChannelReader, RecordType } = await import(new URL(`file://${folder}/lib/index.ts`).href)
const type = RecordType.of('"string"')
const answers = { encoded: type.encode('works').toString() }
const tell = async (name, act) => {
  answers[name] = await act().then(
    () => 'works',
    error => ({ name: error.constructor.name, code: error.code, message: error.message })
  )
}
const reader = { location: '127.0.0.1:1', channelName: 'c', schema: type, timeoutMs: 500 }
await tell('opened', () => KafkaChannelReader.open(reader))
await tell('decoded', async () => type.decode(type.encode('works')))
console.log(JSON.stringify(answers))
