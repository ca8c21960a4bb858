// How to speak to one kind of server, as far as the bench needs it: say who you are, publish, see deliveries.
//   Part --opening--> bytes --server--> --finish--> ready
//   body --publish--> bytes --server--> --parse--> body
// Stateless: what belongs to a connection stays with the connection.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace hubbub::bench {

/// What a connection is there for.
struct Part {
  bool publishes = false;
  bool subscribes = false;
  std::vector<std::uint32_t> rooms;  ///< subscribes to, or publishes to, all of these
  bool by_pattern = false;           ///< subscribes with a wildcard where the server has one
  bool acknowledged = false;         ///< publishes by publish_acknowledged(), and wants to hear that it is kept
  bool from_start = false;           ///< also gets what was said before; only of a server that keeps it
};

/// How far the greeting has come.
struct Greeting {
  bool done = false;
  std::size_t consumed = 0;                 ///< of what was received; the rest is looked at again, or is deliveries
  std::string answer;                       ///< to be sent now
  std::vector<std::uint32_t> room_handles;  ///< what the server calls the part's rooms, where it gives numbers
};

/// The first thing in what was received.
struct Parsed {
  std::size_t bytes = 0;     ///< it takes up this many; zero: more must come
  bool is_delivery = false;  ///< otherwise it is something to skip, after sending `answer`
  std::string_view body;
  std::string answer;
};

/// The first thing in what came to a publisher that wants acknowledgements.
struct Acknowledged {
  std::size_t bytes = 0;    ///< it takes up this many; zero: more must come
  std::uint64_t up_to = 0;  ///< so many of its publishes are kept, counted from its first
  std::uint64_t more = 0;   ///< or so many more than before
  std::string answer;
};

class Dialect {
 public:
  virtual ~Dialect() = default;

  /// What a client says first: all of it at once, as far as the server lets it.
  [[nodiscard]] virtual std::string opening(const Part& part) const = 0;
  /// Looks at everything received and not consumed yet. Throws Failed if the server refuses.
  [[nodiscard]] virtual Greeting finish(const Part& part, std::string_view received) const = 0;

  /// Appends one publish. `handle` is from the Greeting. For one size of body it always has the same size.
  virtual void publish(std::string& out, std::uint32_t room, std::uint32_t handle, std::string_view body) const = 0;
  /// Throws Failed on what must not come here: a refusal, an end, something unknown.
  [[nodiscard]] virtual Parsed parse(std::string_view received) const = 0;

  /// As publish(), but to be acknowledged: the connection's publish number `id`, counted from 1. The body is text.
  virtual void publish_acknowledged(std::string& out, std::uint32_t room, std::uint32_t handle, std::uint64_t id,
                                    std::string_view body) const;
  /// What came to whoever publishes so. Throws as parse() does, and where a publish was refused.
  [[nodiscard]] virtual Acknowledged parse_acknowledged(std::string_view received) const;

  /// Bytes of a delivery on the wire, the same for each of a run. `many_rooms`: its subscriber has more than one.
  [[nodiscard]] virtual std::size_t delivery_bytes(std::size_t body_bytes, bool many_rooms = false) const = 0;
  /// Bytes of what the server may put between deliveries now and then, its ping; zero if nothing.
  [[nodiscard]] virtual std::size_t ping_bytes() const { return 0; }
  /// One connection can publish and subscribe.
  [[nodiscard]] virtual bool duplex() const { return true; }
};

/// The name of a room on every server that has names: always 10 bytes, so that deliveries have one size.
std::string room_name(std::uint32_t room);
/// A pattern that matches that room alone, by a wildcard: `*` or what the server has for it.
std::string room_pattern(std::uint32_t room, char wildcard);

std::unique_ptr<Dialect> floor_dialect(std::size_t body_bytes);
std::unique_ptr<Dialect> hub_dialect();
std::unique_ptr<Dialect> nats_dialect();
std::unique_ptr<Dialect> redis_dialect();
std::unique_ptr<Dialect> mqtt_dialect();

}  // namespace hubbub::bench
