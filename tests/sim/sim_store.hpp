// The Store of a simulation: the hub's own Writer and Reader on a disk that fails, and no threads.
//   append, change --> [records] --a group, after a while--> Writer --committed--> the hub, after another while
// How it groups, waits and tries again is as in the store of a real hub; when, the dice decide.
#pragma once

#include <deque>
#include <memory>

#include "server/log/sqlite/reader.hpp"
#include "server/log/sqlite/writer.hpp"
#include "server/log/store.hpp"
#include "tests/sim/mutant.hpp"
#include "tests/sim/world.hpp"
#include "tests/support/faulty_disk.hpp"
#include "tests/support/history.hpp"

namespace hubbub::sim {

/// How things stand in the world of the hub; changes while it runs.
struct Weather {
  bool disk_is_slow = false;
};

class SimStore final : public server::Store {
 public:
  struct Surroundings {
    World& world;
    test::FaultyDisk& disk;
    const Weather& weather;
    test::History& history;
    Mutant mutant = Mutant::none;
  };
  static constexpr auto path = "hub.db";

  /// `died` is called when the program ended in the middle of something; the store does nothing any more then.
  SimStore(const Surroundings& surroundings, std::unique_ptr<server::sqlite::Writer> writer,
           std::unique_ptr<server::sqlite::Reader> reader, server::StoreOutlet& outlet, std::function<void()> died);

  void append(unsigned core, server::Batch batch, std::function<void()> committed) override;
  void change(unsigned core, server::Changes changes, std::function<void()> committed) override;
  void read(unsigned core, RoomId room, Seq from, Seq until, std::size_t bytes_max,
            std::function<void(Result<server::LogRead>)> then) override;
  void find_time(unsigned core, RoomId room, WallTime time, std::function<void(Result<Seq>)> then) override;
  void later(unsigned core, server::LaterWish wish, std::function<void(Result<server::LaterFound>)> then) override;
  void amendments(unsigned core, RoomId room, server::AmendmentsWish wish,
                  std::function<void(Result<std::vector<std::string>>)> then) override;
  void pinned(unsigned core, RoomId room, std::function<void(Result<std::vector<Seq>>)> then) override;
  void search(unsigned core, server::SearchWish wish, std::function<void(Result<server::SearchFound>)> then) override;
  void find_answer(unsigned core, ClientId client, CallId call,
                   std::function<void(Result<std::optional<server::KeptAnswer>>)> then) override;
  void keep(RoomId room, server::RoomPolicy policy) override;

  /// Called with each batch long before it is committed: what a hub that is wrong looks at.
  void show_appended(std::function<void(const server::Batch&)> to) { show_appended_ = std::move(to); }

 private:
  void give(server::Record record, std::function<void()> committed);
  void work();
  void commit();
  void tend();
  void tell_erased();
  void tell_trouble(const std::string& why);
  void to_hub(std::function<void()> task);
  [[nodiscard]] std::uint64_t disk_time_us();
  bool still_lives();

  Surroundings surroundings_;
  const unsigned ends_of_disk_;
  std::unique_ptr<server::sqlite::Writer> writer_;
  std::unique_ptr<server::sqlite::Reader> reader_;
  server::StoreOutlet& outlet_;
  std::function<void()> died_;
  std::function<void(const server::Batch&)> show_appended_;

  std::deque<server::Record> waiting_;
  std::deque<std::function<void()>> told_when_committed_;  // of those, and before them of the group
  std::vector<server::Record> group_;                      // that is committed, or tried again
  bool works_ = false, in_trouble_ = false, is_dead_ = false;
  Pipe to_hub_;
  Life life_ = new_life();
};

}  // namespace hubbub::sim
