// One producer's outbox: who it is, which publish ids it has given out, and what it has said that the hub hasn't
// acknowledged, in a file that outlives the program.
//   append --commit--> the file --read--> what is sent          acknowledged --commit--> gone from the file
// Holds Publish frames as they go out (see publish_frame.hpp), many to a row; the bytes lie in a file beside. What is
// changed is gathered and written by commit() as one transaction, which survives the end of the program at any moment.
// A loss of power may take the newest messages and transactions with it, and with them the memory of ids that the hub
// has seen: after a restart of the machine, and in a copied file, the producer is another one (see may_grow()).
//
// One process owns a file, by a lock that goes with the process. One thread uses it.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "client/link/outbox/frame_file.hpp"
#include "client/link/outbox/sqlite.hpp"
#include "common/descriptor.hpp"
#include "proto/ids.hpp"
#include "proto/text.hpp"

namespace hubbub::link {

class Outbox {
 public:
  /// What a file may hold, so that a hub that stays away for ever doesn't fill the disk.
  static constexpr std::int64_t bytes_max = 1ll << 30;
  /// Rooms whose next id it remembers. A file that has half as many and nothing else begins anew when it is opened, so
  /// that what earlier programs spoke to leaves room for the next one.
  static constexpr std::size_t rooms_max = 4096;

  /// A room, and its messages `first`, `first` + 1 … that the hub hasn't acknowledged.
  struct Room {
    RoomName name;
    PublishId first{1};  ///< where none is left: the next one
    std::uint64_t count = 0;
    PublishId sent;        ///< up to this one they may have been sent
    bool durable = false;  ///< as the hub has said when it was opened last
  };
  struct Frames {
    std::string bytes;
    std::uint64_t count = 0;
  };

  /// Opens the file, or makes it. Fails with already_exists if another process has it, with unavailable if it can't be
  /// used, with data_loss if it is something else or of a newer program.
  static Result<std::shared_ptr<Outbox>> open(const std::string& path);
  ~Outbox();  ///< Commits.
  Outbox(const Outbox&) = delete;
  Outbox& operator=(const Outbox&) = delete;

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] const ClientId& client() const { return client_; }
  [[nodiscard]] std::vector<Room> rooms() const;
  /// Messages that wait to be acknowledged.
  [[nodiscard]] std::uint64_t count() const;
  /// False where the machine was restarted, or the file copied, while something was left: that has to go out first.
  [[nodiscard]] bool may_grow() const { return may_grow_; }
  [[nodiscard]] bool is_full() const { return frames_.held_bytes() >= bytes_max; }
  /// Messages that were here and are damaged, as by a loss of power, and that nobody was told of yet.
  [[nodiscard]] std::uint64_t torn() const { return torn_; }
  /// The life of the hub that it talked to last.
  [[nodiscard]] const HubLife& life() const { return life_; }
  /// The data of that hub, to which the ids belong; nothing before the first one.
  [[nodiscard]] const std::optional<StoreId>& store() const { return store_; }

  // ── changes; a failure is told by commit() ─────────────────────────────────────────────────────────────────────────

  void append(const RoomName& room, std::string_view frames, std::uint64_t count);
  /// The hub has everything up to and with `id`.
  void acknowledged(const RoomName& room, PublishId id);
  /// Up to and with `id` they are about to be sent.
  void sending(const RoomName& room, PublishId id);
  /// That one was refused for good; those behind it move up. REQUIRES: it is there.
  void drop(const RoomName& room, PublishId id);
  /// The oldest one is `first` from now on, and those behind it count on from there.
  void renumber(const RoomName& room, PublishId first);
  /// Nobody knows whether the hub has the `count` oldest ones: they are kept for a person to decide.
  void set_aside(const RoomName& room, std::uint64_t count, std::string_view why);
  void clear(const RoomName& room) { acknowledged(room, PublishId{UINT64_MAX}); }
  /// Room `from` is called `to` from now on; what was called so is forgotten.
  void rename(const RoomName& from, const RoomName& to);
  /// What is left of `from` comes behind what is left of `into`, and `from` is forgotten.
  void merge(const RoomName& from, const RoomName& into);
  void set_durable(const RoomName& room, bool durable);
  void set_life(const HubLife& life);
  void set_store(const StoreId& store);
  /// The producer is about to be registered.
  void registering();
  /// It was, and this is its epoch now. False if somebody else has registered it since: this file is an old copy.
  [[nodiscard]] bool registered(std::uint64_t epoch);
  /// Under another client id, from 1 on, as if nothing had been sent.
  void renew();
  /// Says again as new what was set aside, behind what waits. REQUIRES: may_grow().
  void resend();
  /// Drops what is damaged, which torn() counts.
  void drop_torn();
  void told_torn();
  /// Forgets all that is left and what was set aside.
  void discard();

  [[nodiscard]] bool has_changes() const { return open_; }
  /// Writes what was changed since the last time; all of it or nothing. After a failure every later one fails, too.
  Result<void> commit();

  // ── what is there ──────────────────────────────────────────────────────────────────────────────────────────────────

  /// Messages from `from` on that lie together: some, but not all. REQUIRES: that one is there.
  Result<Frames> read(const RoomName& room, PublishId from);

  /// For people: what is left, and what was set aside, by room.
  struct Waiting {
    std::string room;
    std::uint64_t count = 0;
    WallTime since;   ///< when the oldest was said
    std::string why;  ///< it was set aside; empty: it was not
  };
  std::vector<Waiting> waiting();

 private:
  struct Row {
    std::int64_t id = 0;
    Room room;
    bool changed = false;
    bool shrunk = false;
  };
  /// Messages `first` … of a room that lie together.
  struct Batch {
    std::int64_t id = 0;
    std::int64_t first = 0;
    std::int64_t count = 0;
    Extent extent;
  };

  explicit Outbox(std::string path) : path_(std::move(path)) {}
  Result<void> start();
  Result<void> check_kind();
  void load();
  void know_place();
  [[nodiscard]] std::string place() const;
  Row& row(const RoomName& name);
  void begin();
  void changed(Row& row);
  void write(Row& row);
  void delete_acknowledged(const Row& row);
  void drop_torn_aside();
  [[nodiscard]] bool is_torn(const Extent& extent) const;
  void forget_aside();
  void forget_rooms();
  std::optional<Batch> find(const Row& row, PublishId id);
  std::string frames_of(const Batch& batch);
  std::optional<Extent> put(std::string_view frames);
  void trim(Row& row);
  void erase(const RoomName& room);
  void rewrite(const Batch& batch, std::string_view frames, std::int64_t first, std::int64_t count);
  void move(Row& row, PublishId from, std::int64_t by);
  void set_registrations(std::uint64_t count);
  void set_meta(const char* key, std::string_view value);
  std::string meta(const char* key);
  void check(bool done);

  std::string path_;
  Descriptor lock_;
  Sqlite file_;
  FrameFile frames_;
  Statement insert_batch_, update_room_, delete_batches_, find_batch_, move_batches_;
  ClientId client_;
  HubLife life_;
  std::optional<StoreId> store_;
  std::optional<std::uint64_t> registrations_;  ///< that were begun; the hub's epoch is no more than that
  bool may_grow_ = true;
  bool open_ = false;  ///< a transaction is
  std::uint64_t torn_ = 0;
  std::optional<Error> failed_;
  std::unordered_map<RoomName, Row> rows_;
};

}  // namespace hubbub::link
