// What happened in durable rooms, as those outside of the hub saw it: the order of the list is the order in time.
//   producers: sent, acknowledged, forgotten    readers: attached, received, lost, left
//   retention: bounded, trimmed                at the end: kept, read
// A room, producer or reader is whatever number the test gives it. A reader is one stream of one room that goes on over
// reconnects: whoever begins anew is another reader.
#pragma once

#include <cstdint>
#include <vector>

namespace hubbub::test {

/// What a producer said under one of its publish ids. It never says anything else under that id.
struct Said {
  std::uint32_t producer = 0;
  std::uint64_t id = 0;       ///< 1, 2, 3 … for each room
  std::uint64_t content = 0;  ///< a hash of all that was said
  bool operator==(const Said&) const = default;
};

struct Happening {
  enum class What : std::uint8_t {
    sent,
    acknowledged,
    forgotten,
    attached,
    received,
    lost,
    left,
    bounded,
    trimmed,
    kept,
    read
  };
  What what = What::sent;
  std::uint32_t room = 0;
  std::uint32_t reader = 0;
  Said said;
  std::uint64_t seq = 0;
  std::uint64_t last = 0;  ///< of a range that begins at seq
  bool operator==(const Happening&) const = default;
};

class History {
 public:
  using What = Happening::What;

  /// Before the first byte of it can reach the hub; again for each time it is sent.
  void sent(std::uint32_t room, const Said& said) { list_.push_back({What::sent, room, 0, said, 0, 0}); }
  /// `seq` zero: taken too long ago for the hub to know where.
  void acknowledged(std::uint32_t room, std::uint32_t producer, std::uint64_t id, std::uint64_t seq) {
    list_.push_back({What::acknowledged, room, 0, {producer, id, 0}, seq, 0});
  }
  /// The hub says that it doesn't know this producer in that room.
  void forgotten(std::uint32_t room, std::uint32_t producer) {
    list_.push_back({What::forgotten, room, 0, {producer, 0, 0}, 0, 0});
  }

  /// The reader is promised everything from `next` on.
  void attached(std::uint32_t room, std::uint32_t reader, std::uint64_t next) {
    list_.push_back({What::attached, room, reader, {}, next, 0});
  }
  void received(std::uint32_t room, std::uint32_t reader, std::uint64_t seq, const Said& said) {
    list_.push_back({What::received, room, reader, said, seq, 0});
  }
  /// The reader was told that it can't have those.
  void lost(std::uint32_t room, std::uint32_t reader, std::uint64_t first, std::uint64_t last) {
    list_.push_back({What::lost, room, reader, {}, first, last});
  }
  /// The reader went away before all was quiet, so it need not have everything.
  void left(std::uint32_t room, std::uint32_t reader) { list_.push_back({What::left, room, reader, {}, 0, 0}); }

  /// Retention may give up all but the newest `at_least` messages. A room of which nothing is said is kept for ever.
  void bounded(std::uint32_t room, std::uint64_t at_least) {
    list_.push_back({What::bounded, room, 0, {}, at_least, 0});
  }
  /// The hub has given up what is before `first_kept`. A loss of power may bring some of it back.
  void trimmed(std::uint32_t room, std::uint64_t first_kept) {
    list_.push_back({What::trimmed, room, 0, {}, first_kept, 0});
  }

  /// The last reading of a room, when all is quiet: what it still has, followed by read() for all of that, in order.
  /// `first` > `last`: nothing.
  void kept(std::uint32_t room, std::uint64_t first, std::uint64_t last) {
    list_.push_back({What::kept, room, 0, {}, first, last});
  }
  void read(std::uint32_t room, std::uint64_t seq, const Said& said) {
    list_.push_back({What::read, room, 0, said, seq, 0});
  }

  [[nodiscard]] const std::vector<Happening>& list() const { return list_; }

 private:
  std::vector<Happening> list_;
};

}  // namespace hubbub::test
