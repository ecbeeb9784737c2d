#include "batch_walker.h"

#include <algorithm>

#include "../arguments.h"

namespace millrace::avro {
namespace {

constexpr uint8_t kNoValue = 1;
// The main thread's stack takes so many frames of the walker easily; where there is less, it says so (stack.h).
constexpr int64_t kDeepest = 10'000;

}  // namespace

Napi::Function BatchWalker::Define(Napi::Env env) {
  return DefineClass(env, "BatchWalker", {InstanceMethod<&BatchWalker::Walk>("walk")});
}

BatchWalker::BatchWalker(const Napi::CallbackInfo& info) : ObjectWrap(info) {
  const auto table = Int32Argument(info, 0, "an Int32Array with the program of a schema");
  if (!table) return;
  const auto max_values = IntegerArgument(info, 1, 1, INT32_MAX, "a number of values from 1 to 2^31 - 1");
  if (!max_values) return;
  const auto max_depth = IntegerArgument(info, 2, 1, kDeepest, "a depth from 1 to 10,000");
  if (!max_depth) return;
  limits_ = {*max_values, static_cast<int32_t>(*max_depth)};
  program_ = SchemaProgram::Of(*table);
  if (!program_) ThrowRange(info.Env(), "the program of a schema");
}

Napi::Value BatchWalker::Walk(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  if (!program_) {
    ThrowType(env, "a walker with a program");
    return {};
  }
  const auto slab = BytesArgument(info, 0, "a Uint8Array as slab");
  if (!slab) return {};
  const auto ends = Uint32Argument(info, 1, "a Uint32Array of ends");
  if (!ends) return {};
  const auto flags = BytesArgument(info, 2, "a Uint8Array of flags");
  if (!flags) return {};
  const auto most = static_cast<int64_t>(std::min(ends->size(), flags->size()));
  const auto to = IntegerArgument(info, 4, 0, most, "an index up to which there are ends and flags");
  if (!to) return {};
  const auto from = IntegerArgument(info, 3, 0, *to, "an index of a record to begin with");
  if (!from) return {};
  const auto header = BytesArgument(info, 5, "a Uint8Array as header");
  if (!header) return {};
  const auto stop = Float64Argument(info, 6, "a Float64Array of two places");
  if (!stop) return {};
  if (stop->size() < 2) {
    ThrowRange(env, "a Float64Array of two places");
    return {};
  }
  Walker walker(*program_, limits_);
  auto index = static_cast<size_t>(*from);
  size_t start = index == 0 ? 0 : (*ends)[index - 1];
  (*stop)[0] = (*stop)[1] = 0;
  for (; index < static_cast<size_t>(*to); index++) {
    const size_t end = (*ends)[index];
    if (end < start || end > slab->size()) {
      ThrowRange(env, "ends that ascend within the slab");
      return {};
    }
    const auto record = slab->subspan(start, end - start);
    if (((*flags)[index] & kNoValue) != 0 || record.size() < header->size() ||
        !std::equal(header->begin(), header->end(), record.begin())) {
      break;
    }
    const Problem problem = walker.Walk(record.subspan(header->size()));
    if (problem != Problem::kNone) {
      (*stop)[0] = static_cast<double>(problem);
      (*stop)[1] = static_cast<double>(walker.Position());
      break;
    }
    start = end;
  }
  return Napi::Number::New(env, static_cast<double>(index));
}

}  // namespace millrace::avro
