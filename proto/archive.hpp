// Two cereal archives for the wire, bounded at both ends.
//   struct --WireOutput--> bytes appended to a string          bytes --WireInput--> struct, or failed()
//
// The form of a value:
//   u8 u16 u32 u64      little-endian, as wide as the type; bool and enums as one byte
//   Checked text, str   u8 size + bytes where at most 255 bytes can occur, else u16 size + bytes
//   Random128           16 bytes
//   vector              u16 count + elements, at most limits::list_items_max
//   Blob                u32 size + bytes
//   Rest                whatever is left of the frame; only ever the last field
//
// cereal's own archives resize() to a length that the peer claims, throw, and read past what was sent. These don't:
// reading is total. The first thing that is wrong makes the archive failed(), after which it yields zeros, so that a
// struct's serialize() needs no checks. No allocation is larger than the input that was really there.
#pragma once

#include <bit>
#include <cereal/cereal.hpp>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "proto/ids.hpp"
#include "proto/limits.hpp"
#include "proto/text.hpp"

namespace hubbub::proto {

static_assert(std::endian::native == std::endian::little,
              "the wire is little-endian and integers are copied as they lie");

/// The unread rest of a frame, not copied: valid as long as the frame is.
struct Rest {
  std::string_view bytes;
  bool operator==(const Rest&) const = default;
};

/// Bytes with a length of their own, at most what a frame holds.
struct Blob {
  std::string bytes;
  bool operator==(const Blob&) const = default;
};

/// What is copied as it lies. Enums come here as their underlying type: cereal sees to that.
template <class T>
concept WireScalar = std::is_integral_v<T>;

class WireOutput : public cereal::OutputArchive<WireOutput> {
 public:
  /// Appends to `out`, which must outlive the archive.
  explicit WireOutput(std::string& out) : OutputArchive(this), out_(out) {}

  void bytes(std::string_view bytes) { out_.append(bytes); }

  template <WireScalar T>
  void scalar(T value) {
    char raw[sizeof value];
    std::memcpy(raw, &value, sizeof value);
    out_.append(raw, sizeof raw);
  }

 private:
  std::string& out_;
};

class WireInput : public cereal::InputArchive<WireInput> {
 public:
  /// Reads from `in`, which must outlive the archive and every Rest read by it.
  explicit WireInput(std::string_view in) : InputArchive(this), left_(in) {}

  /// Something read so far wasn't there, or broke a rule.
  [[nodiscard]] bool failed() const { return failed_; }
  /// Everything was well-formed and nothing is left over: the input ended exactly where the message does.
  [[nodiscard]] bool complete() const { return !failed_ && left_.empty(); }
  [[nodiscard]] std::size_t left() const { return left_.size(); }

  void refuse() {
    failed_ = true;
    left_ = {};
  }

  std::string_view bytes(std::size_t size) {
    if (size > left_.size()) refuse();
    if (failed_) return {};
    const auto taken = left_.substr(0, size);
    left_.remove_prefix(size);
    return taken;
  }

  std::string_view rest() { return bytes(left_.size()); }

  template <WireScalar T>
  T scalar() {
    T value{};
    const auto raw = bytes(sizeof value);
    if (!failed_) std::memcpy(&value, raw.data(), sizeof value);
    return value;
  }

 private:
  std::string_view left_;
  bool failed_ = false;
};

/// An enum may hold a number that this version has no name for: a newer peer's. Where that matters the reader checks.
/// Its names by number come from names_of(), found beside the enum.
template <class Enum>
requires std::is_enum_v<Enum>
constexpr std::string_view name_of(Enum value) {
  const auto names = names_of(value);
  const auto at = static_cast<std::size_t>(value);
  return at < names.size() ? names[at] : std::string_view("unknown");
}

template <class Enum>
requires std::is_enum_v<Enum>
constexpr bool is_known(Enum value) { return static_cast<std::size_t>(value) < names_of(value).size(); }

template <std::size_t Max>
using SizeFor = std::conditional_t<(Max <= 255), std::uint8_t, std::uint16_t>;

// ── how each kind of value is written and read; found by cereal through argument-dependent look-up ──────────────────

template <WireScalar T>
void CEREAL_SAVE_FUNCTION_NAME(WireOutput& archive, const T& value) {
  archive.scalar(value);
}
template <WireScalar T>
void CEREAL_LOAD_FUNCTION_NAME(WireInput& archive, T& value) {
  if constexpr (std::is_same_v<T, bool>) {
    const auto byte = archive.scalar<std::uint8_t>();
    if (byte > 1) archive.refuse();
    value = byte == 1;
  } else {
    value = archive.scalar<T>();
  }
}

template <class T>
void CEREAL_SAVE_FUNCTION_NAME(WireOutput& archive, const cereal::NameValuePair<T>& field) {
  archive(field.value);
}
template <class T>
void CEREAL_LOAD_FUNCTION_NAME(WireInput& archive, cereal::NameValuePair<T>& field) {
  archive(field.value);
}

inline void CEREAL_SAVE_FUNCTION_NAME(WireOutput& archive, const Rest& rest) { archive.bytes(rest.bytes); }
inline void CEREAL_LOAD_FUNCTION_NAME(WireInput& archive, Rest& rest) { rest.bytes = archive.rest(); }

inline void CEREAL_SAVE_FUNCTION_NAME(WireOutput& archive, const Blob& blob) {
  archive.scalar(static_cast<std::uint32_t>(blob.bytes.size()));
  archive.bytes(blob.bytes);
}
inline void CEREAL_LOAD_FUNCTION_NAME(WireInput& archive, Blob& blob) {
  blob.bytes = archive.bytes(archive.scalar<std::uint32_t>());
}

}  // namespace hubbub::proto

