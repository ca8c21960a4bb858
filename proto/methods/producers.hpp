// The hub's methods about producers: clients whose publishes take effect once, over crashes of either side.
#pragma once

#include "proto/methods/rooms.hpp"

namespace hubbub::proto {

/// This session's client id is the caller's from now on, for good, and this session alone may publish under it: another
/// session with the same client id is refused as `fenced`. Needed only by clients that keep their id across restarts.
/// Fails with permission_denied if the client id is another person's, and with resource_exhausted where the hub can
/// remember no more of them. It remembers 262,144: past that it forgets who registered longest ago and isn't there. Who
/// comes back then is refused by the rooms that have forgotten them too, and goes on in the others.
struct ProducerRegister {
  static constexpr std::string_view name = "producer.register";
  static constexpr std::string_view help = "become the only session that publishes under this client id";
  static constexpr bool changes =
      false;  // of this session: after a reconnect it must run again, and gives another epoch
  template <class Archive>
  void serialize(Archive&) {}
  struct Reply {
    std::uint64_t epoch = 0;  ///< one more than the last time; behind all that were forgotten for one that comes anew
    template <class Archive>
    void serialize(Archive& ar) {
      ar(CEREAL_NVP(epoch));
    }
  };
};

}  // namespace hubbub::proto
