// The JavaScript class BatchWalker: walks the records of a slab that were written with one schema.
#pragma once

#include <napi.h>

#include <optional>

#include "schema_program.h"
#include "walker.h"

namespace millrace::avro {

class BatchWalker : public Napi::ObjectWrap<BatchWalker> {
 public:
  static Napi::Function Define(Napi::Env env);
  explicit BatchWalker(const Napi::CallbackInfo& info);  // (program: Int32Array, max values, max depth)

 private:
  // (slab, ends, flags, from, to, header, stop: Float64Array) → the index of the first record of [from, to) that is not
  // sound, does not begin with the header, or has bit 1 of its flag set (it has no value); `to` when there is none.
  // Then stop holds the problem, 0 where only header or flag stopped it, and the position in the record behind the
  // header.
  Napi::Value Walk(const Napi::CallbackInfo& info);

  std::optional<SchemaProgram> program_;
  Limits limits_{};
};

}  // namespace millrace::avro
