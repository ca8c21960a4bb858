// The hub's methods about itself.
#pragma once

#include "proto/methods/rooms.hpp"

namespace hubbub::proto {

struct HubPing {
  static constexpr std::string_view name = "hub.ping";
  static constexpr std::string_view help = "is the hub there, and what time does it have";
  static constexpr bool changes = false;
  template <class Archive>
  void serialize(Archive&) {}
  struct Reply {
    WallTime time;
    template <class Archive>
    void serialize(Archive& ar) {
      ar(CEREAL_NVP(time));
    }
  };
};

struct HubInfo {
  static constexpr std::string_view name = "hub.info";
  static constexpr std::string_view help = "what the hub is and how busy";
  static constexpr bool changes = false;
  template <class Archive>
  void serialize(Archive&) {}
  struct Reply {
    Text version;
    std::uint64_t uptime_s = 0;
    std::uint32_t cores = 0;
    std::uint32_t sessions = 0;
    std::uint32_t people = 0;
    std::uint32_t rooms = 0;
    std::uint64_t published = 0;  ///< messages since the start
    std::uint64_t delivered = 0;  ///< messages handed to subscribers since the start
    template <class Archive>
    void serialize(Archive& ar) {
      ar(CEREAL_NVP(version), CEREAL_NVP(uptime_s), CEREAL_NVP(cores), CEREAL_NVP(sessions), CEREAL_NVP(people),
         CEREAL_NVP(rooms), CEREAL_NVP(published), CEREAL_NVP(delivered));
    }
  };
};

struct MethodInfo {
  Text name;
  Text help;
  template <class Archive>
  void serialize(Archive& ar) {
    ar(CEREAL_NVP(name), CEREAL_NVP(help));
  }
};

struct HubMethods {
  static constexpr std::string_view name = "hub.methods";
  static constexpr std::string_view help = "the methods that this hub has";
  static constexpr bool changes = false;
  template <class Archive>
  void serialize(Archive&) {}
  struct Reply {
    std::vector<MethodInfo> methods;
    template <class Archive>
    void serialize(Archive& ar) {
      ar(CEREAL_NVP(methods));
    }
  };
};

}  // namespace hubbub::proto
