#include "tests/sim/sim_store.hpp"

namespace hubbub::sim {

using server::Batch;
using server::Changes;
using server::Record;

SimStore::SimStore(const Surroundings& surroundings, std::unique_ptr<server::sqlite::Writer> writer,
                   std::unique_ptr<server::sqlite::Reader> reader, server::StoreOutlet& outlet,
                   std::function<void()> died)
    : surroundings_(surroundings),
      ends_of_disk_(surroundings.disk.ends()),
      writer_(std::move(writer)),
      reader_(std::move(reader)),
      outlet_(outlet),
      died_(std::move(died)),
      to_hub_(surroundings.world) {}

// ── writing ──────────────────────────────────────────────────────────────────────────────────────────────────────────

void SimStore::append(unsigned, Batch batch, std::function<void()> committed) {
  if (show_appended_) show_appended_(batch);
  give(std::move(batch), std::move(committed));
}

void SimStore::change(unsigned, Changes changes, std::function<void()> committed) {
  give(std::move(changes), std::move(committed));
}

void SimStore::give(Record record, std::function<void()> committed) {
  waiting_.push_back(std::move(record));
  told_when_committed_.push_back(std::move(committed));
  if (std::exchange(works_, true)) return;
  surroundings_.world.in(disk_time_us(), life_, [this] { work(); });
}

std::uint64_t SimStore::disk_time_us() {
  auto& dice = surroundings_.world.dice();
  return surroundings_.weather.disk_is_slow ? dice.between(50'000, 2'000'000) : dice.between(20, 5'000);
}

void SimStore::work() {
  auto& dice = surroundings_.world.dice();
  if (group_.empty()) {
    for (auto count = dice.between(1, 64); count > 0 && !waiting_.empty(); --count) {
      group_.push_back(std::move(waiting_.front()));
      waiting_.pop_front();
    }
  }
  commit();
  if (still_lives() && dice.one_in(4)) tend();
  if (!still_lives()) return;
  works_ = !group_.empty() || !waiting_.empty();
  if (!works_) return;
  constexpr std::uint64_t pause_after_failure_us = 300'000;
  const auto pause_us = in_trouble_ ? pause_after_failure_us : 0;
  surroundings_.world.in(disk_time_us() + pause_us, life_, [this] { work(); });
}

void SimStore::commit() {
  const auto done = writer_->commit(group_);
  if (!still_lives()) return;
  if (!done) return tell_trouble(done.error().sentence);
  if (in_trouble_) tell_trouble("");
  tell_erased();
  for (auto count = group_.size(); count > 0; --count) {
    to_hub(std::move(told_when_committed_.front()));
    told_when_committed_.pop_front();
  }
  group_.clear();
}

void SimStore::tell_erased() {
  for (const auto& [room, seq] : writer_->take_erased()) to_hub([=, this] { outlet_.erased(room, seq); });
}

void SimStore::tend() {
  const auto tended = writer_->tend(surroundings_.world.wall());
  if (!still_lives()) return;
  if (tended && tended->trimmed.value != 0) {
    surroundings_.world.tell("trimmed to " + std::to_string(tended->first_kept.value));
    to_hub([this, tended] { outlet_.trimmed(tended->trimmed, tended->first_kept); });
  }
  tell_erased();
  if (surroundings_.world.dice().one_in(2)) (void)writer_->shorten_log(true);
}

void SimStore::tell_trouble(const std::string& why) {
  in_trouble_ = !why.empty();
  to_hub([this, why] { outlet_.trouble(why); });
}

// ── reading ──────────────────────────────────────────────────────────────────────────────────────────────────────────

void SimStore::read(unsigned, RoomId room, Seq from, Seq until, std::size_t bytes_max,
                    std::function<void(Result<server::LogRead>)> then) {
  surroundings_.world.in(disk_time_us(), life_, [=, this] {
    const auto found = reader_->read(room, from, until, bytes_max);
    if (still_lives()) to_hub([=] { then(found); });
  });
}

void SimStore::find_time(unsigned, RoomId room, WallTime time, std::function<void(Result<Seq>)> then) {
  surroundings_.world.in(disk_time_us(), life_, [=, this] {
    const auto found = reader_->find_time(room, time);
    if (still_lives()) to_hub([=] { then(found); });
  });
}

void SimStore::later(unsigned, server::LaterWish wish, std::function<void(Result<server::LaterFound>)> then) {
  surroundings_.world.in(disk_time_us(), life_, [=, this] {
    const auto found = reader_->later(wish);
    if (still_lives()) to_hub([=] { then(found); });
  });
}

void SimStore::amendments(unsigned, RoomId room, server::AmendmentsWish wish,
                          std::function<void(Result<std::vector<std::string>>)> then) {
  surroundings_.world.in(disk_time_us(), life_, [=, this] {
    const auto found = reader_->amendments(room, wish);
    if (still_lives()) to_hub([=] { then(found); });
  });
}

void SimStore::pinned(unsigned, RoomId room, std::function<void(Result<std::vector<Seq>>)> then) {
  surroundings_.world.in(disk_time_us(), life_, [=, this] {
    const auto found = reader_->pinned(room);
    if (still_lives()) to_hub([=] { then(found); });
  });
}

void SimStore::search(unsigned, server::SearchWish, std::function<void(Result<server::SearchFound>)> then) {
  to_hub([=] { then(server::SearchFound{}); });
}

void SimStore::find_answer(unsigned, ClientId client, CallId call,
                           std::function<void(Result<std::optional<server::KeptAnswer>>)> then) {
  surroundings_.world.in(disk_time_us(), life_, [=, this] {
    const auto found = reader_->find_answer(client, call);
    if (still_lives()) to_hub([=] { then(found); });
  });
}

void SimStore::keep(RoomId room, server::RoomPolicy policy) {
  if (surroundings_.mutant == Mutant::trims_too_much) policy.messages = 1;
  writer_->keep(room, policy);
}

// ── between the two ──────────────────────────────────────────────────────────────────────────────────────────────────

void SimStore::to_hub(std::function<void()> task) {
  to_hub_.send(surroundings_.world.dice().between(0, 500), life_, std::move(task));
}

/// Where the program was ended in the middle of what has just been done, nothing of it is told to anybody.
bool SimStore::still_lives() {
  if (surroundings_.disk.ends() == ends_of_disk_) return true;
  if (!std::exchange(is_dead_, true)) died_();
  return false;
}

}  // namespace hubbub::sim
