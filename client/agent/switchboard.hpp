// One stream from the hub, many readers on this host.
//   Link::next() --apply--> Switchboard --> each reader of that room, from where it wants it on
//   a reader that begins in the past, or was too slow --heal--> pages of room.history, until it has caught up
// Every reader of a room has a cursor there, which moves by one: nothing comes twice, and what is missing is read or
// told. The agent subscribes to a pattern at the hub while anybody wants it. Lives on the Link's thread.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <unordered_map>
#include <vector>

#include "client/agent/reader.hpp"
#include "client/link/history_window.hpp"
#include "client/link/link.hpp"
#include "common/random.hpp"

namespace hubbub::agent {

class Switchboard {
 public:
  /// `rooms`: how many of them exist now and match.
  using Subscribed = std::function<void(Result<std::uint32_t> rooms)>;

  struct Wish {
    Pattern pattern;
    Seq from;             ///< the first message of each room that exists now; zero: what is said from now on
    bool events = false;  ///< presence and topics, too
  };

  /// `take_events` applies what the Link has already received. REQUIRES: `link` outlives it.
  Switchboard(asio::io_context& loop, link::Link& link, std::function<void()> take_events)
      : loop_(loop),
        link_(link),
        take_events_(std::move(take_events)),
        next_id_(static_cast<std::uint32_t>(random64() >> 33) + 1) {}
  ~Switchboard();
  Switchboard(const Switchboard&) = delete;
  Switchboard& operator=(const Switchboard&) = delete;

  /// The rooms that match are attached, then `subscribed` is called, once; in this call if the hub need not be asked. A
  /// room that the reader has by another pattern isn't attached again. Fails with unavailable while the hub is away,
  /// and with cancelled where the subscription was ended meanwhile.
  void subscribe(Reader& reader, const Wish& wish, Subscribed subscribed);
  /// False if it had no such subscription.
  bool unsubscribe(Reader& reader, const Pattern& pattern);
  /// Every subscription of its ends. Nothing is told it any more.
  void remove(Reader& reader);
  /// It isn't full any more.
  void drained(Reader& reader);
  /// The hub is away: who waits to be subscribed is told.
  void offline();
  /// The hub has ended the subscription to exactly that pattern, as with room.leave: it is asked again if anybody here
  /// wants it.
  void renew(const Pattern& pattern);

  /// What came from the hub.
  void apply(const link::Online& online) { hub_ = online.welcome; }
  void apply(const link::Message& message);
  void apply(const link::Gap& gap);
  void apply(const link::RoomAttached& attached);
  void apply(const link::Presence& presence);

  /// The room of that name; one that isn't known yet gets its id now.
  LocalRoom& room(const RoomName& name);
  [[nodiscard]] const LocalRoom* find(RoomId id) const;
  [[nodiscard]] std::size_t rooms_received() const;

 private:
  struct Station;
  using Done = std::function<void(const Result<void>&)>;
  /// One reader in one room.
  struct Attachment {
    Reader* reader;  ///< null once it has gone
    Station* station;
    Seq next;
    unsigned life = 0;     ///< another one since the room has begun anew
    bool behind = false;   ///< what comes is left to heal()
    bool healing = false;  ///< which is under way
  };
  struct Station {
    LocalRoom room;
    std::vector<std::shared_ptr<Attachment>> attachments;
  };
  struct Subscriber {
    std::uint64_t number = 0;  ///< another one for whoever comes to have the same address
    std::vector<Wish> wishes;
    std::vector<std::shared_ptr<Attachment>> attachments;
  };
  /// A pattern that the hub was asked for.
  struct Upstream {
    std::size_t wanted_by = 0;
    bool answered = false;
    std::vector<Done> waiting;
  };

  using Alive = std::shared_ptr<bool>;
  Station& station(const RoomName& name);
  void ask_hub(const Pattern& pattern, Done done);
  void spawn_ask(const Pattern& pattern);
  void answered(const Pattern& pattern, const Result<void>& outcome);
  void subscribed(Reader& reader, std::uint64_t number, const Wish& wish, const Result<void>& outcome,
                  const Subscribed& then);
  void release(const Pattern& pattern);
  void released(const Pattern& pattern);
  [[nodiscard]] std::uint32_t rooms_of(const Pattern& pattern) const;
  void rename(const RoomName& from, const RoomName& to);
  [[nodiscard]] bool is_received(const RoomName& name) const;
  Subscriber& subscriber(Reader& reader);
  void attach_existing(Reader& reader, const Wish& wish);
  static void attach(Reader& reader, Subscriber& subscriber, Station& station, Seq from);
  static void detach(Attachment& attachment);
  void fall_behind(const std::shared_ptr<Attachment>& attachment);
  void deliver(const std::shared_ptr<Attachment>& attachment, const LocalMessage& message);
  static void lose(Attachment& attachment, Seq first, Seq last);
  void heal(const std::shared_ptr<Attachment>& attachment);
  void take_page(Attachment& attachment, const proto::RoomHistory::Reply& page, Seq& before,
                 link::HistoryWindow& window);
  static asio::awaitable<void> ask(Switchboard& self, Pattern pattern, Alive alive);
  static asio::awaitable<void> stop_asking(Switchboard& self, Pattern pattern, Alive alive);
  static asio::awaitable<void> pause(Switchboard& self);
  static asio::awaitable<void> read_history(Switchboard& self, std::shared_ptr<Attachment> attachment, Alive alive);

  asio::io_context& loop_;
  link::Link& link_;
  std::function<void()> take_events_;
  std::unordered_map<RoomName, std::unique_ptr<Station>> stations_;
  std::unordered_map<RoomId, Station*> by_id_;
  std::unordered_map<Reader*, Subscriber> readers_;
  std::map<Pattern, Upstream> upstream_;
  std::optional<proto::Welcome> hub_;            ///< of whom comes what is applied
  std::multiset<Pattern> leaving_;               ///< the hub is being told; until then nothing new is asked
  std::vector<std::function<void()>> deferred_;  ///< until nothing is left of leaving_
  std::uint32_t next_id_;                        ///< others than those of an agent before, which clients may still know
  std::uint64_t subscribers_ = 0;                ///< that there were so far
  Alive alive_ = std::make_shared<bool>(true);
};

}  // namespace hubbub::agent
