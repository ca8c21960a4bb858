// Services: methods that programs offer. The hub's own are about who offers what; a call of `NAME.METHOD` that is none
// of the hub's goes to a provider, with a ServiceCall for its arguments and a ServiceReply for its reply.
#pragma once

#include <vector>

#include "proto/methods/rooms.hpp"

namespace hubbub::proto {

/// One method of a service, as its provider describes it.
struct ServiceMethod {
  GroupName name;           ///< one token: `scale` of `image.scale`
  Text arguments;           ///< for people: `file width [height]`
  bool repeatable = false;  ///< run twice it does no more than once, so a lost call may be handed to another provider
  template <class Archive>
  void serialize(Archive& ar) {
    ar(CEREAL_NVP(name), CEREAL_NVP(arguments), CEREAL_NVP(repeatable));
  }
};

/// From now on the caller's session may be given Invokes. Offered again it is described anew. Fails with
/// already_exists for a name of the hub's own methods, with resource_exhausted past the hub's bounds.
struct ServiceOffer {
  static constexpr std::string_view name = "service.offer";
  static constexpr std::string_view help = "offer a service: be given the calls of its methods";
  static constexpr bool changes = false;  // of the session, not of the hub: after a reconnect it must run again
  using Reply = Done;
  MethodName service;
  Topic about;  ///< one line for people
  Topic host;
  std::uint32_t at_once = 1;  ///< calls that it runs at a time; past it others are asked, or the caller is refused
  std::vector<ServiceMethod> methods;  ///< none: any
  template <class Archive>
  void serialize(Archive& ar) {
    ar(CEREAL_NVP(service), CEREAL_NVP(about), CEREAL_NVP(host), CEREAL_NVP(at_once), CEREAL_NVP(methods));
  }
};

/// No more Invokes; those that were given are finished. Fails with not_found where it isn't offered by this session.
struct ServiceWithdraw {
  static constexpr std::string_view name = "service.withdraw";
  static constexpr std::string_view help = "stop offering a service";
  static constexpr bool changes = false;
  using Reply = Done;
  MethodName service;
  template <class Archive>
  void serialize(Archive& ar) {
    ar(CEREAL_NVP(service));
  }
};

/// One that offers a service, and how it has done since it began to.
struct ServiceProvider {
  std::uint64_t number = 0;  ///< counts up with every offer of this life of the hub
  MethodName service;
  PersonName provider;
  Topic host;
  Topic about;
  WallTime since;
  std::uint32_t at_once = 0;
  std::uint32_t running = 0;  ///< now
  std::uint64_t calls = 0;    ///< that have ended
  std::uint64_t errors = 0;   ///< of them, with another status than ok
  std::uint32_t p50_us = 0;   ///< of the newest 512 that have ended, by the hub's clock
  std::uint32_t p99_us = 0;
  std::vector<ServiceMethod> methods;
  template <class Archive>
  void serialize(Archive& ar) {
    ar(CEREAL_NVP(number), CEREAL_NVP(service), CEREAL_NVP(provider), CEREAL_NVP(host), CEREAL_NVP(about),
       CEREAL_NVP(since), CEREAL_NVP(at_once), CEREAL_NVP(running), CEREAL_NVP(calls), CEREAL_NVP(errors),
       CEREAL_NVP(p50_us), CEREAL_NVP(p99_us), CEREAL_NVP(methods));
  }
};

/// Who offers what, by the number of the offer.
struct ServiceList {
  static constexpr std::string_view name = "service.list";
  static constexpr std::string_view help = "the services that programs offer, their methods, and how they do";
  static constexpr bool changes = false;
  static constexpr bool large_reply = true;
  Text service;             ///< empty: all of them
  std::uint64_t after = 0;  ///< only offers with a higher number: how to ask for the next page
  template <class Archive>
  void serialize(Archive& ar) {
    ar(CEREAL_NVP(service), CEREAL_NVP(after));
  }
  struct Reply {
    std::vector<ServiceProvider> providers;
    bool more = false;
    template <class Archive>
    void serialize(Archive& ar) {
      ar(CEREAL_NVP(providers), CEREAL_NVP(more));
    }
  };
};

/// How often a call of a service takes effect.
enum class Once : std::uint8_t {
  at_most = 0,  ///< once or, where a provider or the hub is lost, perhaps not at all
  exactly = 1,  ///< call and answer are kept on the hub's disk; it is handed out, with its key, until it is answered
};
inline constexpr std::array<std::string_view, 2> once_names = {"at-most", "exactly"};
constexpr std::span<const std::string_view> names_of(Once) { return once_names; }

/// The arguments of a call of a service, as they stand in Call.
struct ServiceCall {
  bool all = false;  ///< of every provider; the reply has the answers that came until the deadline. Not with `exactly`
  Once once = Once::at_most;
  Rest arguments;
  template <class Archive>
  void serialize(Archive& ar) {
    ar(CEREAL_NVP(all), CEREAL_NVP(once), CEREAL_NVP(arguments));
  }
};

struct ServiceAnswer {
  PersonName provider;
  Topic host;
  Status status = Status::ok;
  std::uint32_t took_us = 0;  ///< by the hub's clock, from the Invoke to the Outcome
  Blob result;                ///< with another status than ok the sentence that says why
  template <class Archive>
  void serialize(Archive& ar) {
    ar(CEREAL_NVP(provider), CEREAL_NVP(host), CEREAL_NVP(status), CEREAL_NVP(took_us), CEREAL_NVP(result));
  }
};

/// What a call of a service is answered with. Where one provider was asked, and refused or failed, the Reply has that
/// status and sentence instead.
struct ServiceReply {
  bool replayed = false;       ///< it ran before, and this is what came of it then
  std::uint16_t attempts = 1;  ///< providers that it was handed to, one after the other
  std::vector<ServiceAnswer> answers;
  template <class Archive>
  void serialize(Archive& ar) {
    ar(CEREAL_NVP(replayed), CEREAL_NVP(attempts), CEREAL_NVP(answers));
  }
};

}  // namespace hubbub::proto
