/**
 * Unions of avsc, read by Avro's rule: a value keeps the branch of its own type and name where the reader's union has it,
 * and becomes another only where it has not. avsc takes the first that it can be promoted to, which of the union
 * `["bytes", "string"]` makes every text bytes as soon as anything else of two schemas differs.
 *
 * @see `ResolvingGrammarGenerator.bestBranch` in Apache Avro for Java
 */
import avsc from 'avsc'
import type { AvscType, ValueReader } from './avsc-type.js'
import type { ExactTap } from './tap.js'

/** What avsc hands on while it resolves a schema. */
interface Resolving {
  /** The records that it has met, so that one may name itself. */
  readonly registry: object
  /** Ours: what cannot be read, by the reader's type. Without it unions of unions would be tried again and again. */
  failed?: Map<AvscType, Set<AvscType>>
}

interface Resolver {
  _read: (tap: ExactTap) => unknown
}

interface AvscUnion extends AvscType {
  readonly types: readonly AvscBranch[]
}

interface AvscBranch extends AvscType {
  /** Makes the object that names a value's branch; null for the type null, whose value needs none. */
  readonly _branchConstructor: (new (value: unknown) => unknown) | null
}

type Construct = new (types: readonly AvscType[]) => AvscUnion

const WrappedUnionType = avsc.types.WrappedUnionType as unknown as Construct
const UnwrappedUnionType = avsc.types.UnwrappedUnionType as unknown as Construct

/** A union whose values name their branch. */
class NamingUnion extends WrappedUnionType {
  _update(resolver: Resolver, writer: AvscType, resolving: Resolving): void {
    const found = branchFor(this.types, writer, resolving)
    if (!found) return
    const { reader, branch } = found
    const Named = branch._branchConstructor
    resolver._read = Named ? tap => new Named(reader._read(tap)) : () => null
  }
}

/** A union whose values tell their branch by themselves. */
class PlainUnion extends UnwrappedUnionType {
  _update(resolver: Resolver, writer: AvscType, resolving: Resolving): void {
    const found = branchFor(this.types, writer, resolving)
    if (!found) return
    const { reader } = found
    // Called then, not copied now: that of a record which names itself is not made yet.
    resolver._read = tap => reader._read(tap)
  }
}

/**
 * @param types - its branches
 * @param isNaming - whether its values must name their branch; where they need not, avsc tells whether they do
 */
export function unionOf(types: readonly AvscType[], isNaming: boolean): AvscType {
  const isNamed = isNaming || avsc.Type.forSchema(types as unknown as avsc.Schema).typeName === 'union:wrapped'
  return new (isNamed ? NamingUnion : PlainUnion)(types)
}

/** The branch that values of `writer` are read as, and by what; undefined when there is none. */
function branchFor(
  types: readonly AvscBranch[],
  writer: AvscType,
  resolving: Resolving
): { readonly branch: AvscBranch; readonly reader: ValueReader } | undefined {
  const own = types.filter(type => isSame(type, writer))
  const failed = (resolving.failed ??= new Map<AvscType, Set<AvscType>>())
  for (const branch of [...own, ...types.filter(type => !own.includes(type))]) {
    const unreadable = failed.get(branch) ?? new Set()
    if (unreadable.has(writer)) continue
    // A record is registered before its fields are resolved. One that then cannot be would be found there by the next
    // who looks, and taken for one that can.
    const attempt = { ...resolving, registry: Object.create(resolving.registry) as object }
    try {
      const reader = branch.createResolver(writer, attempt as object) as unknown as ValueReader
      Object.assign(resolving.registry, attempt.registry)
      return { branch, reader }
    } catch {
      failed.set(branch, unreadable.add(writer))
    }
  }
  return undefined
}

function isSame(one: AvscType, other: AvscType): boolean {
  const [a, b] = [underlying(one), underlying(other)]
  return kindOf(a) === kindOf(b) && (a as { name?: string }).name === (b as { name?: string }).name
}

/** As Avro: a logical type is resolved as what stands under it. */
function underlying(type: AvscType): AvscType {
  return (type as { underlyingType?: AvscType }).underlyingType ?? type
}

function kindOf({ typeName }: AvscType): string {
  if (typeName === 'error') return 'record'
  // A long as a bigint.
  return (typeName as string) === 'abstract:long' ? 'long' : typeName
}
