// Remote procedure calls: a method by name, its arguments and its reply as in proto/methods/.
#pragma once

#include <cereal/cereal.hpp>
#include <cstdint>

#include "proto/archive.hpp"

namespace hubbub::proto {

/// Client → hub. Answered by one Reply. The same id again, from the same client, gets the stored reply of a method that
/// changes something, and doesn't change it twice.
struct Call {
  static constexpr std::uint8_t type = 0x20;
  CallId id;
  std::uint32_t deadline_ms = 0;  ///< answered within this time, if only with deadline_exceeded; zero: no deadline
  MethodName method;
  Rest arguments;

  template <class Archive>
  void serialize(Archive& ar) {
    ar(CEREAL_NVP(id), CEREAL_NVP(deadline_ms), CEREAL_NVP(method), CEREAL_NVP(arguments));
  }
};

/// Client → hub: the answer is no longer wanted. The call is answered with `cancelled`, unless it was answered already.
struct Cancel {
  static constexpr std::uint8_t type = 0x21;
  CallId id;

  template <class Archive>
  void serialize(Archive& ar) {
    ar(CEREAL_NVP(id));
  }
};

/// Hub → client. With `ok` the rest is the method's reply, else it is the sentence that says why (UTF-8).
struct Reply {
  static constexpr std::uint8_t type = 0x60;
  CallId id;
  Status status = Status::ok;
  Rest result;

  template <class Archive>
  void serialize(Archive& ar) {
    ar(CEREAL_NVP(id), CEREAL_NVP(status), CEREAL_NVP(result));
  }
};

}  // namespace hubbub::proto
