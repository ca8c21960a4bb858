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
    Text trouble;                 ///< why the hub can't keep messages right now; empty while all is well
    template <class Archive>
    void serialize(Archive& ar) {
      ar(CEREAL_NVP(version), CEREAL_NVP(uptime_s), CEREAL_NVP(cores), CEREAL_NVP(sessions), CEREAL_NVP(people),
         CEREAL_NVP(rooms), CEREAL_NVP(published), CEREAL_NVP(delivered), CEREAL_NVP(trouble));
    }
  };
};

/// A forked child writes what the hub holds in memory (sessions, rooms, queues, cursors, memory) to a file in its data
/// directory, while the hub serves on. Answered when the file is whole. For operators: root and the user that the hub
/// runs as, over its UNIX socket; others are refused with permission_denied. Fails with resource_exhausted while
/// another dump is written, failed_precondition where the hub has no data directory.
struct HubDump {
  static constexpr std::string_view name = "hub.dump";
  static constexpr std::string_view help = "write a picture of the hub's live state to a JSON file on the hub's host";
  static constexpr bool changes = false;
  template <class Archive>
  void serialize(Archive&) {}
  struct Reply {
    Text file;  ///< on the hub's host
    std::uint64_t bytes = 0;
    std::uint32_t pause_us = 0;  ///< for so long the hub stood still, to be forked
    std::uint32_t took_ms = 0;   ///< until the file was whole
    template <class Archive>
    void serialize(Archive& ar) {
      ar(CEREAL_NVP(file), CEREAL_NVP(bytes), CEREAL_NVP(pause_us), CEREAL_NVP(took_ms));
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
