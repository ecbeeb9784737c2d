/** What the doctor knows of an installation: plain data, so that findings can be tested with made-up facts. */

/** A native file: where it must be, and why it cannot be used. */
export interface NativeFile {
  readonly file: string
  readonly isThere: boolean
  /** The loader's own first line; null when it loads, or is not there. */
  readonly problem: string | null
}

/** Something that compiling needs. */
export interface Requirement {
  readonly name: string
  /** The Debian package that brings it; `system-packages.ts` knows those of other systems. */
  readonly debianPackage: string
  /** What was met; null when it is missing. */
  readonly found: string | null
  /** Why what was met, or not met, does not do; null when it does. */
  readonly problem: string | null
}

/** The program that installs packages of the system. */
export type SystemInstaller = 'apt' | 'apk' | 'brew'

export interface Facts {
  readonly millrace: {
    readonly version: string
    readonly folder: string
    /** Under a `node_modules`, and no clone in which somebody works. */
    readonly isDependency: boolean
    /** Whether its install script ran at all: node-gyp makes this folder first. */
    readonly hasBuildFolder: boolean
  }
  /** `wanted` is the range of `engines` in package.json. */
  readonly node: { readonly version: string; readonly abi: string; readonly wanted: string }
  readonly system: {
    readonly platform: string
    readonly arch: string
    /** Such as `glibc 2.36` or `musl`; null where nobody asks. */
    readonly libc: string | null
    /** Null when none of those that we know is there. */
    readonly installer: SystemInstaller | null
  }
  readonly avsc: { readonly version: string } | null
  readonly nodeRdkafka: {
    readonly version: string
    readonly folder: string
    readonly isOfPnpm: boolean
    readonly hasBuildFolder: boolean
    readonly addon: NativeFile
  } | null
  /** Null when node-rdkafka does not load. */
  readonly librdkafka: { readonly version: string; readonly features: readonly string[] } | null
  readonly addons: { readonly millrace: NativeFile; readonly avro: NativeFile }
  readonly building: readonly Requirement[]
}
