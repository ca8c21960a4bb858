// How a request ended. Names and numbers as in gRPC (https://grpc.github.io/grpc/core/md_doc_statuscodes.html), since
// everybody who writes services knows them.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>

namespace hubbub {

enum class Status : std::uint8_t {
  ok = 0,
  cancelled = 1,
  unknown = 2,
  invalid_argument = 3,
  deadline_exceeded = 4,
  not_found = 5,
  already_exists = 6,
  permission_denied = 7,
  resource_exhausted = 8,
  failed_precondition = 9,
  aborted = 10,
  out_of_range = 11,
  unimplemented = 12,
  internal = 13,
  unavailable = 14,
  data_loss = 15,
  unauthenticated = 16,
};

inline constexpr std::array<std::string_view, 17> status_names = {
    "ok",        "cancelled",      "unknown",           "invalid_argument",   "deadline_exceeded",
    "not_found", "already_exists", "permission_denied", "resource_exhausted", "failed_precondition",
    "aborted",   "out_of_range",   "unimplemented",     "internal",           "unavailable",
    "data_loss", "unauthenticated"};

constexpr std::string_view name_of(Status status) {
  const auto at = static_cast<std::size_t>(status);
  return at < status_names.size() ? status_names[at] : status_names[static_cast<std::size_t>(Status::unknown)];
}

/// A refusal: what kind, and one sentence for a person that says what to do.
struct Error {
  Status status = Status::unknown;
  std::string sentence;
  bool operator==(const Error&) const = default;
};

template <class T>
using Result = tl::expected<T, Error>;

inline tl::unexpected<Error> fail(Status status, std::string sentence) {
  return tl::unexpected<Error>(Error{status, std::move(sentence)});
}

}  // namespace hubbub