namespace hubbub {

// cereal looks for these in the namespace of the value.

inline void CEREAL_SAVE_FUNCTION_NAME(proto::WireOutput& archive, const RoomId& id) { archive.scalar(id.value); }
inline void CEREAL_LOAD_FUNCTION_NAME(proto::WireInput& archive, RoomId& id) {
  id.value = archive.scalar<std::uint32_t>();
}
inline void CEREAL_SAVE_FUNCTION_NAME(proto::WireOutput& archive, const Seq& seq) { archive.scalar(seq.value); }
inline void CEREAL_LOAD_FUNCTION_NAME(proto::WireInput& archive, Seq& seq) {
  seq.value = archive.scalar<std::uint64_t>();
}
inline void CEREAL_SAVE_FUNCTION_NAME(proto::WireOutput& archive, const CallId& id) { archive.scalar(id.value); }
inline void CEREAL_LOAD_FUNCTION_NAME(proto::WireInput& archive, CallId& id) {
  id.value = archive.scalar<std::uint64_t>();
}
inline void CEREAL_SAVE_FUNCTION_NAME(proto::WireOutput& archive, const InvocationId& id) { archive.scalar(id.value); }
inline void CEREAL_LOAD_FUNCTION_NAME(proto::WireInput& archive, InvocationId& id) {
  id.value = archive.scalar<std::uint64_t>();
}
inline void CEREAL_SAVE_FUNCTION_NAME(proto::WireOutput& archive, const LaterId& id) { archive.scalar(id.value); }
inline void CEREAL_LOAD_FUNCTION_NAME(proto::WireInput& archive, LaterId& id) {
  id.value = archive.scalar<std::uint64_t>();
}
inline void CEREAL_SAVE_FUNCTION_NAME(proto::WireOutput& archive, const PublishId& id) { archive.scalar(id.value); }
inline void CEREAL_LOAD_FUNCTION_NAME(proto::WireInput& archive, PublishId& id) {
  id.value = archive.scalar<std::uint64_t>();
}
inline void CEREAL_SAVE_FUNCTION_NAME(proto::WireOutput& archive, const WallTime& time) { archive.scalar(time.ns); }
inline void CEREAL_LOAD_FUNCTION_NAME(proto::WireInput& archive, WallTime& time) {
  time.ns = archive.scalar<std::uint64_t>();
}

template <class Tag>
void CEREAL_SAVE_FUNCTION_NAME(proto::WireOutput& archive, const Random128<Tag>& id) {
  archive.bytes({reinterpret_cast<const char*>(id.bytes.data()), id.bytes.size()});
}
template <class Tag>
void CEREAL_LOAD_FUNCTION_NAME(proto::WireInput& archive, Random128<Tag>& id) {
  const auto raw = archive.bytes(id.bytes.size());
  if (!archive.failed()) std::memcpy(id.bytes.data(), raw.data(), id.bytes.size());
}

template <class Rule>
void CEREAL_SAVE_FUNCTION_NAME(proto::WireOutput& archive, const Checked<Rule>& text) {
  archive.scalar(static_cast<proto::SizeFor<Rule::bytes_max>>(text.str().size()));
  archive.bytes(text.str());
}
template <class Rule>
void CEREAL_LOAD_FUNCTION_NAME(proto::WireInput& archive, Checked<Rule>& text) {
  auto parsed = Checked<Rule>::parse(archive.bytes(archive.scalar<proto::SizeFor<Rule::bytes_max>>()));
  if (!parsed || archive.failed())
    archive.refuse();
  else
    text = *std::move(parsed);
}

}  // namespace hubbub

namespace cereal {

template <class T>
void CEREAL_SAVE_FUNCTION_NAME(hubbub::proto::WireOutput& archive, const std::vector<T>& list) {
  archive.scalar(static_cast<std::uint16_t>(list.size()));
  for (const auto& item : list) archive(item);
}
template <class T>
void CEREAL_LOAD_FUNCTION_NAME(hubbub::proto::WireInput& archive, std::vector<T>& list) {
  const auto count = archive.scalar<std::uint16_t>();
  if (count > hubbub::limits::list_items_max || count > archive.left()) return archive.refuse();
  list.clear();
  for (std::uint16_t i = 0; i < count && !archive.failed(); ++i) {
    T item{};  // grows with what is really read, so that a count alone allocates nothing
    archive(item);
    list.push_back(std::move(item));
  }
}

}  // namespace cereal

CEREAL_REGISTER_ARCHIVE(hubbub::proto::WireOutput)
CEREAL_REGISTER_ARCHIVE(hubbub::proto::WireInput)
CEREAL_SETUP_ARCHIVE_TRAITS(hubbub::proto::WireInput, hubbub::proto::WireOutput)
