// Every bound that the hub decides on by itself: what it is by default, between what it may be set, and why.
// What both ends of the wire must agree on stands in proto/limits.hpp. A `Bound` is a key of the configuration: see
// config.hpp for where it is read and config_settings.cpp for what it is called.
#pragma once

#include <chrono>
#include <cstdint>

#include "proto/limits.hpp"

namespace hubbub::server {

/// A number that an operator may set.
struct Bound {
  std::uint64_t standard;  ///< unless set
  std::uint64_t min;
  std::uint64_t max;
};

namespace bounds {

inline constexpr std::uint64_t KiB = 1024;
inline constexpr std::uint64_t MiB = 1024 * KiB;
inline constexpr std::uint64_t GiB = 1024 * MiB;

/// Zero takes one core per processor. The most that one word has bits for (see Waiters in common/mailbox.hpp).
inline constexpr Bound cores{0, 0, 64};

/// An idle connection costs under 2 KiB and a descriptor: 128 MiB for all of them.
inline constexpr Bound connections{65536, 1, 1'000'000};
/// One address may be a whole office behind a router, or one broken program: a quarter leaves room for the others.
inline constexpr Bound connections_per_address{16384, 1, 1'000'000};

/// People that the hub remembers. Past it, those who are offline and in no room are forgotten, unless they are verified
/// and own one; where that isn't enough, somebody new is refused. As many as there can be connections.
inline constexpr std::size_t people_max = connections.max;

/// Room names are made up by clients, and a room that has said something keeps its tail.
inline constexpr Bound rooms{16384, 1, 1'000'000};
/// People in one reply: each with the longest name and the longest words about being away.
inline constexpr std::size_t people_per_reply_max =
    (limits::frame_bytes_max - 4 * KiB) / (limits::person_name_bytes_max + limits::away_bytes_max + 16);
/// A list of members must fit into one reply.
inline constexpr Bound members_per_room{3072, 1, 3072};
static_assert(members_per_room.max <= people_per_reply_max && people_per_reply_max <= limits::list_items_max);

/// What one session may ask the hub to remember for it.
inline constexpr Bound rooms_per_session{16384, 1, 1'000'000};
inline constexpr Bound patterns_per_session{16384, 1, 1'000'000};
/// What one person may be member of: shown and remembered, so dearer than a subscription.
inline constexpr Bound joins_per_person{1024, 1, 65536};
/// Cursors of one person, their own and those of their durable consumers: each of a hundred bytes in memory.
inline constexpr std::size_t cursors_per_person_max = 16384;
inline constexpr Bound calls_in_flight{1024, 1, 65536};

/// A search looks at so many messages and for so long, and then says where to go on: one thread answers them all.
inline constexpr std::size_t search_candidates_max = 1'000'000;
inline constexpr std::uint64_t search_ms_max = 1000;
/// One that has come nowhere by then, because its words are too common even for one part of the index, is refused.
inline constexpr std::uint64_t search_stuck_ms_max = 5000;
static_assert(search_ms_max <= search_stuck_ms_max);

/// Messages a second and at once (token bucket). Zero: no limit, and a second's worth.
inline constexpr Bound message_rate{0, 0, 100'000'000};
inline constexpr Bound message_burst{0, 0, 100'000'000};

/// Output of a session that its peer hasn't taken yet. Past it the session reads from its rooms' tails at its own pace.
/// At least a batch of the fan-out, or nobody could ever keep up.
inline constexpr Bound queued_bytes{1 * MiB, 64 * KiB, 1 * GiB};
/// Replies kept for a caller that comes back after a loss and asks again.
inline constexpr Bound reply_cache{16384, 1, 1'000'000};
/// The same of what services have answered, which may be long: beside their number, the bytes of these.
inline constexpr std::size_t service_replies_bytes_max = 64 * MiB;
/// Offers of services: each may be described in 16 KiB.
inline constexpr std::size_t services_per_session_max = 64;
inline constexpr std::size_t services_max = 4096;
/// Invokes that one session owes the Outcome of, however many it says that it runs at once: 1 MiB of the hub's memory.
inline constexpr std::size_t services_running_per_session_max = 4096;
/// Answers of calls to all providers that wait for those of others.
inline constexpr std::size_t services_gathered_bytes_max = 64 * MiB;
/// Exactly-once calls that aren't answered yet, and the bytes of their arguments; as many again may be looked up.
inline constexpr std::size_t exact_calls_max = 10'000;
inline constexpr std::size_t exact_calls_bytes_max = 64 * MiB;
/// Of these, those of one person: they may wait for ever, and others want their place.
inline constexpr std::size_t exact_calls_per_person_max = 1000;

/// Queue groups that acknowledge: each may hold 400 KiB of the hub's memory while its members don't settle anything.
inline constexpr std::size_t groups_per_room_max = 64;
inline constexpr std::size_t groups_max = 4096;
/// Messages of such a group that are out, failed or on their way to the dead. Past it nothing new is handed out.
inline constexpr std::size_t group_unsettled_max = 4096;
/// Of these, on their way to the dead, each with what its worker has said. Past it nothing is handed out, new or again:
/// what is out then may still join them.
inline constexpr std::size_t group_dying_max = 64;
/// A member that has given a message back, or could not be reached, is given nothing for so long: it is about to leave,
/// or doesn't read.
inline constexpr std::chrono::milliseconds group_pause{1000};

/// What one person may have waiting to be posted later. It is on the disk; the hub counts it.
inline constexpr std::size_t later_per_person_max = 1'000'000;
/// How far ahead that may be: ten years. Whoever wants more has mistaken the unit.
inline constexpr std::uint64_t later_ahead_ms_max = 10ull * 366 * 24 * 3600 * 1000;
/// Of what is due: on its way into its room at once, which the hub remembers, and read from the disk at once.
inline constexpr std::size_t later_posting_max = 16384;
inline constexpr std::size_t later_posting_bytes_max = 8 * MiB;
inline constexpr std::size_t later_read_max = 1024;
/// The hub looks at the clock at least so often while something waits for its time, since a clock may be set; and waits
/// so long after the disk has failed.
inline constexpr std::uint64_t later_look_ms = 1000;
inline constexpr std::size_t later_per_reply_max = 100;
/// How long a client has to come back before its last will is posted: a few tries of a Link.
inline constexpr std::uint64_t will_grace_ms = 3000;
/// The last wills of all sessions, each at most a message.
inline constexpr std::size_t wills_bytes_max = 64 * MiB;

/// What the rooms of one core remember of producers, all together: of at most 131,072 their last id (30 MiB), and of
/// their newest publishes 2 million seqs and hashes (32 MiB). Past it the rooms that were published to longest ago give
/// something up; two rooms full of producers are always remembered.
inline constexpr std::size_t producers_per_core_max = 1u << 17;
inline constexpr std::size_t producer_seqs_per_core_max = 1u << 21;
/// Of refused publishes: whom a room has told what it expects, so that it needs to be told only once.
inline constexpr std::size_t told_per_core_max = 1u << 16;
/// Registrations of producers. Past it the one that registered longest ago, and isn't there, is forgotten. Four for
/// each connection.
inline constexpr std::size_t registrations_max = 4 * connections.standard;

/// Dumps that stay in the data directory: each may be as large as the hub's memory.
inline constexpr std::size_t dumps_max = 8;

/// What a room remembers, and all of them together. Whoever takes a burst of a million short messages half as fast as
/// it comes (a script, a terminal) still gets every one. More would cost the hub its caches: see docs/performance.md.
inline constexpr Bound tail_messages{1'000'000, 1, 100'000'000};
inline constexpr Bound tail_bytes{32 * MiB, 64 * KiB, 64 * GiB};
inline constexpr Bound tail_total_bytes{256 * MiB, 64 * KiB, 1024 * GiB};

/// From the connection to a whole Hello: long enough for a bad mobile line, short enough against idle connections.
inline constexpr Bound handshake_ms{5000, 100, 600'000};
/// Silence before the hub asks, and how long it waits for the answer: a half-open connection ends after the sum.
inline constexpr Bound ping_ms{60'000, 100, 86'400'000};
inline constexpr Bound pong_ms{30'000, 100, 86'400'000};
/// What a stopping hub gives its clients to take what is queued; below the 10 s after which Docker kills.
inline constexpr Bound drain_ms{5000, 0, 600'000};

/// One tail must be able to fill, and a queue to hold what the smallest of them keeps.
static_assert(tail_bytes.standard <= tail_total_bytes.standard && tail_bytes.min <= tail_total_bytes.min);
static_assert(connections_per_address.standard <= connections.standard);

}  // namespace bounds

}  // namespace hubbub::server
