// What a hub and a program that offers a service say to each other about calls of it.
//   Call of NAME.METHOD --> hub --Invoke--> provider --Outcome--> hub --> Reply
//                                --Revoke-->
#pragma once

#include <cereal/cereal.hpp>
#include <cstdint>

#include "proto/archive.hpp"

namespace hubbub::proto {

/// Hub → client: run this. Owed exactly one Outcome, within `deadline_ms` if that isn't zero.
struct Invoke {
  static constexpr std::uint8_t type = 0x68;
  InvocationId id;
  std::uint32_t deadline_ms = 0;  ///< what is left of the caller's; zero: no deadline
  std::uint16_t attempt = 1;      ///< 2 and up: another provider was lost with it
  MethodName method;              ///< with the service's name: `image.scale`
  PersonName from;
  bool verified = false;
  /// Client and call together are the same whenever the same call comes again: the idempotency key.
  ClientId client;
  CallId call;
  Rest arguments;

  template <class Archive>
  void serialize(Archive& ar) {
    ar(CEREAL_NVP(id), CEREAL_NVP(deadline_ms), CEREAL_NVP(attempt), CEREAL_NVP(method), CEREAL_NVP(from),
       CEREAL_NVP(verified), CEREAL_NVP(client), CEREAL_NVP(call), CEREAL_NVP(arguments));
  }
};

/// Hub → client: nobody wants the outcome any more. The Outcome is owed all the same, once nothing runs any more: until
/// then it counts among those that the provider has at once.
struct Revoke {
  static constexpr std::uint8_t type = 0x69;
  InvocationId id;

  template <class Archive>
  void serialize(Archive& ar) {
    ar(CEREAL_NVP(id));
  }
};

/// Client → hub. With `ok` the rest is the result, else the sentence that says why (UTF-8, at most text_bytes_max).
struct Outcome {
  static constexpr std::uint8_t type = 0x28;
  InvocationId id;
  Status status = Status::ok;
  Rest result;

  template <class Archive>
  void serialize(Archive& ar) {
    ar(CEREAL_NVP(id), CEREAL_NVP(status), CEREAL_NVP(result));
  }
};

}  // namespace hubbub::proto
